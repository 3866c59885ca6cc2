"""Encodings, delimiters, line ends, line numbers and broken text files."""

import pytest
from importing_rows import GOOD_ROW, good, render

from clinic_scheduler.importing import MappingError, UnreadableFile, UnrecognisedColumns, read_table
from clinic_scheduler.importing.files import opening as opening
from clinic_scheduler.importing.files.kinds import OLE_MAGIC
from clinic_scheduler.importing.files.tables import ReadingHints

TEXT = render([good(Patient_Name="MÜLLER, Zoë")])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_every_usual_encoding_is_recognised(content: bytes, encoding: str) -> None:
    table = read_table(content, "log.csv")
    assert table.encoding == encoding
    assert table.header[0] == "MRN"
    assert table.rows[0].cells[1] == "MÜLLER, Zoë"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_delimiter_and_line_ends_are_recognised(delimiter: str, line_end: str) -> None:
    table = read_table(render([GOOD_ROW, GOOD_ROW], delimiter, line_end).encode(), "log.txt")
    assert table.delimiter == delimiter
    assert [row.line for row in table.rows] == [2, 3]
    assert len(table.rows[0].cells) == len(GOOD_ROW)


def test_line_is_where_a_row_starts_across_quoted_newlines_and_blank_lines() -> None:
    body = render([good(Notes="two\nlines"), good(), good()]).replace("\r\n", "\n").split("\n")
    body.insert(3, "")
    body.insert(3, ",,,")
    table = read_table("\n".join(body).encode(), "log.csv")
    assert [row.line for row in table.rows] == [2, 6, 7]
    assert table.rows[0].cells[-1] == "two\nlines"


def test_title_lines_above_the_header_are_skipped() -> None:
    text = 'Injection log\n"Van Ness Clinic, Units report"\n\n' + render([GOOD_ROW])
    table = read_table(text.encode(), "log.csv")
    assert (table.header_line, table.rows[0].line) == (4, 5)


def test_excel_separator_line_is_obeyed_and_counted() -> None:
    table = read_table(("sep=;\r\n" + render([GOOD_ROW], ";")).encode(), "log.csv")
    assert (table.delimiter, table.header_line, table.rows[0].line) == (";", 2, 3)


def test_separator_line_does_not_hide_an_open_quote() -> None:
    text = "sep=,\r\n" + render([GOOD_ROW]) + '10103,"TANAKA, Ivo,01/01/1980\r\n10104,x\r\n'
    with pytest.raises(UnreadableFile, match="line 4 is not closed"):
        read_table(text.encode(), "log.csv")


def test_a_quote_that_never_closes_is_an_error_that_names_its_line() -> None:
    text = render([GOOD_ROW, GOOD_ROW]) + '10103,"TANAKA, Ivo,01/01/1980\r\n10104,"LEE, Mei",x\r\n10105,y\r\n'
    lost = text.replace('"LEE, Mei"', "LEE")
    with pytest.raises(UnreadableFile, match="line 4 is not closed"):
        read_table(lost.encode(), "log.csv")


def test_a_quote_that_swallows_a_large_file_is_an_error_not_a_crash() -> None:
    text = render([GOOD_ROW]) + '10103,"open\r\n' + "x" * 200_000
    with pytest.raises(UnreadableFile, match="line 3 is not closed"):
        read_table(text.encode(), "log.csv")


def test_a_header_may_not_be_too_far_down() -> None:
    with pytest.raises(UnrecognisedColumns, match="first 20 rows"):
        read_table(("title\n" * 25 + render([GOOD_ROW])).encode(), "log.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        (OLE_MAGIC + b"\x00" * 600, "old Excel file"),
        (OLE_MAGIC + b"\x00" * 60 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table><tr><td>MRN</td></tr></table></html>", "web page"),
    ],
)
def test_other_kinds_of_file_are_refused_with_advice(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_table(content, "log.xls")


def test_too_large_and_missing_files_are_refused(tmp_path, monkeypatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 100)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_table(path)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_table(TEXT.encode(), "log.csv")
    with pytest.raises(UnreadableFile, match="could not be opened"):
        read_table(tmp_path / "missing.csv")


def test_an_encoding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MappingError, match="klingon"):
        read_table(TEXT.encode(), "log.csv", ReadingHints(encoding="klingon"))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="cp1252"):
        read_table(TEXT.encode() + b"\x81\x8d", "log.csv")
