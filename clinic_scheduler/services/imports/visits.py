"""Rows of a log into visits: one patient, day, indication and product, with its vials or sites, units summed exactly.

A visit is known again by its rows: the nth copy of a row against the nth. Nothing is read or written here.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clinic_scheduler.services.imports.lookups import LogRow
from clinic_scheduler.services.treatments.treatments import VialEntry

# A lot nobody wrote down, beside others that are; an import reads it back as none.
LOT_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Visit:
    """The rows of one visit, in the file's order. What differs between them is settled once, here.

    `fingerprints` are the rows' own, each copy of a row with its number among all of the visit's.
    """

    rows: tuple[LogRow, ...]
    fingerprints: tuple[str, ...]

    @property
    def first(self) -> LogRow:
        return self.rows[0]

    @property
    def given_on(self) -> date:
        return self.first.given_on

    @property
    def indication(self) -> str | None:
        return self.first.indication

    @property
    def product(self) -> str | None:
        return self.first.product

    @property
    def units(self) -> Decimal | None:
        """None where a row does not say: less would be a guess."""
        known = [_exact(row.units) for row in self.rows]
        return None if None in known else sum((each for each in known if each is not None), Decimal(0))

    @property
    def units_wasted(self) -> Decimal | None:
        known = [_exact(row.units_wasted) for row in self.rows if row.units_wasted is not None]
        return sum((each for each in known if each is not None), Decimal(0)) if known else None

    @property
    def outcome(self) -> str:
        """Partial where its rows differ: a visit counts as complete only where all of it was."""
        told = {row.outcome for row in self.rows}
        return told.pop() if len(told) == 1 else "partial"

    @property
    def kind(self) -> str:
        """A touch-up where all of it was one."""
        told = {row.kind for row in self.rows}
        return told.pop() if len(told) == 1 else "cycle"

    @property
    def notes(self) -> str:
        return "\n".join(dict.fromkeys(row.notes for row in self.rows if row.notes))

    @property
    def provider_name(self) -> str | None:
        """Who gave it here; somebody of another place is none of the clinic's providers."""
        if self.first.elsewhere:
            return None
        return next((row.provider_name for row in self.rows if row.provider_name), None)

    @property
    def location(self) -> str | None:
        return next((row.location for row in self.rows if row.location), None)

    @property
    def needs(self) -> str:
        """What has to be said before it can belong to a course; nothing where no toxin was given."""
        return self.first.needs if self.units != 0 else ""

    @property
    def lot(self) -> str | None:
        """Its lot; of several, the first and how many more."""
        lots = list(dict.fromkeys(row.lot for row in self.rows if row.lot))
        if len(lots) < 2:
            return lots[0] if lots else None
        return f"{lots[0][:30]} and {len(lots) - 1} more"

    @property
    def lot_expires_on(self) -> date | None:
        """The one that decides: one lot out of date is enough (DD-8)."""
        return min((row.lot_expires_on for row in self.rows if row.lot_expires_on), default=None)

    @property
    def sites(self) -> str | None:
        """As written where one row tells them; else each with its units."""
        told = [row for row in self.rows if row.site]
        if len(told) < 2:
            return told[0].site if told else None
        return "; ".join(f"{row.site} {_written(row)}".rstrip() for row in told)

    @property
    def vials(self) -> tuple[VialEntry, ...]:
        """One a row, or one a lot where rows are sites; none where there is but one, or nobody noted a lot."""
        if self.units is None or not any(row.lot for row in self.rows):
            return ()
        by_site = any(row.site for row in self.rows)
        gathered: dict[object, list[LogRow]] = {}
        for number, row in enumerate(self.rows):
            gathered.setdefault((row.lot, row.lot_expires_on) if by_site else number, []).append(row)
        if len(gathered) < 2:
            return ()
        return tuple(_vial(_visit(rows)) for rows in gathered.values())

    @property
    def aliases(self) -> list[tuple[str, ...]]:
        """The same, were the indication read otherwise."""
        return [copies(read) for read in zip(*(row.aliases for row in self.rows), strict=True)]

    def only(self, numbers: Sequence[int]) -> "Visit":
        """The part of it that is these rows."""
        rows = tuple(self.rows[number] for number in numbers)
        return Visit(rows, tuple(self.fingerprints[number] for number in numbers))


def visits_of(rows: Iterable[LogRow]) -> list[Visit]:
    """One patient's, in order of date, then of the file."""
    gathered: dict[object, list[LogRow]] = {}
    for row in sorted(rows, key=lambda row: (row.given_on, row.line)):
        key = (row.given_on, row.indication, row.product, row.elsewhere)
        gathered.setdefault(key, []).append(row)
    return [_visit(own) for own in gathered.values()]


def _visit(rows: Sequence[LogRow]) -> Visit:
    return Visit(tuple(rows), copies(row.fingerprint for row in rows))


def copies(fingerprints: Iterable[str]) -> tuple[str, ...]:
    """The nth copy of a row is not the first; the first has the row's own, as rows always had."""
    seen: Counter[str] = Counter()
    counted = []
    for fingerprint in fingerprints:
        seen[fingerprint] += 1
        number = seen[fingerprint]
        counted.append(fingerprint if number == 1 else _digest("copy", fingerprint, str(number)))
    return tuple(counted)


def as_one(fingerprints: Sequence[str]) -> str:
    """A visit's identity: that of its row, or of all its rows in any order."""
    return fingerprints[0] if len(fingerprints) == 1 else _digest("visit", *sorted(fingerprints))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _exact(units: float | None) -> Decimal | None:
    """As the file writes it: 2.5 is not a binary fraction."""
    return None if units is None else Decimal(str(units))


def _written(row: LogRow) -> str:
    return "" if row.units is None else f"{row.units:g} U"


def _vial(part: Visit) -> VialEntry:
    return VialEntry(
        lot=part.first.lot or LOT_UNKNOWN,
        units=part.units or Decimal(0),
        units_wasted=part.units_wasted,
        expires_on=part.first.lot_expires_on,
    )
