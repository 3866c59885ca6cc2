"""Rows of a bill that take back another: both are left out and said, and a file's units are its net units."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing_rows import good, read, reasons

from clinic_scheduler.importing import ImportReading


def units(reading: ImportReading) -> list[float | None]:
    return [row.units for row in reading.rows]


@pytest.mark.parametrize(
    "taken_back", ["-155", "- 155 U", "(155)", "155-", "\N{MINUS SIGN}155", "-155.00 units"]
)
def test_a_row_and_the_row_that_takes_it_back_are_left_out_and_said(taken_back: str) -> None:
    reading = read(*(good(Units=text) for text in ("155", taken_back, "165")))
    assert units(reading) == [165]
    said = "line 3 takes back line 2: neither is imported"
    assert [(line, column) for line, column, _ in reasons(reading)] == [(2, "Units"), (3, "Units")]
    assert all(reason.startswith(said) for _, _, reason in reasons(reading))
    assert len(reading.rows) + len(reading.bad_lines) == reading.total_rows
    assert not reading.several_rows


def test_it_is_known_by_patient_day_and_product_however_they_are_written() -> None:
    reading = read(good(Units="-155", Product="J0585", Lot="", Notes="reversed"), good(Units="155 U"))
    assert units(reading) == []
    assert reasons(reading)[0][2].startswith("line 2 takes back line 3")


@pytest.mark.parametrize(
    "other",
    [{"MRN": "10103"}, {"Date_of_Service": "06/20/2025"}, {"Product": "Xeomin"}, {"Units": "150"}],
)
def test_what_mirrors_nothing_is_left_out_alone_and_says_what_follows(other: dict[str, str]) -> None:
    reading = read(good(**other), good(Units="-155"))
    assert len(reading.rows) == 1
    [(line, column, reason)] = reasons(reading)
    assert (line, column) == (3, "Units")
    assert reason.startswith("takes back 155 U, but no row of this patient, day and product has 155 U left")
    assert "changes nothing: all other rows of that day count in full" in reason


def test_one_reversal_takes_back_one_copy() -> None:
    rows = [good(Units=text) | {"Vial": ""} for text in ("100", "100", "-100", "100", "-100", "-100", "-100")]
    reading = read(*rows)
    assert units(reading) == []
    assert Counter(reason[:19] for _, _, reason in reasons(reading)) == {
        "line 4 takes back l": 2, "line 6 takes back l": 2, "line 7 takes back l": 2, "takes back 100 U, b": 1,
    }  # fmt: skip


@pytest.mark.parametrize("column", ["Muscle", "Vial", "Side", "Lot"])
def test_of_two_alike_the_one_of_the_same_vial_or_muscle_is_meant(column: str) -> None:
    named = {"Muscle": ("Frontalis", "Temporalis"), "Side": ("left", "right")}.get(column, ("A1", "B2"))
    rows = [good(Units="20") | {"Vial": ""} | {column: name} for name in named]
    reading = read(*rows, good(Units="-20") | {"Vial": ""} | {column: named[1]})
    assert [getattr(row, column.lower()) for row in reading.rows] == [named[0]]


def test_units_in_columns_by_site_are_taken_back_together() -> None:
    row = {name: value for name, value in good().items() if name != "Units"}
    sites = [("10", "20"), ("-10", "-20"), ("15", "20")]
    reading = read(*(row | {"Frontalis": one, "Temporalis": other} for one, other in sites))
    assert units(reading) == [35]
    mixed = read(
        *(row | {"Frontalis": one, "Temporalis": other} for one, other in [("10", "20"), ("10", "-5")])
    )
    assert "some sites have less than 0 units" in reasons(mixed)[0][2]


def test_a_bill_for_what_was_discarded_takes_nothing_back() -> None:
    reading = read(good(Units="45"), good(Units="-45", Product="J0585-JW"))
    assert units(reading) == [45]


@given(st.lists(st.sampled_from([20, -20, 33, -33, 50, -50]), min_size=1, max_size=14))
def test_what_is_read_is_the_net_of_the_file_and_what_was_taken_back_of_nothing(told: list[int]) -> None:
    reading = read(*(good(Units=str(each)) | {"Vial": ""} for each in told))
    too_many = sum(max(0, told.count(-each) - told.count(each)) * each for each in (20, 33, 50))
    assert sum(each or 0 for each in units(reading)) == sum(told) + too_many
