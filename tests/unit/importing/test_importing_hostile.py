"""Files made to never end, to fill the memory or to be something else: each is refused with a word of its own."""

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from importing_rows import AS_OF, GOOD_ROW, good, render

from clinic_scheduler.importing import (
    ImportFileError,
    MappingError,
    UnreadableFile,
    UnrecognisedColumns,
    read_table,
)
from clinic_scheduler.importing.columns.mapping import mapping_text
from clinic_scheduler.importing.files import limited, sheet_parts
from clinic_scheduler.importing.files.bare_environment import bare_environment
from clinic_scheduler.importing.files.limited import Limits, LogFile, SpooledReading, read_limited
from clinic_scheduler.importing.files.limits import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_MAPPING_BYTES,
    MAX_PROBLEMS,
    MAX_ROWS,
    MAX_WORDS,
)
from clinic_scheduler.importing.spool import batches

# Each file is read by a process of its own.
pytestmark = pytest.mark.thorough

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER = ",".join(GOOD_ROW) + "\n"


def read(
    content: bytes, name: str = "log.csv", mapping: str | None = None, limits: Limits | None = None
) -> tuple[SpooledReading, int]:
    """The reading and how many patients were spooled."""
    with tempfile.TemporaryFile() as spool:
        told = read_limited(LogFile(io.BytesIO(content), name, AS_OF, mapping), spool, limits=limits)
        return told, sum(len(batch) for batch in batches(spool, 50))


def refusal(content: bytes, **options: Any) -> ImportFileError:
    with pytest.raises(ImportFileError) as refused:
        read(content, **options)
    return refused.value


def workbook(rows: bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook whose only sheet holds these rows, as XML."""
    book = openpyxl.Workbook()
    plain, out = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", packing) as new:
        for part in old.namelist():
            if part == "xl/worksheets/sheet1.xml":
                new.writestr(
                    part, b"<worksheet %b><sheetData>%b</sheetData></worksheet>" % (MAIN.encode(), rows)
                )
            else:
                new.writestr(part, old.read(part))
    return out.getvalue()


def sheet_row(line: int, *cells: str) -> bytes:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{line}">{texts}</row>'.encode()


LAST_CELL = sheet_row(1_048_576, "stray")
LOG_SHEET = sheet_row(1, *GOOD_ROW) + sheet_row(2, *GOOD_ROW.values())


def test_one_cell_in_the_last_row_is_no_log_and_beside_a_log_it_is_one_bad_row() -> None:
    alone = refusal(workbook(LAST_CELL))
    assert isinstance(alone, UnrecognisedColumns)
    assert "Nothing was imported" in str(alone)
    told, patients = read(workbook(LOG_SHEET + LAST_CELL))
    assert (told.told["treatments"], patients) == (1, 1)
    assert {problem["line"] for problem in told.told["problems"]} == {1_048_576}


SHORT_ROWS = b"".join(sheet_row(line, "1", "2") for line in range(3, 1000))
NESTED = b"<a>" * 200_000


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (
            lambda: workbook(LOG_SHEET + b'<row r="1000000000"><c><v>1</v></c></row>'),
            "a row 1,000,000,000, which",
        ),
        (lambda: workbook(LOG_SHEET + SHORT_ROWS * 301), "more than 150,000 rows"),
        (lambda: workbook(LOG_SHEET + NESTED, zipfile.ZIP_STORED), "damaged or not an Excel workbook"),
        (lambda: HEADER.encode() + b"\n" * 9_000_000, "more than 1,048,576 lines, blank ones counted"),
        (lambda: HEADER.encode() + b"\r\n" * 4_500_000, "more than 1,048,576 lines"),
        (lambda: HEADER.encode() + b"1,Ada\n" * 300_000, "more than 150,000 rows"),
        (lambda: HEADER.encode() + b"x" * MAX_FILE_BYTES, "larger than 25 MB"),
    ],
    ids=["row 1e9", "rows", "deep", "blank lines", "blank lines of Windows", "text rows", "size"],
)
def test_what_is_made_to_be_too_much_is_refused_by_a_count(make: Callable[[], bytes], word: str) -> None:
    error = refusal(make())
    assert isinstance(error, UnreadableFile)
    assert word in str(error)
    assert "Nothing was imported; " in str(error)


def test_cells_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_parts, "MAX_CELLS", 100)
    with pytest.raises(UnreadableFile, match="more than 100 cells"):
        read_table(workbook(LOG_SHEET + SHORT_ROWS))
    # Cells of a thousand columns are none that a log has.
    wide = b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>"
    monkeypatch.undo()
    assert len(read_table(workbook(LOG_SHEET + wide)).rows[-1].cells) == MAX_COLUMNS


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ('{"encoding": "punycode"}', "not a text encoding: 'punycode'"),
        ('{"encoding": "unicode_escape"}', "not a text encoding"),
        ('{"encoding": "utf\\u0000"}', "not a text encoding"),
        ('{"columns": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested far deeper"),
        ('{"columns": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}", "nested far deeper"),
        ('{"columns": {"mrn": ' + "9" * 10_000 + "}}", "a number that no column has"),
        ('{"' + "x" * 500_000 + '": 1}', "unknown key"),
    ],
    ids=["punycode", "unicode_escape", "NUL", "arrays", "objects", "digits", "long key"],
)
def test_a_mapping_made_to_harm_is_refused(mapping: str, word: str) -> None:
    error = refusal(render([good()]).encode(), mapping=mapping)
    assert isinstance(error, MappingError)
    assert word in str(error)
    assert len(str(error)) <= 1_000


def test_a_mapping_larger_than_a_megabyte_is_not_looked_at() -> None:
    with pytest.raises(MappingError, match="larger than 1 MB"):
        mapping_text(b" " * (MAX_MAPPING_BYTES + 1))


# Reading it takes a step for every pair of blanks: hours.
ENDLESS = (HEADER + '1,"A, B",1' + " " * 130_000 + "x\n").encode()


def test_what_says_nothing_for_long_is_ended() -> None:
    error = refusal(ENDLESS, limits=Limits(silence=2))
    assert "log.csv takes too long to read. Nothing was imported" in str(error)


@pytest.mark.parametrize("computing", [None, 0.0])
def test_silence_is_counted_by_the_clock_where_computing_is_not_told(
    monkeypatch: pytest.MonkeyPatch, computing: float | None
) -> None:
    """So is what waits for ever without computing, though it may wait longer."""
    monkeypatch.setattr(limited, "computing_of", lambda _pid: computing)
    limit = 1.0 if computing is None else 1.0 / limited.PATIENCE
    assert "takes too long to read" in str(refusal(ENDLESS, limits=Limits(silence=limit)))


def test_computing_is_told_of_a_process_that_is_there(tmp_path: Path) -> None:
    own = limited.computing_of(os.getpid())
    assert own is None or own > 0
    assert limited.computing_of(os.getpid(), tmp_path) is None
    stat = tmp_path / "7" / "stat"
    stat.parent.mkdir()
    stat.write_text("7 (a) b (c) S " + " ".join(map(str, range(4, 53))))
    assert limited.computing_of(7, tmp_path) == pytest.approx((14 + 15) / os.sysconf("SC_CLK_TCK"))


def test_what_computes_for_long_is_ended() -> None:
    error = refusal(ENDLESS, limits=Limits(silence=600, computing=1))
    assert "takes too long to read" in str(error)


def test_what_fills_the_memory_is_ended() -> None:
    content = (
        HEADER + "\N{GRINNING FACE}" + "x" * 20_000_000
    ).encode()  # four bytes a letter, once it is text
    error = refusal(content, limits=Limits(memory=160 * 1024 * 1024))
    assert "needs far more memory to read than a log does. Nothing was imported" in str(error)


def test_rows_on_disk_are_bounded() -> None:
    error = refusal(render([good(MRN=str(n)) for n in range(30)]).encode(), limits=Limits(spool=10_000))
    assert "far more text than a table of treatments" in str(error)


def test_a_report_stays_small_whatever_the_file_and_names_rows_left_out_first() -> None:
    long = "x" * 5_000
    header = HEADER.replace("Notes", long)
    notes = "".join(
        f'{n},"A, B",02/23/1977,5,,Chronic migraine,G43.709,Botox,06/19/2025,155\n' for n in range(900)
    )
    bad = "1,Ada," + f"{long},{long}\n" * 1
    told, patients = read((header + notes + bad * 2_000).encode())
    report = told.told
    assert (report["rows"], report["treatments"], report["bad_rows"], patients) == (2_900, 900, 2_000, 900)
    assert len(report["problems"]) == MAX_PROBLEMS
    assert {problem["severity"] for problem in report["problems"]} == {"error"}
    assert report["problems_unlisted"] > 2_000
    assert max(len(text) for text in report["unused_columns"]) <= MAX_WORDS
    assert len(json.dumps(report)) < 1_000_000


def test_the_process_is_given_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "mine")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    assert set(bare_environment()) <= {"SYSTEMROOT", "LD_LIBRARY_PATH"}


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "log.csv is an image"),
        (b"\xff\xd8\xff\xe0" + bytes(30), "an image"),
        (b"GIF89a" + bytes(30), "an image"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "an image"),
        (b"BM" + (46).to_bytes(4, "little") + bytes(40), "an image"),
        (b"II*\x00" + bytes(30), "an image"),
        (b"MM\x00*" + bytes(30), "an image"),
        (bytes([0, 0, 0, 24]) + b"ftypheic" + bytes(30), "an image"),
        (b"<svg xmlns='x'/>", "a web page or XML"),
        (b"\x1f\x8b\x08" + bytes(30), "an archive"),
        (b"Rar!\x1a\x07\x00", "an archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(30), "an archive"),
        (zipped("log.csv"), "an archive"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a Word document"),
        (zipped("mimetype", "content.xml"), "an OpenDocument"),
        (zipped("[Content_Types].xml", "xl/workbook.bin"), "a binary workbook"),
        (zipped("[Content_Types].xml", "_rels/.rels"), "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "an old Word document"),
        (b"{\\rtf1 MRN", "a text document"),
    ],
)
def test_a_file_is_called_what_it_is_whatever_its_name(content: bytes, word: str) -> None:
    error = refusal(content)
    assert word in str(error)
    assert "Nothing was imported; " in str(error)


def test_a_header_that_begins_like_a_bitmap_is_text() -> None:
    rows = render([good()]).replace("MRN", "BMRN", 1)
    assert "No header" not in str(read(rows.encode(), mapping='{"columns": {"mrn": "BMRN"}}')[0].told)


def test_as_many_rows_as_are_allowed_are_not_too_many() -> None:
    assert len(read_table((HEADER + "1,Ada\n" * MAX_ROWS).encode()).rows) == MAX_ROWS
