"""A clinic's file as a plain table of text, and how its header is found. Opening files lives in `files`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic_scheduler.importing.columns.header_meanings import recognised_fields
from clinic_scheduler.importing.errors import UnrecognisedColumns

HEADER_SEARCH_ROWS = 20
# A title or an address line may happen to contain one or two known words; a header names more.
MIN_RECOGNISED = 3

# Fewer columns cannot say who was given what and when.
MIN_COLUMNS = 5

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. `line` is the physical line where it starts (text) or the sheet's row number, both from 1."""

    line: int
    cells: Cells


@dataclass(frozen=True)
class Table:
    """A header and the rows below it; blank rows are gone.

    `delimiter` and `encoding` are empty for a workbook, `sheet` is empty for text. `serial_epoch` is
    day 0 of a workbook's day numbers, or None where plain numbers cannot be dates.
    """

    header: Cells
    header_line: int
    rows: tuple[TableRow, ...]
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    serial_epoch: datetime | None = None


@dataclass(frozen=True)
class ReadingHints:
    """What a mapping file already knows: header keys it names, and the text format if it insists."""

    header_keys: frozenset[str] = frozenset()
    delimiter: str | None = None
    encoding: str | None = None


def find_header(rows: Iterable[Cells], extra: frozenset[str]) -> tuple[int, int]:
    """(index, fields named) of the row that names most fields, the first of equals; (0, 0) for none."""
    best = (0, 0)
    for index, cells in enumerate(rows):
        found = recognised_fields(cells, extra)
        if found > best[1]:
            best = (index, found)
    return best


def is_header(found: int, extra: frozenset[str]) -> bool:
    return found >= MIN_RECOGNISED or (bool(extra) and found >= min(MIN_RECOGNISED, len(extra)))


def unknown_header(rows: Sequence[Cells]) -> int | None:
    """The row that must be a header although it names nothing known: words alone, each its own, over rows of data.

    It lets a person say what the columns are. A row of data has numbers in it and is never taken for one.
    """
    for index, cells in enumerate(rows[:-1]):
        words = [cell.strip().casefold() for cell in cells if cell.strip()]
        below = rows[index + 1 : index + 4]
        if (
            len(words) >= MIN_COLUMNS
            and len(words) == len(cells) == len(set(words))
            and not any(any(map(str.isdigit, word)) for word in words)
            and all(
                len(row) == len(cells) and sum(any(map(str.isdigit, c)) for c in row) >= 2 for row in below
            )
        ):
            return index
    return None


def no_header(name: str, seen: list[Cells]) -> UnrecognisedColumns:
    """The error for a table without a recognisable header; shows the fullest early row if it may be one."""
    fullest = max(seen, key=lambda cells: sum(bool(cell) for cell in cells), default=())
    shown = ", ".join(cell[:30] for cell in fullest[:20] if cell) or "nothing"
    if _looks_like_data(fullest):
        shown = "(not shown, as it looks like a patient's row)"
    return UnrecognisedColumns(
        f"No header row was recognised in the first {HEADER_SEARCH_ROWS} rows of {name}. "
        f"The fullest of them reads: {shown}. Nothing was imported. Add a row of column names such as MRN, "
        "Patient Name, DOB, Diagnosis, Product, Date of Service, Units, or name yours in a mapping file: "
        '{"columns": {"mrn": "Your header", ...}} (see docs/importing.md).'
    )


def _looks_like_data(cells: Cells) -> bool:
    """Digits outside a known header such as "ICD-10": dates and numbers, so nothing for an error message."""
    return any(any(map(str.isdigit, cell)) and not recognised_fields((cell,)) for cell in cells)
