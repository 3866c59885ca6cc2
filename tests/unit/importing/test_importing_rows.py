"""Whole rows: what is bad, what is a warning, what repeats, and what is not a row at all."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from importing_rows import AS_OF, GOOD_ROW, good, read, reasons, render

from clinic_scheduler.domain.csv_cells import formula_safe
from clinic_scheduler.importing import fingerprint, read_log, visit_key


def test_a_good_row_gives_every_field() -> None:
    (row,) = read(good(Notes=" as given\n", Outcome="Incomplete", Kind="touch-up", Weight=" 150 lb")).rows
    assert (row.line, row.mrn, row.family_name, row.given_name) == (2, "10102", "Tanaka", "Ivan")
    assert (row.birth_date, row.given_on) == (date(1977, 2, 23), date(2025, 6, 19))
    assert (row.phone, row.phone_raw, row.email) == (
        "+14155550114",
        "(415) 555-0114",
        "ivan.tanaka@example.org",
    )
    assert (row.indication, row.icd10, row.product) == ("chronic_migraine", "G43.709", "onabotulinumtoxinA")
    assert (row.units, row.units_wasted, row.lot, row.lot_expires_on) == (
        155.0,
        45.0,
        "C5014C9",
        date(2027, 9, 25),
    )
    assert (row.provider_name, row.location, row.notes) == ("Dr. Chloe Varga", "Van Ness", " as given\n")
    assert (row.outcome, row.kind, row.weight_kg) == ("partial", "touch_up", 68.04)
    assert row.fingerprint == fingerprint(
        row.mrn, row.given_on, row.indication, row.product, row.units, row.lot
    )
    with pytest.raises(FrozenInstanceError):
        row.units = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [
        {"Outcome": "Missed one site, partial"},
        {"Outcome": "Pt refused the last two"},
        {"Status": "Completed, next visit cancelled"},
        {"Status": "Signed"},
    ],
)
def test_what_was_given_in_part_or_goes_on_otherwise_is_kept(change: dict[str, str]) -> None:
    assert [row.units for row in read(good(**change)).rows] == [155.0]


def test_a_phone_number_comes_back_from_an_export() -> None:
    reading = read(good(Phone=formula_safe("+14155550114")))
    assert [(row.phone, row.phone_raw) for row in reading.rows] == [("+14155550114", "+14155550114")]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"MRN": ""}, "MRN", "missing"),
        ({"Date_of_Service": ""}, "Date of Service", "missing"),
        ({"Date_of_Service": "02/30/2026"}, "Date of Service", "no day of the calendar"),
        ({"Date_of_Service": "soon"}, "Date of Service", "not a date"),
        ({"Date_of_Service": "11/23/2026"}, "Date of Service", "in the future"),
        ({"Date_of_Service": "5/3/27"}, "Date of Service", "in the future"),
        ({"Date_of_Service": "02/03/1911"}, "Date of Service", "before the patient's birth"),
        ({"Date_of_Service": "06/19/1978"}, "Date of Service", "before 1985"),
        ({"DOB": "02/23/2027"}, "DOB", "in the future"),
        ({"DOB": "02/23/1877"}, "DOB", "120 years"),
        ({"DOB": ""}, "DOB", "missing"),
        ({"DOB": "unread"}, "DOB", "not a date"),
        ({"Patient_Name": ""}, "Patient Name", "name is missing"),
        ({"Units": "15500"}, "Units", "outside the plausible range"),
        ({"Units": ""}, "Units", "missing"),
        ({"Product": "J0585-JW"}, "Product", "discarded, not given"),
        ({"Outcome": "Not given"}, "Outcome", "nothing was given"),
        ({"Status": "Cancelled by patient"}, "Status", "nothing was given"),
        ({"Status": "No Show"}, "Status", "nothing was given"),
        ({"MAR_Action": "Not Given"}, "MAR Action", "nothing was given"),
        ({"Product": "Juvederm"}, "Product", "not a botulinum toxin"),
        ({"Product": ""}, "Product", "missing"),
        ({"Product": "Botox/Dysport"}, "Product", "more than one toxin"),
    ],
)
def test_a_bad_row_is_left_out_with_one_clear_reason(change: dict[str, str], column: str, says: str) -> None:
    reading = read(good(**change), good(MRN="20202"))
    assert [row.mrn for row in reading.rows] == ["20202"]
    assert reading.bad_lines == (2,)
    ((line, named, reason),) = reasons(reading)
    assert (line, named) == (2, column)
    assert says in reason


def test_all_faults_of_a_row_are_reported_at_once() -> None:
    reading = read(good(Units="x", Product="y", Date_of_Service=""))
    assert {column for _, column, _ in reasons(reading)} == {"Units", "Product", "Date of Service"}
    assert reading.bad_lines == (2,)
    assert reading.total_rows == 1


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"Phone": "555"}, "Phone", "not a valid phone number"),
        ({"Email": "nobody"}, "Email", "not an email address"),
        ({"Exp": "soon"}, "Exp", "left out"),
        ({"Exp": "02/30/2027"}, "Exp", "left out"),
        ({"Units_Wasted": "-45"}, "Units Wasted", "left out"),
        ({"Units": "0"}, "Units", "not given"),
        ({"ICD_10": "346.70"}, "ICD-10", "not an ICD-10 code"),
        ({"Weight": "50"}, "Weight", "kg or lb"),
        ({"Outcome": "fine"}, "Outcome", "taken as complete"),
        ({"Kind": "other"}, "Kind", "taken as cycle"),
    ],
)
def test_lesser_faults_are_warnings_and_the_row_stays(change: dict[str, str], column: str, says: str) -> None:
    reading = read(good(**change))
    assert len(reading.rows) == 1
    ((_, named, reason),) = reasons(reading, "warning")
    assert named == column
    assert says in reason
    assert reading.errors == ()


def test_an_invalid_phone_keeps_its_text() -> None:
    (row,) = read(good(Phone="ask 555")).rows
    assert (row.phone, row.phone_raw) == (None, "ask 555")


def test_an_expired_lot_is_no_fault_of_the_file() -> None:
    reading = read(good(Exp="06/18/2025"))
    assert reading.problems == ()
    assert reading.rows[0].lot_expires_on == date(2025, 6, 18)


@pytest.mark.parametrize("lot", ["", "n/a", "-"])
def test_blank_optional_cells_are_none(lot: str) -> None:
    (row,) = read(good(Lot=lot, Exp=lot, Email=lot, Phone=lot, Units_Wasted=lot, Provider=lot)).rows
    assert (row.lot, row.lot_expires_on, row.email, row.phone, row.units_wasted, row.provider_name) == (
        None,
    ) * 6


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://example.org","x")', "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"]
)
def test_text_that_a_spreadsheet_would_run_stays_text(text: str) -> None:
    (row,) = read(good(Notes=text, Provider=text, Location=text)).rows
    assert (row.notes, row.provider_name, row.location) == (text, text, text)


def test_repeats_are_counted_and_not_imported() -> None:
    rows = [
        good(),
        good(MRN="20202"),
        good(Units="155 U", Date_of_Service="2025-06-19", Product="BOTOX", Lot="c5014-c9"),
    ]
    reading = read(*rows)
    assert [row.line for row in reading.rows] == [2, 3]
    assert [(repeat.line, repeat.first_line) for repeat in reading.repeats] == [(4, 2)]
    assert reading.total_rows == len(reading.rows) + len(reading.repeats)


def test_a_repeat_that_differs_elsewhere_is_kept_out_with_a_warning() -> None:
    reading = read(good(), good(Units_Wasted="40"))
    assert len(reading.repeats) == 1
    assert reasons(reading, "warning") == [
        (3, "Units Wasted", "repeats line 2 with another value for units wasted; line 2 is kept")
    ]


def test_a_corrected_dose_keeps_the_visit_and_changes_the_fingerprint() -> None:
    (before,), (after,) = read(good(Units="165")).rows, read(good(Units="155")).rows
    assert (
        before.visit_key
        == after.visit_key
        == visit_key(before.mrn, before.given_on, before.indication, before.product)
    )
    assert before.fingerprint != after.fingerprint


def test_fingerprints_survive_reordering_and_a_mended_row() -> None:
    rows = [good(), good(MRN="20202"), good(MRN="30303", Units="one fifty five")]
    before = {row.fingerprint for row in read(*rows).rows}
    rows[2] = good(MRN="30303", Units="155")
    after = {row.fingerprint for row in read(*reversed(rows)).rows}
    assert before < after
    assert len(after - before) == 1


def test_fingerprints_do_not_hang_on_how_a_person_is_written() -> None:
    one = read(good()).rows[0]
    other = read(good(Patient_Name="Ivan Tanaka", DOB="1977-02-23", Phone="", Provider="", Notes="x")).rows[0]
    assert one.fingerprint == other.fingerprint


def test_day_first_files_are_read_day_first_and_say_so() -> None:
    reading = read(good(DOB="23/02/1977", Date_of_Service="05/06/2025", Exp="25.09.27"))
    assert (reading.date_order, reading.date_evidence.proven_by) == ("dmy", 1)
    assert (reading.rows[0].given_on, reading.rows[0].lot_expires_on) == (date(2025, 6, 5), date(2027, 9, 25))


def test_rows_against_the_order_of_the_file_are_bad_and_the_file_is_warned_about() -> None:
    rows = [good(Date_of_Service=f"{month}/19/2025") for month in (1, 4, 7)]
    reading = read(*rows, good(DOB="23/02/1977", MRN="20202"))
    assert reading.bad_lines == (5,)
    assert "it would be one as day/month/year" in reading.errors[0].reason
    assert [(w.line, w.column) for w in reading.warnings] == [(1, "")]
    assert "1 rows say otherwise" in reading.warnings[0].reason


def test_no_evidence_for_the_order_is_a_loud_warning() -> None:
    reading = read(good(DOB="02/03/1977", Date_of_Service="05/06/2025", Exp=""))
    assert reading.rows[0].given_on == date(2025, 5, 6)
    assert "NOTHING PROVES" in reading.warnings[0].reason


def test_totals_footers_and_repeated_headers_are_reported_and_not_counted() -> None:
    text = render([good()]) + ",,,,,,,,,155,45,,,,,\r\nTotal rows: 1\r\n" + render([good(MRN="20202")])
    reading = read_log(text.encode(), as_of=AS_OF)
    assert [row.mrn for row in reading.rows] == ["10102", "20202"]
    assert reading.total_rows == 2
    left_out = [(w.line, w.reason.split(";")[0]) for w in reading.warnings if "left out" in w.reason]
    assert left_out == [
        (3, "looks like a line of totals or a footer, not a treatment"),
        (4, "looks like a line of totals or a footer, not a treatment"),
        (5, "repeats the header"),
    ]


def test_an_unquoted_delimiter_makes_a_bad_row_not_a_shifted_one() -> None:
    text = render([good(), good(MRN="20202", Notes="x")]).replace(
        '20202,"TANAKA, Ivan"', "20202,TANAKA, Ivan"
    )
    reading = read_log(text.encode(), as_of=AS_OF)
    assert reading.bad_lines == (3,)
    assert "17 cells under 16 headers" in reading.errors[0].reason


def test_a_short_row_is_read_with_a_warning() -> None:
    text = render([good(Notes="")]).rstrip("\r\n").rstrip(",").removesuffix("Van Ness").rstrip(",")
    reading = read_log(text.encode(), as_of=AS_OF)
    assert len(reading.rows) == 1
    assert "only 14 cells under 16 headers" in reading.warnings[0].reason


def test_progress_is_told_from_start_to_end() -> None:
    told: list[tuple[int, int | None]] = []
    read(
        *[good(MRN=str(number)) for number in range(600)],
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(500, None), *[(600, None)] * 2, (0, 600), (500, 600), *[(600, 600)] * 3]


def test_an_empty_log_is_no_error() -> None:
    reading = read_log(render([GOOD_ROW]).split("\r\n")[0].encode(), as_of=AS_OF)
    assert (reading.rows, reading.problems, reading.total_rows) == ((), (), 0)


def test_a_long_cell_is_cut_in_problems() -> None:
    reading = read(good(Units="x" * 5000))
    assert len(reading.errors[0].value) == 200


def test_the_region_decides_national_numbers() -> None:
    assert read(good(Phone="020 7946 0018"), default_region="GB").rows[0].phone == "+442079460018"


def test_an_expiry_of_month_and_year_is_the_end_of_the_month() -> None:
    assert read(good(Exp="Feb 2028")).rows[0].lot_expires_on == date(2028, 2, 29)
