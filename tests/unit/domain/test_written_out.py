"""Small promises about what leaves the house: spreadsheet cells that are no formulas, tokens kept as hashes."""

import hashlib

import pytest

from clinic_scheduler.domain.csv_cells import formula_safe
from clinic_scheduler.domain.token_hash import token_hash


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_would_be_a_formula_is_quoted(start: str) -> None:
    assert formula_safe(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "Okafor", "5-1", "2026-11-22", "'tis"])
def test_an_ordinary_cell_is_left_alone(cell: str) -> None:
    assert formula_safe(cell) == cell


def test_a_token_is_hashed_whatever_a_url_may_hold() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").hexdigest()
    assert token_hash("\udc80") == hashlib.sha256(b"\xed\xb2\x80").hexdigest()
