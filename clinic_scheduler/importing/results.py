"""What reading a log gives: rows, problems, repeats, how the file was understood. Reading is elsewhere."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.importing.cells.dates import DateOrder, OrderEvidence

Severity = Literal["error", "warning"]
Outcome = Literal["complete", "partial", "aborted"]
Kind = Literal["cycle", "touch_up"]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def visit_key(mrn: str, given_on: date, indication: str | None, product: str | None) -> str:
    """One patient, day, indication and product: the same visit of a course, whatever its units and lot."""
    return _digest("visit", mrn, given_on.isoformat(), indication or "", product or "")


def fingerprint(
    mrn: str,
    given_on: date,
    indication: str | None,
    product: str | None,
    units: float | None,
    lot: str | None,
    *,
    elsewhere: bool = False,
) -> str:
    """A row's identity across imports; the same for each copy of it, so copies are counted (visits.py).

    Everything that says what was given to whom and when, normalised; nothing that a later export may word
    differently (name, phone, provider, notes) and nothing of the file (line, order). Units and lot belong to
    it, so two vials of different lots on one day stay two; a corrected dose becomes a new fingerprint under
    the same `visit_key`, which is how a correction can be told from a new visit.
    """
    lot_key = re.sub(r"[\W_]+", "", lot or "").upper()
    given = "" if units is None else format(units, "g")
    whose = "elsewhere" if elsewhere else "treatment"
    return _digest(whose, mrn, given_on.isoformat(), indication or "", product or "", given, lot_key)


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One row: what was given at a visit, or a vial or site of it.

    `phone` is E.164, `notes` exactly the cell's text; `phone_raw` is as written, tidied. `indication` is 'other'
    for what is known and none of ours, None where nobody can tell; `needs` says what has to be told first (Needs).
    `known_from` is the code of a KnownFrom, where a row of what was given `elsewhere` says it.
    `product` is None where no known toxin is named, `units` None only where it was given `elsewhere`.
    `same_as` is the line of an identical row before it, in a file that has several rows a visit. `site` is the
    muscle and side as written; `muscle`, `side` ("left", "right", "both") and `vial` tell what part of a visit it is.
    """

    line: int
    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    phone: str | None
    phone_raw: str
    email: str | None
    indication: str | None
    icd10: str | None
    product: str | None
    given_on: date
    units: float | None
    units_wasted: float | None
    lot: str | None
    lot_expires_on: date | None
    outcome: Outcome
    kind: Kind
    provider_name: str | None
    location: str | None
    notes: str
    weight_kg: float | None
    fingerprint: str
    site: str | None = None
    needs: str = ""
    elsewhere: bool = False
    is_approximate: bool = False
    known_from: str | None = None
    same_as: int | None = None
    muscle: str | None = None
    side: str | None = None
    vial: str | None = None

    @property
    def aliases(self) -> tuple[str, ...]:
        """Fingerprints of the row were it read otherwise: for no known indication, or for each where it has none.

        By these a row is known again after a mapping has said what nobody could tell before.
        """
        if self.elsewhere:
            return ()
        others = [None] if self.indication else list(INDICATIONS)
        return tuple(
            fingerprint(self.mrn, self.given_on, other, self.product, self.units, self.lot)
            for other in others
        )

    @property
    def visit_key(self) -> str:
        return visit_key(self.mrn, self.given_on, self.indication, self.product)

    @property
    def course_key(self) -> tuple[str, str, str] | None:
        """A course is one patient x indication x product; None where one of them is not known."""
        if self.elsewhere or self.indication not in INDICATIONS or self.product is None:
            return None
        return self.mrn, self.indication, self.product


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A fault of one cell or row. An error leaves the row out; a warning leaves it in.

    `column` is the clinic's own header, empty for the whole row; `value` is the cell's text as given.
    """

    line: int
    column: str
    value: str
    reason: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that says again what the row of `first_line` says."""

    line: int
    first_line: int


@dataclass(frozen=True)
class ImportReading:
    """A file, read. `total_rows` = rows + repeats + bad lines; totals and footer lines are not rows.

    `several_rows` is whether it has a row a vial or site in place of a row a visit. In such a file identical rows
    may be two vials: they are among `rows` and listed as `identical`, to be asked about.
    `columns` maps our field to the clinic's header. `delimiter` and `encoding` are empty for a workbook,
    `sheet` is empty for text.
    """

    rows: tuple[ImportedRow, ...]
    problems: tuple[RowProblem, ...]
    repeats: tuple[Repeat, ...]
    several_rows: bool
    identical: tuple[Repeat, ...]
    date_evidence: OrderEvidence
    delimiter: str
    encoding: str
    sheet: str
    columns: Mapping[str, str] = field(hash=False)
    unused_headers: tuple[str, ...]
    header_line: int
    total_rows: int

    @property
    def date_order(self) -> DateOrder:
        return self.date_evidence.order

    @cached_property
    def errors(self) -> tuple[RowProblem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @cached_property
    def warnings(self) -> tuple[RowProblem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @cached_property
    def bad_lines(self) -> tuple[int, ...]:
        """Lines left out, each once, however many errors it has."""
        return tuple(sorted({problem.line for problem in self.errors}))

    @cached_property
    def patient_count(self) -> int:
        return len({row.mrn for row in self.rows})

    @cached_property
    def visit_count(self) -> int:
        return len({(row.visit_key, row.elsewhere) for row in self.rows})

    @cached_property
    def course_count(self) -> int:
        return len({row.course_key for row in self.rows if row.course_key})
