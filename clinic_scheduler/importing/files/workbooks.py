"""Excel workbooks (.xlsx): the first sheet with a known header, cells as text. Nothing is evaluated.

The parts are read as streams, with counts at every step: a row's declared number, rows, cells, depth. So a
workbook made to fill the memory or to never end is refused where it begins to be too much.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, islice
from xml.parsers.expat import ExpatError

from clinic_scheduler.importing.errors import UnreadableFile
from clinic_scheduler.importing.files.limits import (
    MAX_PACKING_RATIO,
    MAX_UNPACKED_BYTES,
    MAX_UNPACKED_PARTS,
)
from clinic_scheduler.importing.files.sheet_parts import (
    LONGEST_ROW,
    Book,
    DateStyles,
    Relations,
    SharedTexts,
    Sheet,
    TooMuch,
    header_cells,
    refuse_more,
    rows_of,
)
from clinic_scheduler.importing.files.sheet_xml import walk_whole, walked
from clinic_scheduler.importing.files.tables import (
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

BOOK = "xl/workbook.xml"
_SMALL_PART = 5 * 1024 * 1024
_MOST_SHEETS = 200
# What a package and its XML raise where they are cut short, edited by hand or hostile.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, ExpatError, OSError, EOFError, NotImplementedError, LookupError, ValueError,
    TypeError, OverflowError, RuntimeError,
)  # fmt: skip
Heard = Callable[[int], None]


def read_workbook(content: bytes, name: str, hints: ReadingHints, heard: Heard = lambda rows: None) -> Table:
    """`heard(rows)` is called as reading goes on, with the rows found so far."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _refuse_bomb(package.infolist(), name)
            if BOOK not in package.namelist():
                raise UnreadableFile(
                    f"{name} is not an Excel workbook (.xlsx). Nothing was imported; "
                    "save it as .xlsx or .csv."
                )
            return _first_table(package, name, hints, heard)
    except TooMuch as error:
        raise UnreadableFile(
            f"{name} {error}. Nothing was imported; copy the rows of the log into a new workbook, or split it, "
            "for example by year, and import the parts one after another."
        ) from error
    except _DAMAGE as error:
        raise UnreadableFile(
            f"{name} is damaged or not an Excel workbook (.xlsx). Nothing was imported; "
            "open it in a spreadsheet program and save it again as .xlsx or .csv."
        ) from error


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


def _first_table(package: zipfile.ZipFile, name: str, hints: ReadingHints, heard: Heard) -> Table:
    book = Book()
    with package.open(BOOK) as part:
        walk_whole(part, book)
    related = _related(package)
    texts = _shared_texts(package, related, heard)
    dates = _date_styles(package, related)
    seen: list[Cells] = []
    for title, key in book.sheets[:_MOST_SHEETS]:
        kind, target = related.get(key, ("", ""))
        if kind != "worksheet":
            continue
        _refuse_long(package, target, heard)
        with package.open(target) as part:
            rows = _heard(rows_of(part, Sheet(texts, dates, book.epoch), lambda: heard(0)), heard)
            first = list(islice(rows, HEADER_SEARCH_ROWS))
            early = [header_cells(row) for row in first]
            at, found = find_header(early, hints.header_keys)
            seen += early
            if not is_header(found, hints.header_keys):
                unknown = unknown_header(early)
                at = -1 if unknown is None else unknown
            if at >= 0:
                return Table(
                    header=early[at],
                    header_line=first[at].line,
                    rows=tuple(chain(first[at + 1 :], rows)),
                    sheet=title,
                    serial_epoch=book.epoch,
                )
    raise no_header(name, seen)


def _refuse_long(package: zipfile.ZipFile, sheet: str, heard: Heard) -> None:
    """Count filled rows and cells in the bytes of a sheet, many times faster than they can be read."""
    rows = cells = 0
    with package.open(sheet) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            *ended, tail = (tail + chunk).split(b"</row>")
            rows += sum(b"<v" in row or b"<is" in row for row in ended)
            cells += sum(row.count(b"<c") for row in ended)
            refuse_more(rows, cells)
            tail = tail[-LONGEST_ROW:]
            heard(0)


def _related(package: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """The workbook's relationships as {id: (kind, part)}."""
    relations = Relations()
    with package.open("xl/_rels/workbook.xml.rels") as part:
        walk_whole(part, relations)
    return {
        key: (kind, posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))
        for key, (kind, target) in relations.targets.items()
    }


def _shared_texts(package: zipfile.ZipFile, related: dict[str, tuple[str, str]], heard: Heard) -> list[str]:
    shared = SharedTexts()
    for part_name in _parts(related, "sharedStrings"):
        with package.open(part_name) as part:
            for _ in walked(part, shared):
                heard(0)
    return shared.texts


def _date_styles(package: zipfile.ZipFile, related: dict[str, tuple[str, str]]) -> set[str]:
    styles = DateStyles()
    for part_name in _parts(related, "styles"):
        with package.open(part_name) as part:
            walk_whole(part, styles)
    return styles.numbers


def _parts(related: dict[str, tuple[str, str]], kind: str) -> list[str]:
    return [target for found, target in related.values() if found == kind][:1]


def _heard(rows: Iterator[TableRow], heard: Heard) -> Iterator[TableRow]:
    for count, row in enumerate(rows, start=1):
        if count % 500 == 0:
            heard(count)
        yield row
