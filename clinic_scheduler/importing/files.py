"""Opening a clinic's file: its size, its kind by content, the reader for it. Columns live in `columns`."""

from pathlib import Path

from .errors import UnreadableFile
from .tables import ReadingHints, Table
from .text_tables import read_text_table
from .workbooks import read_workbook

MAX_FILE_BYTES = 25 * 1024 * 1024
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_table(source: bytes | str | Path, filename: str = "", hints: ReadingHints | None = None) -> Table:
    """Read .csv, .tsv, .txt or .xlsx. The content decides the kind, the name only words the errors.

    Raises UnreadableFile or UnrecognisedColumns.
    """
    content, name = _content(source, filename)
    hints = hints or ReadingHints()
    _refuse_other_kinds(content, name)
    if content.startswith(b"PK\x03\x04"):
        return read_workbook(content, name, hints)
    return read_text_table(content, name, hints)


def _content(source: bytes | str | Path, filename: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        content, name = source, filename or "the file"
    else:
        path = Path(source)
        name = filename or path.name
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise UnreadableFile(_too_large(name))
            content = path.read_bytes()
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
        f"{name} is larger than {MAX_FILE_BYTES // (1024 * 1024)} MB. Nothing was imported; "
        "split it, for example by year, and import the parts one after another."
    )


def _refuse_other_kinds(content: bytes, name: str) -> None:
    if content.startswith(OLE_MAGIC):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableFile(
                f"{name} is protected by a password. Nothing was imported; "
                "open it, save a copy without the password, and import the copy."
            )
        raise UnreadableFile(
            f"{name} is an old Excel file (.xls). Nothing was imported; open it and save it as .xlsx or .csv."
        )
    if content.startswith(b"%PDF"):
        raise UnreadableFile(f"{name} is a PDF. Nothing was imported; export the table as .xlsx or .csv.")
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise UnreadableFile(
            f"{name} is a web page or XML, whatever its name says. Nothing was imported; "
            "open it in a spreadsheet program and save it as .xlsx or .csv."
        )
