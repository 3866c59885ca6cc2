"""Which column is read for which field: a mapping's choice, else a sure guess. Guessing lives in `guessing`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clinic_scheduler.importing.columns.guesses import SITE_UNITS, Guess, Sureness
from clinic_scheduler.importing.columns.guessing import guess_columns
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import FIELD_LABELS, header_key
from clinic_scheduler.importing.columns.joined import can_share, part
from clinic_scheduler.importing.columns.mapping import ColumnRef
from clinic_scheduler.importing.errors import MappingError, UnrecognisedColumns
from clinic_scheduler.importing.files.limits import MAX_WORDS
from clinic_scheduler.importing.files.tables import Cells, Table

_HOW_TO_MAP = (
    'Nothing was imported. Name the columns in a mapping file, such as {"columns": {"mrn": "Your header"}} '
    "(see docs/importing.md)."
)


@dataclass(frozen=True)
class Columns:
    """Field -> position from 0, with the headers as the clinic wrote them.

    `shared`: a field in a column that serves two -> the other one. `sites`: columns of units given at one site.
    """

    positions: Mapping[str, int]
    header: Cells
    shared: Mapping[str, str] = field(default_factory=dict)
    sites: tuple[int, ...] = ()
    language: Language = Language.ENGLISH

    def cell(self, cells: Cells, name: str) -> str:
        """The raw text under a field; empty where the column or the cell is missing."""
        position = self.positions.get(name)
        text = cells[position] if position is not None and position < len(cells) else ""
        return part(name, self.shared[name], text[:MAX_WORDS]) if name in self.shared else text

    def site_units(self, cells: Cells) -> dict[str, str]:
        """Header of a site -> the raw text of its units, where there is any."""
        return {
            self.header[index]: cells[index]
            for index in self.sites
            if index < len(cells) and cells[index].strip()
        }

    def name(self, name: str) -> str:
        """The clinic's own header of a field, as problems cite it."""
        position = self.positions.get(name)
        return self.header[position] if position is not None else FIELD_LABELS.get(name, name)

    @property
    def headers_used(self) -> dict[str, str]:
        used = {name: self.header[position] for name, position in self.positions.items()}
        return used | (
            {SITE_UNITS: " + ".join(self.header[index] for index in self.sites)} if self.sites else {}
        )

    @property
    def headers_unused(self) -> Cells:
        used = {*self.positions.values(), *self.sites}
        return tuple(name for index, name in enumerate(self.header) if index not in used and name)


def choose_columns(table: Table, wanted: Mapping[str, ColumnRef]) -> Columns:
    """Raises UnrecognisedColumns (missing, unsure or ambiguous) or MappingError (a header that is not there)."""
    guess = guess_table(table, wanted)
    for name, positions in guess.rivals.items():
        raise _ambiguous(name, [table.header[index] for index in positions])
    if guess.missing:
        raise _missing(guess, table)
    return Columns(
        guess.placed(Sureness.SURE),
        table.header,
        {
            one: other
            for column in guess.of(Sureness.SURE)
            if len(column.fields) == 2
            for one, other in (column.fields, column.fields[::-1])
        },
        guess.sites(Sureness.SURE),
        guess.language,
    )


def guess_table(table: Table, wanted: Mapping[str, ColumnRef]) -> Guess:
    """The guess for every column, a mapping's choices standing. Raises MappingError."""
    chosen = _mapped(table.header, wanted)
    return guess_columns(table, chosen, frozenset(name for name, ref in wanted.items() if ref in (None, ())))


def _mapped(header: Cells, wanted: Mapping[str, ColumnRef]) -> dict[int, tuple[str, ...]]:
    """Position -> the fields a mapping gives it."""
    chosen: dict[int, tuple[str, ...]] = {}
    for name, refs in wanted.items():
        for ref in () if refs is None else refs if isinstance(refs, tuple) else (refs,):
            position = _position(header, name, ref)
            chosen[position] = (*chosen.get(position, ()), name)
    for fields in chosen.values():
        if len(fields) > 2 or (len(fields) == 2 and not can_share(*fields)):
            shown = ", ".join(f'"{name}"' for name in fields)
            raise MappingError(
                f"The mapping names one column for two fields that cannot be told apart in it: {shown}."
            )
    return chosen


def _position(header: Cells, name: str, ref: str | int) -> int:
    shown = ", ".join(filter(None, header))
    if isinstance(ref, int):
        if ref > len(header):
            raise MappingError(
                f'The mapping gives column {ref} for "{name}", but the file has {len(header)}.'
            )
        return ref - 1
    matches = [index for index, text in enumerate(header) if header_key(text) == header_key(ref)]
    if not matches:
        raise MappingError(
            f'The mapping names "{ref}" for "{name}", but the file has no such header. It has: {shown}.'
        )
    if len(matches) > 1:
        numbers = ", ".join(str(index + 1) for index in matches)
        raise MappingError(
            f'"{ref}" heads more than one column ({numbers}). Give the column\'s number instead.'
        )
    return matches[0]


def _ambiguous(name: str, headers: list[str]) -> UnrecognisedColumns:
    return UnrecognisedColumns(
        f"More than one column could be the {FIELD_LABELS.get(name, name)}: {', '.join(headers)}. "
        f"{_HOW_TO_MAP} "
        f'The field is called "{name}"; where two headers are alike, give the column\'s number.'
    )


def _missing(guess: Guess, table: Table) -> UnrecognisedColumns:
    """Names what no column is sure to be, with the column that may be it."""
    likely = {name: table.header[position] for name, position in guess.placed(Sureness.LIKELY).items()}
    if sites := guess.sites(Sureness.LIKELY):
        likely["units"] = " + ".join(table.header[position] for position in sites)
    wanted = ", ".join(_wanted(name, likely) for name in guess.missing)
    found = ", ".join(filter(None, table.header))
    return UnrecognisedColumns(
        f"No column was recognised for: {wanted}. "
        f"The header in line {table.header_line} has: {found}. {_HOW_TO_MAP}"
    )


def _wanted(name: str, likely: Mapping[str, str]) -> str:
    parts = ("family_name", "given_name") if name == "patient_name" else (name,)
    perhaps = [f'"{likely[each]}"' for each in dict.fromkeys((name, *parts)) if each in likely]
    hint = f", perhaps {' and '.join(perhaps)}" if perhaps else ""
    return f'{FIELD_LABELS[name]} ("{name}"{hint})'
