"""A clinic's whole injection log: every count, every bad row with its reason, and the time it takes."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from clinic_scheduler.importing import ImportReading, read_log

LOG = Path(__file__).with_name("injection_log.csv")
AS_OF = date(2026, 11, 22)

BAD_ROWS = [
    (31, "Date of Service", "02/30/2026", "no day of the calendar"),
    (323, "Product", "Juvederm", "not a botulinum toxin"),
    (401, "MRN", "", "the patient number is missing"),
    (421, "Units", "15500", "outside the plausible range; expected 5 to 600 units of onabotulinumtoxinA"),
    (508, "Date of Service", "", "the date of service is missing"),
    (692, "Units", "one fifty five", "not a number of units"),
    (923, "Units", "155 U", "line 1574 takes back line 923: neither is imported"),
    (1574, "Units", "-155", "line 1574 takes back line 923: neither is imported"),
    (1841, "Date of Service", "5/3/27", "in the future: after 22-Nov-2026"),
    (1922, "Date of Service", "02/03/1911", "before the patient's birth (09-Nov-1973)"),
]


@pytest.fixture(scope="module")
def reading() -> ImportReading:
    return read_log(LOG, as_of=AS_OF)


def test_counts(reading: ImportReading) -> None:
    assert reading.total_rows == 2002
    assert len(reading.rows) == reading.visit_count == 1980
    assert not reading.several_rows
    assert len(reading.repeats) == 12
    assert len(reading.bad_lines) == 10
    assert reading.patient_count == 400
    # One for an indication that a clinic may not offer.
    assert reading.course_count == 431


def test_each_bad_row_has_its_reason_and_nothing_else_is_wrong(reading: ImportReading) -> None:
    assert [(p.line, p.column, p.value) for p in reading.errors] == [row[:3] for row in BAD_ROWS]
    for problem, (_, _, _, reason) in zip(reading.errors, BAD_ROWS, strict=True):
        assert reason in problem.reason
    assert [(note.line, note.column, note.value, note.reason) for note in reading.warnings] == [
        (10, "ICD-10", "Z99.9", "Z99.9 is not a code of blepharospasm; the words were followed")
    ]


def test_how_the_file_was_understood(reading: ImportReading) -> None:
    assert (reading.encoding, reading.delimiter, reading.header_line, reading.sheet) == (
        "utf-8-sig",
        ",",
        1,
        "",
    )
    assert (reading.date_order, reading.date_evidence.proven_by) == ("mdy", 1783)
    assert (reading.date_evidence.against, reading.date_evidence.ambiguous) == (0, 1482)
    assert len(reading.columns) == 16
    assert reading.unused_headers == ()


def test_products_and_indications(reading: ImportReading) -> None:
    assert Counter(row.product for row in reading.rows) == {
        "onabotulinumtoxinA": 1925,
        "abobotulinumtoxinA": 55,
    }
    assert Counter(row.indication for row in reading.rows) == {
        "chronic_migraine": 1315,
        "spasticity_upper_limb": 411,
        "spasticity_lower_limb": 253,
        "blepharospasm": 1,
    }


def test_each_patient_is_one_person(reading: ImportReading) -> None:
    for facts in ("family_name", "given_name", "birth_date", "phone"):
        assert len({(row.mrn, getattr(row, facts)) for row in reading.rows}) == 400
    assert all(row.birth_date < row.given_on <= AS_OF for row in reading.rows)


def test_notes_are_plain_text(reading: ImportReading) -> None:
    assert {row.line: row.notes for row in reading.rows if row.notes} == {
        7: '=HYPERLINK("http://evil.example","click")',
        11: 'Pt asked: "earlier slot?"\nLVM x2',
    }


def test_reading_again_in_any_order_or_with_bad_rows_mended_gives_the_same_fingerprints(
    reading: ImportReading,
) -> None:
    before = {row.fingerprint for row in reading.rows}
    assert len(before) == 1980
    text = LOG.read_bytes().decode("utf-8-sig").replace("one fifty five", "320").replace("Juvederm", "Botox")
    after = {row.fingerprint for row in read_log(text.encode("utf-16"), as_of=AS_OF).rows}
    # Both mended rows turn out to be treatments that the log holds already.
    assert after == before
