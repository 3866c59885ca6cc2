"""The parts of a workbook that a table needs: sheets by name, shared texts, which styles are dates, and cells.

Values come as text, as a person would write them; a formula gives its stored value and is never evaluated.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import IO

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from clinic_scheduler.importing.files.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_FILLED_ROWS,
    MAX_LINES,
    MAX_ROWS,
    MAX_WORDS,
)
from clinic_scheduler.importing.files.sheet_xml import Attributes, HostileXml, Walk, walked
from clinic_scheduler.importing.files.tables import Cells, TableRow

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LONGEST_FORMAT = 255
LONGEST_ROW = 1024 * 1024  # bytes of XML kept while the end of a row is looked for


class TooMuch(Exception):
    """More rows or cells than a log has; the message says of what, as the end of a sentence."""


def refuse_more(rows: int, cells: int) -> None:
    """Raises TooMuch for more of either than a log has."""
    if rows > MAX_FILLED_ROWS:
        raise TooMuch(f"has more than {MAX_ROWS:,} rows")
    if cells > MAX_CELLS:
        raise TooMuch(f"has more than {MAX_CELLS:,} cells")


class Book(Walk):
    """xl/workbook.xml: sheets as (name, relationship), and the day its numbers count from."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.epoch: datetime = CALENDAR_WINDOWS_1900

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            related = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), related))
        elif name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            self.epoch = CALENDAR_MAC_1904


class Relations(Walk):
    """A .rels part: {id: (kind, target)}."""

    def __init__(self) -> None:
        self.targets: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = kind, attributes.get("Target", "")


class SharedTexts(Walk):
    """xl/sharedStrings.xml: runs of one text joined, readings of East Asian names left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "rPh":
            self._phonetic = True

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self._phonetic:
            self._runs.append(text)
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            if len(self.texts) == MAX_CELLS:
                raise TooMuch(f"has more than {MAX_CELLS:,} texts")
            self.texts.append(plain("".join(self._runs)))
            self._runs.clear()


class DateStyles(Walk):
    """xl/styles.xml: numbers of the cell styles that show a date."""

    def __init__(self) -> None:
        self.numbers: set[str] = set()
        self._formats = dict(BUILTIN_FORMATS)
        self._in_cells = False
        self._count = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:_LONGEST_FORMAT]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if is_date_format(self._formats.get(int(attributes.get("numFmtId", 0)), "")):
                self.numbers.add(str(self._count))
            self._count += 1

    def end(self, name: str, text: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class Sheet(Walk):
    """A sheet's rows as they end; `found` holds those not fetched yet. Blank rows and far columns are left out."""

    def __init__(self, texts: list[str], dates: set[str], epoch: datetime) -> None:
        self.found: list[TableRow] = []
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._rows = self._cells = self._line = self._column = 0
        self._row: list[str] = []
        self._kind = self._style = self._value = self._formula = ""
        self._inline: list[str] = []
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._column = self._place(attributes.get("r"))
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value = self._formula = ""
            self._inline.clear()
        elif name == "row":
            self._line = int(attributes.get("r") or self._line + 1)
            if not 0 < self._line <= MAX_LINES:
                raise TooMuch(f"says that it has a row {self._line:,}, which no sheet has")
            self._column, self._row = 0, []

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name == "c":
            self._keep()
        elif name == "f":
            self._formula = "=" + text
        elif name == "t":
            self._inline.append(text)
        elif name == "row":
            self._end_row()

    def _place(self, reference: str | None) -> int:
        """The column's number from 1; a cell that does not say follows the one before."""
        if reference is None:
            return self._column + 1
        letters = reference.rstrip("0123456789")
        number = self._columns.get(letters)
        if number is None:
            if not _REFERENCE.fullmatch(reference):
                raise HostileXml(f"no cell is called {reference[:20]!r}")
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = number
        return number

    def _keep(self) -> None:
        self._cells += 1
        if self._column > MAX_COLUMNS:
            return
        missing = self._column - len(self._row)
        if missing > 1:
            self._row.extend([""] * (missing - 1))
        if missing > 0:
            self._row.append(self._text())
        else:
            self._row[self._column - 1] = self._text()

    def _end_row(self) -> None:
        refuse_more(self._rows, self._cells)
        if any(cell and not cell.isspace() for cell in self._row):
            self._rows += 1
            self.found.append(TableRow(self._line, tuple(self._row)))

    def _text(self) -> str:
        """A cell as text: 10102.0 -> "10102", a date -> ISO, nothing -> ""."""
        kind, value = self._kind, self._value
        if kind == "inlineStr":
            return plain("".join(self._inline))
        if not value:
            return self._formula.replace("\x00", "")
        if kind == "s":
            return self._texts[int(value)]
        if kind == "n":
            return self._number(value)
        if kind == "b":
            return str(bool(int(value)))
        if kind == "d":
            return _moment(from_ISO8601(value))
        return plain(value)

    def _number(self, value: str) -> str:
        if self._style in self._dates:
            try:
                return _moment(from_excel(float(value), self._epoch))
            except (OverflowError, ValueError):
                return "#VALUE!"
        if value.isascii() and value.isdigit() and value[0] != "0":
            return value
        number = float(value)
        return str(int(number)) if number.is_integer() else format(number, ".15g")


def rows_of(part: IO[bytes], sheet: Sheet, going_on: Callable[[], None]) -> Iterator[TableRow]:
    """Rows with text in them, in the sheet's order; `going_on` is called where a piece held none.

    Raises TooMuch, HostileXml and expat's errors.
    """
    for _ in walked(part, sheet):
        if not sheet.found:
            going_on()
        yield from sheet.found
        sheet.found.clear()
    yield from sheet.found


def plain(text: str) -> str:
    """Excel's way to write a control character in XML (_x000D_) undone; no NULs."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.replace("\x00", "")


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def header_cells(row: TableRow) -> Cells:
    """Up to the last cell that says something."""
    width = max((index + 1 for index, cell in enumerate(row.cells) if cell.strip()), default=0)
    return tuple(cell.strip()[:MAX_WORDS] for cell in row.cells[:width])
