"""Excel workbooks: cell kinds, sheets, formulas, and files that are not what they say."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from importing_rows import AS_OF, GOOD_ROW

from clinic_scheduler.importing import UnreadableFile, UnrecognisedColumns, read_log, read_table
from clinic_scheduler.importing.files import workbooks

HEADER = list(GOOD_ROW)


def saved(fill: Callable[[openpyxl.Workbook], Any]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(*rows: list[Any]) -> bytes:
    return saved(lambda book: [book.active.append(row) for row in (HEADER, *rows)])


def row_of(**changes: Any) -> list[Any]:
    return list((GOOD_ROW | {name.replace("_", " "): value for name, value in changes.items()}).values())


def rezipped(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return out.getvalue()


def test_dates_numbers_and_texts_in_cells() -> None:
    content = sheet_of(
        row_of(
            MRN=10102.0,
            DOB=date(1977, 2, 23),
            Date_of_Service=datetime.combine(date(2025, 6, 19), time(14, 30)),
            Units=155,
        ),
        row_of(MRN="10103", DOB=28179, Date_of_Service=45827, Units=155.5, Lot=123456),
    )
    reading = read_log(content, as_of=AS_OF)
    assert reading.problems == ()
    first, second = reading.rows
    assert (first.mrn, first.birth_date, first.given_on, first.units) == (
        "10102", date(1977, 2, 23), date(2025, 6, 19), 155.0,
    )  # fmt: skip
    assert second.units == 155.5
    assert (second.birth_date, second.given_on, second.lot) == (
        date(1977, 2, 23),
        date(2025, 6, 19),
        "123456",
    )
    assert (first.line, second.line) == (2, 3)


def test_day_numbers_follow_the_workbook_epoch() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active.append(HEADER)
        book.active.append(row_of(Date_of_Service=45827 - 1462))

    assert read_log(saved(fill), as_of=AS_OF).rows[0].given_on == date(2025, 6, 19)


def test_first_sheet_with_a_recognisable_header_is_read_and_named() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.title = "Read me"
        book.active.append(["Exported by the clinic"])
        for title in ("Log", "Old log"):
            sheet = book.create_sheet(title)
            sheet.append(["Injection log"])
            sheet.append([])
            sheet.append(HEADER)
            sheet.append(row_of())

    reading = read_log(saved(fill), as_of=AS_OF)
    assert (reading.sheet, reading.header_line, reading.rows[0].line) == ("Log", 3, 4)
    assert (reading.delimiter, reading.encoding) == ("", "")


def test_a_formula_gives_its_stored_value_and_is_never_evaluated() -> None:
    content = sheet_of(row_of(Units="=100+55"))
    stored = rezipped(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>155</v>").replace(b"<v />", b"<v>155</v>"),
    )
    assert read_log(stored, as_of=AS_OF).rows[0].units == 155.0
    without = read_log(content, as_of=AS_OF)
    assert without.rows == ()
    assert [(p.column, p.value) for p in without.problems] == [("Units", "=100+55")]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(HEADER)
        book.active.append(row_of())
        cell = book.active.cell(2, HEADER.index("Notes") + 1)
        cell.value = '=HYPERLINK("http://example.org")'
        cell.data_type = "s"

    assert read_log(saved(fill), as_of=AS_OF).rows[0].notes == '=HYPERLINK("http://example.org")'


def test_rows_missing_in_the_sheet_keep_row_numbers() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(HEADER)
        for column, value in enumerate(row_of(), start=1):
            book.active.cell(7, column, value)

    assert read_log(saved(fill), as_of=AS_OF).rows[0].line == 7


def test_a_workbook_without_a_header_says_what_it_found() -> None:
    content = saved(lambda book: book.active.append(["Colour", "Size"]))
    with pytest.raises(UnrecognisedColumns, match=r"Colour, Size.*mapping file"):
        read_table(content, "log.xlsx")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[: len(good) // 2],
        lambda good: b"PK\x03\x04" + b"\x00" * 100,
        lambda good: rezipped(good, "xl/workbook.xml", lambda xml: b"<not xml"),
        lambda good: rezipped(good, "xl/worksheets/sheet1.xml", lambda xml: xml[:300]),
        lambda good: rezipped(good, "xl/_rels/workbook.xml.rels", lambda xml: b""),
    ],
)
def test_damaged_workbooks_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnreadableFile, match="damaged or not an Excel workbook"):
        read_table(spoil(sheet_of(row_of())), "log.xlsx")


def test_entities_in_a_workbook_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = rezipped(
        sheet_of(row_of()), "xl/worksheets/sheet1.xml", lambda xml: bomb + xml[xml.find(b"<worksheet") :]
    )
    with pytest.raises(UnreadableFile, match="damaged"):
        read_table(content, "log.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    content = rezipped(sheet_of(), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 20_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        read_table(content, "log.xlsx")


def test_the_sum_of_parts_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        read_table(sheet_of(row_of()), "log.xlsx")


def test_another_zip_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("content.xml", "<office/>")
    with pytest.raises(UnreadableFile, match=r"is an archive.*\.xlsx or \.csv inside"):
        read_table(out.getvalue(), "log.ods")
