"""What must agree over all rows of one patient number: name, date of birth, and the number itself."""

from datetime import date

from importing_rows import good, read, reasons


def test_one_patient_is_written_one_way() -> None:
    rows = [
        good(Patient_Name="Maria Garcia Lopez"),
        good(Patient_Name="GARCIA LOPEZ, Maria ", Date_of_Service="9/19/2025"),
    ]
    reading = read(*rows)
    assert {(row.family_name, row.given_name) for row in reading.rows} == {("Garcia Lopez", "Maria")}
    assert reading.problems == ()


def test_another_name_under_the_same_number_is_a_warning() -> None:
    rows = [good(Date_of_Service=f"{month}/19/2025") for month in (1, 4, 7)]
    rows.append(good(Date_of_Service="10/19/2025", Patient_Name="LEE, Mei"))
    reading = read(*rows)
    assert len(reading.rows) == 4
    ((line, column, reason),) = reasons(reading, "warning")
    assert (line, column) == (5, "Patient Name")
    assert "another name for this MRN" in reason


def test_another_name_without_a_birth_date_is_an_error() -> None:
    rows = [good(Date_of_Service=f"{month}/19/2025") for month in (1, 4)]
    reading = read(*rows, good(Date_of_Service="10/19/2025", Patient_Name="LEE, Mei", DOB=""))
    assert reading.bad_lines == (4,)
    assert "another name for this MRN and no date of birth" in reading.errors[0].reason


def test_blank_name_and_birth_date_are_taken_from_other_rows() -> None:
    reading = read(good(), good(Date_of_Service="10/19/2025", Patient_Name="", DOB=""))
    assert [(row.family_name, row.birth_date) for row in reading.rows] == [("Tanaka", date(1977, 2, 23))] * 2
    assert [line for line, _, _ in reasons(reading, "warning")] == [3, 3]


def test_another_birth_date_for_the_number_is_outvoted() -> None:
    rows = [good(Date_of_Service=f"{month}/19/2025") for month in (1, 4, 7)]
    reading = read(*rows, good(Date_of_Service="10/19/2025", DOB="02/24/1977"))
    assert reading.bad_lines == (5,)
    assert reading.errors[0].reason == "another date of birth for this MRN: 3 of its rows say 23-Feb-1977"


def test_birth_dates_without_a_majority_leave_all_rows_out() -> None:
    reading = read(good(), good(Date_of_Service="10/19/2025", DOB="02/24/1977"))
    assert reading.rows == ()
    assert reading.bad_lines == (2, 3)


def test_a_short_birth_year_follows_the_long_one_or_makes_a_possible_age() -> None:
    young = [good(DOB="5/20/20", Date_of_Service=day) for day in ("6/19/2025", "9/19/2025")]
    assert {row.birth_date for row in read(*young).rows} == {date(2020, 5, 20)}
    assert {
        row.birth_date for row in read(*young, good(DOB="5/20/1920", Date_of_Service="1/19/2025")).rows
    } == {date(1920, 5, 20)}
    assert read(good(DOB="5/20/24")).rows[0].birth_date == date(1924, 5, 20)
    assert read(good(DOB="5/20/56")).rows[0].birth_date == date(1956, 5, 20)


def test_numbers_that_differ_in_leading_zeros_are_two_patients_with_a_warning() -> None:
    reading = read(good(MRN="010102"), good(Date_of_Service="9/19/2025"), good(MRN="20202"))
    assert reading.patient_count == 3
    ((line, column, reason),) = reasons(reading, "warning")
    assert (line, column) == (3, "MRN")
    assert "line 2 has the same number with other leading zeros" in reason


def test_first_and_last_name_columns_may_be_blank_too() -> None:
    row = {name: value for name, value in good().items() if name != "Patient Name"}
    reading = read(row | {"Last Name": "", "First Name": ""})
    assert reasons(reading) == [
        (2, "Last Name", "the patient's name is missing, and no other row of this MRN has one")
    ]
