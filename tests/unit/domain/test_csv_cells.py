"""A cell that a spreadsheet would compute is kept from it, and read back to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.csv_cells import as_it_was, formula_safe

COMPUTED = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1")


@pytest.mark.parametrize("cell", COMPUTED)
def test_what_looks_like_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Okonkwo", "'s-Gravenhage", "1+1", "' =1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert formula_safe(cell) == cell == as_it_was(cell)


@given(st.one_of(st.text(), st.text("'=+-@\t\r a", max_size=6)))
def test_every_cell_is_read_back_to_the_letter(cell: str) -> None:
    assert as_it_was(formula_safe(cell)) == cell
