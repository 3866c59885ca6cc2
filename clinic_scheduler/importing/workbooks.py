"""Excel workbooks (.xlsx): the first sheet with a known header, cells as text. Nothing is evaluated."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice, zip_longest
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException

from .errors import UnreadableFile
from .tables import (
    HEADER_SEARCH_ROWS,
    Cells,
    ReadingHints,
    Table,
    TableRow,
    find_header,
    is_header,
    no_header,
    unknown_header,
)

MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_UNPACKED_PARTS = 2_000
MAX_PACKING_RATIO = 300  # Honest sheets pack about 10 to 30 times; a bomb packs about 1,000 times.
MAX_COLUMNS = 256
_UNSTORED_FORMULA = re.compile(rb"(?:</f>|<f[^<>]*/>)\s*(?:<v>\s*</v>|<v\s*/>|</c>)")
# What openpyxl and the XML parser raise on a workbook that is cut short, edited by hand or hostile.
_DAMAGE = (
    DefusedXmlException, zipfile.BadZipFile, zlib.error, SyntaxError, OSError, EOFError, NotImplementedError,
    LookupError, ValueError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
_SMALL_PART = 5 * 1024 * 1024


def read_workbook(content: bytes, name: str, hints: ReadingHints) -> Table:
    twice = _check_package(content, name)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations it drops; neither touches a value.
            warnings.simplefilter("ignore")
            return _first_table(content, name, hints, twice)
    except _DAMAGE as error:
        raise _damaged(name) from error


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"{name} is damaged or not an Excel workbook (.xlsx). Nothing was imported; "
        "open it in a spreadsheet program and save it again as .xlsx or .csv."
    )


def _check_package(content: bytes, name: str) -> bool:
    """Refuse what would unpack to far too much. True if some formula has no stored value."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            _refuse_bomb(parts, name)
            names = [part.filename for part in parts]
            if "xl/workbook.xml" not in names:
                raise UnreadableFile(
                    f"{name} is not an Excel workbook (.xlsx). Nothing was imported; "
                    "save it as .xlsx or .csv."
                )
            sheets = [part for part in names if part.startswith("xl/worksheets/") and part.endswith(".xml")]
            return any(_has_unstored_formula(package, sheet) for sheet in sheets)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise _damaged(name) from error


def _refuse_bomb(parts: list[zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    dense = any(
        part.file_size > _SMALL_PART and part.file_size > MAX_PACKING_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_UNPACKED_PARTS or dense:
        raise UnreadableFile(
            f"{name} unpacks to far more than a table of treatments needs. Nothing was imported; "
            "copy the rows into a new workbook, or save the sheet as .csv."
        )


def _has_unstored_formula(package: zipfile.ZipFile, sheet: str) -> bool:
    """Whether a formula in a sheet's XML has no value beside it, as other programs than Excel write them.

    Only then is the workbook read twice. The overlap catches a tag that lies on the border of two chunks.
    """
    with package.open(sheet) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            window = tail + chunk
            if _UNSTORED_FORMULA.search(window):
                return True
            tail = window[-64:]
    return False


def _first_table(content: bytes, name: str, hints: ReadingHints, twice: bool) -> Table:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if twice else None
    seen: list[Cells] = []
    try:
        for sheet in book.worksheets:
            first = [row.cells for row in islice(_rows(sheet, None), HEADER_SEARCH_ROWS)]
            at, found = find_header(first, hints.header_keys)
            seen += first
            unknown = None if is_header(found, hints.header_keys) else unknown_header(first)
            if unknown is not None or is_header(found, hints.header_keys):
                at = at if unknown is None else unknown
                rows = list(_rows(sheet, formulas[sheet.title] if formulas else None))
                return _table(rows, at, sheet.title, book.epoch)
    finally:
        book.close()
        if formulas:
            formulas.close()
    raise no_header(name, seen)


def _table(rows: list[TableRow], at: int, sheet: str, epoch: datetime) -> Table:
    header = rows[at]
    width = max((index + 1 for index, cell in enumerate(header.cells) if cell.strip()), default=0)
    return Table(
        header=tuple(cell.strip() for cell in header.cells[:width]),
        header_line=header.line,
        rows=tuple(rows[at + 1 :]),
        sheet=sheet,
        serial_epoch=epoch,
    )


def _rows(sheet: Any, formulas: Any) -> Iterator[TableRow]:
    """Rows with text in them. A formula gives its stored value; one that has none keeps its own text."""
    sheet.reset_dimensions()
    values = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
    if formulas is None:
        texts = (tuple(map(_text, row)) for row in values)
    else:
        formulas.reset_dimensions()
        written = formulas.iter_rows(values_only=True, max_col=MAX_COLUMNS)
        texts = (
            tuple(_text(value if value is not None else formula) for value, formula in zip_longest(row, also))
            for row, also in zip_longest(values, written, fillvalue=())
        )
    for line, cells in enumerate(texts, start=1):
        if any(cell.strip() for cell in cells):
            yield TableRow(line, cells)


def _text(value: object) -> str:
    """A cell as text: 10102.0 -> "10102", a date -> ISO, nothing -> ""."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    return str(getattr(value, "text", value)).replace("\x00", "")  # An array formula keeps its text apart.
