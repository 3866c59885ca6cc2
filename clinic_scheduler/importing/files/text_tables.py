"""Delimited text (.csv, .tsv, .txt): its encoding, its delimiter, its rows with their line numbers."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice

from clinic_scheduler.importing.errors import MappingError, UnreadableFile
from clinic_scheduler.importing.files.limits import (
    MAX_COLUMNS,
    MAX_FILLED_ROWS,
    MAX_LINES,
    MAX_ROWS,
    MAX_WORDS,
)
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

DELIMITERS = (",", ";", "\t", "|", "^", "~")
# A file of ASCII letters in UTF-16 is half NULs; a stray NUL in an 8-bit file is far rarer.
UTF16_NUL_SHARE = 0.2
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n])"?\s*[\r\n]', re.IGNORECASE)


def read_text_table(
    content: bytes, name: str, hints: ReadingHints, heard: Callable[[int], None] = lambda rows: None
) -> Table:
    """`heard(rows)` is called as reading goes on, with the rows found so far."""
    text, encoding = decode(content, name, hints.encoding)
    _refuse_endless(text, name)
    delimiter = (
        hints.delimiter or _announced_delimiter(text) or _best_delimiter(text, name, hints.header_keys)
    )
    rows = []
    for row in _rows(text, delimiter, name):
        rows.append(row)
        if len(rows) % 500 == 0:
            heard(len(rows))
        if len(rows) > MAX_FILLED_ROWS:
            raise UnreadableFile(_too_long(name, f"{MAX_ROWS:,} rows"))
    first = [_cut(row.cells) for row in rows[:HEADER_SEARCH_ROWS]]
    at, found = find_header(first, hints.header_keys)
    if not is_header(found, hints.header_keys):
        unknown = unknown_header(first)
        if unknown is None:
            raise no_header(name, first)
        at = unknown
    header = rows[at]
    return Table(
        header=_cut(header.cells),
        header_line=header.line,
        rows=tuple(rows[at + 1 :]),
        delimiter=delimiter,
        encoding=encoding,
    )


def _refuse_endless(text: str, name: str) -> None:
    """Lines are counted before they are looked at: millions of blank ones hold no row and take their time."""
    if text.count("\n") + text.count("\r") - text.count("\r\n") > MAX_LINES:
        raise UnreadableFile(_too_long(name, f"{MAX_LINES:,} lines, blank ones counted"))


def _too_long(name: str, most: str) -> str:
    return (
        f"{name} has more than {most}. Nothing was imported; take blank lines out, or split it, for example by "
        "year, and import the parts one after another."
    )


def decode(content: bytes, name: str, insisted: str | None = None) -> tuple[str, str]:
    """(text without byte order mark and NULs, encoding used)."""
    encoding = insisted or _encoding_of(content)
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise MappingError(f'The mapping\'s "encoding" {encoding!r} is not a text encoding.') from error
    except ValueError as error:  # most say at which byte
        where = f" (byte {error.start + 1})" if isinstance(error, UnicodeDecodeError) else ""
        raise UnreadableFile(
            f"{name} is not text in {encoding}{where}. Nothing was imported; save it as "
            '"CSV UTF-8", or name its encoding in a mapping file: {"encoding": "..."}.'
        ) from error
    return text.removeprefix("\ufeff").replace("\x00", ""), encoding


def _encoding_of(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    if sample.count(0) >= UTF16_NUL_SHARE * len(sample):
        return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _announced_delimiter(text: str) -> str | None:
    """Excel's own first line `sep=;`."""
    match = _SEPARATOR_LINE.match(text[:20])
    return match[1] if match else None


def _best_delimiter(text: str, name: str, extra: frozenset[str]) -> str:
    """The delimiter under which some early row names most fields; else the one that makes a table of most columns."""

    def telling(delimiter: str) -> tuple[int, int]:
        try:
            first = [_cut(row.cells) for row in islice(_rows(text, delimiter, name), HEADER_SEARCH_ROWS)]
        except UnreadableFile:
            return 0, 0
        at = unknown_header(first)
        return find_header(first, extra)[1], 0 if at is None else len(first[at])

    return max(DELIMITERS, key=telling)


def _rows(text: str, delimiter: str, name: str) -> Iterator[TableRow]:
    """The rows that are not blank. newline="" lets CR, LF and CRLF end a line and keeps those in quotes."""
    lines = io.StringIO(text, newline="")
    if _announced_delimiter(text):
        next(lines)
    skipped = lines.tell() > 0
    reader = csv.reader(lines, delimiter=delimiter)
    line = last = 1 + skipped
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield TableRow(line, tuple(cells[:MAX_COLUMNS]))
            last, line = line, reader.line_num + 1 + skipped
    except csv.Error as error:  # A cell past the csv module's limit of 131,072 characters.
        raise _open_quote(name, line) from error
    if line - last > 1 and _ends_inside_quotes(text, last, delimiter):
        raise _open_quote(name, last)


def _cut(cells: Cells) -> Cells:
    """Cells as a header may have them: whatever is longer than a name is none, and is not compared at length."""
    return tuple(cell.strip()[:MAX_WORDS] for cell in cells)


def _ends_inside_quotes(text: str, line: int, delimiter: str) -> bool:
    """Whether the last row, which starts on `line`, ends only with the file: a quote never closes."""
    rest = islice(io.StringIO(text, newline=""), line - 1, None)
    try:
        list(csv.reader(rest, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _open_quote(name: str, line: int) -> UnreadableFile:
    return UnreadableFile(
        f"{name}: a quotation mark opened in the row of line {line} is not closed, so the rows after it "
        "cannot be told apart. Nothing was imported; correct that line and import again."
    )


def joined_lines(cells: Cells) -> int:
    """How many line ends a row's cells hold; many of them hint at a quotation mark that closed too late."""
    return sum(cell.count("\n") or cell.count("\r") for cell in cells)
