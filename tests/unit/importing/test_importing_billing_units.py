"""Units of a bill, which may be several of the toxin's each: never taken for the toxin's own unasked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing_rows import good, read, reasons

from clinic_scheduler.importing import MappingError, parse_mapping

COARSE = [("J0586", 5, "Dysport"), ("J0587", 100, "Myobloc")]


@pytest.mark.parametrize(("code", "each", "brand"), COARSE)
@pytest.mark.parametrize("written", ["{}", " {}-JZ", "HCPCS {}"])
def test_a_code_alone_is_asked_about_with_both_readings(
    written: str, code: str, each: int, brand: str
) -> None:
    reading = read(good(Product=written.format(code), Units="50"))
    assert reading.rows == ()
    line, column, reason = reasons(reading)[0]
    assert (line, column) == (2, "Units")
    assert (
        f"reads 50: as billing units of {code} ({each} U each) that is {50 * each:,} U, as the toxin's"
        in reason
    )
    assert '"units": "billing" or "units": "toxin" in a mapping file' in reason
    assert brand in reason


@pytest.mark.parametrize("code", ["J0585", "J0588", "J0589"])
def test_a_code_billed_by_the_unit_is_read_as_it_stands(code: str) -> None:
    reading = read(good(Product=code))
    assert reading.problems == ()
    assert [row.units for row in reading.rows] == [155]


@pytest.mark.parametrize(("code", "each", "brand"), COARSE)
@given(units=st.integers(3, 20))
def test_a_mapping_says_what_they_are(code: str, each: int, brand: str, units: int) -> None:
    cells = good(Product=code, Units=str(units), Units_Wasted="2")
    (billed,) = read(cells | {"Vial": ""}, mapping={"units": "billing"}).rows
    (own,) = read(cells | {"Vial": ""}, mapping={"units": "toxin"}).rows
    assert (billed.units, billed.units_wasted) == (units * each, 2 * each)
    assert (own.units, own.units_wasted) == (units, 2)
    by_name = read(good(Product=brand, Units=str(units * each))).rows
    assert [row.fingerprint for row in by_name] == [billed.fingerprint]


def test_billing_units_of_the_others_are_their_own() -> None:
    assert [row.units for row in read(good(), mapping={"units": "billing"}).rows] == [155]


def test_a_bill_of_several_units_each_is_taken_back_whole() -> None:
    rows = [good(Product="J0587", Units=units) for units in ("50", "-50", "25")]
    assert [row.units for row in read(*rows, mapping={"units": "billing"}).rows] == [2500]
    unasked = read(*rows)
    assert unasked.rows == ()
    assert any(reason.startswith("line 3 takes back line 2") for _, _, reason in reasons(unasked))


def test_too_many_of_the_toxins_units_are_still_a_slip() -> None:
    reading = read(good(Product="J0587", Units="5000"), mapping={"units": "billing"})
    assert "outside the plausible range" in reasons(reading)[0][2]


def test_another_word_for_them_is_refused() -> None:
    with pytest.raises(MappingError, match='must be "toxin" or "billing"'):
        parse_mapping({"units": "vials"})
