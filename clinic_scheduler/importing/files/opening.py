"""Opening a clinic's file: its size, its kind by content, the reader for it. Columns live in `columns`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from clinic_scheduler.domain.csv_cells import as_it_was
from clinic_scheduler.domain.log_columns import LOG_COLUMNS
from clinic_scheduler.importing.errors import UnreadableFile
from clinic_scheduler.importing.files.kinds import ZIP_MAGIC, other_kind
from clinic_scheduler.importing.files.limits import MAX_FILE_BYTES, MAX_SIZE_SAID
from clinic_scheduler.importing.files.tables import ReadingHints, Table, TableRow
from clinic_scheduler.importing.files.text_tables import read_text_table


def read_table(
    source: bytes | str | Path,
    filename: str = "",
    hints: ReadingHints | None = None,
    heard: Callable[[int], None] = lambda rows: None,
) -> Table:
    """Read .csv, .tsv, .txt or .xlsx. The content decides the kind, the name only words the errors.

    `heard(rows)` is called as reading goes on. Raises UnreadableFile or UnrecognisedColumns.
    """
    table = _read(source, filename, hints or ReadingHints(), heard)
    return _as_exported(table) if set(LOG_COLUMNS) <= set(table.header) else table


def _as_exported(table: Table) -> Table:
    """Our own export, without the apostrophes it put before what a spreadsheet would take for a formula.

    In anybody else's file they are a part of what was written.
    """
    rows = (TableRow(row.line, tuple(map(as_it_was, row.cells))) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _read(
    source: bytes | str | Path, filename: str, hints: ReadingHints, heard: Callable[[int], None]
) -> Table:
    content, name = _content(source, filename)
    if kind := other_kind(content):
        what, advice = kind
        raise UnreadableFile(f"{name} is {what}. Nothing was imported; {advice}.")
    if content.startswith(ZIP_MAGIC):
        # Here, since what workbooks need takes as long to load as a text file to be read.
        from clinic_scheduler.importing.files.workbooks import read_workbook

        return read_workbook(content, name, hints, heard)
    return read_text_table(content, name, hints, heard)


def _content(source: bytes | str | Path, filename: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        content, name = source, filename or "the file"
    else:
        path = Path(source)
        name = filename or path.name
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UnreadableFile(
                f"{name} could not be opened: {error.strerror}. Nothing was imported."
            ) from error
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile(_too_large(name))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f"{name} is empty. Nothing was imported; export it again and check it opens.")
    return content, name


def _too_large(name: str) -> str:
    return (
        f"{name} is larger than {MAX_SIZE_SAID}. Nothing was imported; "
        "split it, for example by year, and import the parts one after another."
    )
