"""What somebody types, read as ways to find a patient."""

from datetime import date

import pytest

from clinic_scheduler.domain.search.search_terms import (
    BEGINS,
    EXACT,
    NAMED,
    birth_key,
    mrn_keys,
    phone_keys,
    read,
    record_keys,
)


def keys_of(text: str, base: int) -> set[str]:
    return {key for way in read(text).ways if way.base == base for keys in way.conditions for key in keys}


@pytest.mark.parametrize(
    "text",
    [
        "1978-03-14",
        "03/14/1978",
        "3/14/1978",
        "3-14-1978",
        "14-Mar-1978",
        "14 march 1978",
        "March 14, 1978",
        "mar 14 1978",
        " 14MAR1978 ",
    ],
)
def test_dates_are_read_as_americans_write_them_or_without_doubt(text: str) -> None:
    assert [way.conditions for way in read(text).ways] == [({birth_key(date(1978, 3, 14)): 0},)]


def test_a_date_narrows_a_name() -> None:
    (way,) = read("okonkwo 3/14/1978").ways
    assert way.base == NAMED
    assert {"b1978-03-14": 0} in way.conditions
    assert any("=okonkwo" in keys for keys in way.conditions)


@pytest.mark.parametrize("text", ["14/3/1978", "31-Feb-1978", "3/14/78", "0/0/0000"])
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    keys = {key for way in read(text).ways for condition in way.conditions for key in condition}
    assert not [key for key in keys if key.startswith("b") and key[1:2].isdigit()]


@pytest.mark.parametrize(
    "text", ["206-555-0123", "(206) 555-0123", "+1 206 555 0123", "12065550123", "206.555.0123"]
)
def test_a_phone_number_is_found_by_its_digits(text: str) -> None:
    assert keys_of(text, EXACT) & phone_keys("+12065550123") == {"t2065550123"}


def test_a_phone_number_is_found_without_its_area() -> None:
    assert "t5550123" in keys_of("555-0123", EXACT) & phone_keys("+12065550123")
    assert phone_keys("+123") == set()


def test_a_record_number_is_found_however_it_is_written() -> None:
    for text in ("A-100", "a100", "A 100"):
        assert "#=a100" in keys_of(text, EXACT) & mrn_keys("A-100"), text
    assert "#a10" in keys_of("A-10", BEGINS) & mrn_keys("A-100")


def test_nothing_is_looked_for_without_a_letter_or_digit() -> None:
    for text in ("", "  ", "%", "_", "\\", "'", "-"):
        assert read(text).ways == (), text


def test_initials_are_compared_but_not_looked_for() -> None:
    sought = read("a okonkwo")
    named = [way for way in sought.ways if way.base == NAMED]
    assert sought.words == ("a", "okonkwo")
    assert [len(way.conditions) for way in named] == [1, 1]


def test_an_address_is_looked_for_as_a_whole() -> None:
    keys = record_keys("1", "A", "B", date(1978, 3, 14), None, "Ada.Okonkwo@Example.org")
    assert keys_of("ada.okonkwo@example.org", EXACT) & keys
    assert all(
        len(key) <= 40 for key in record_keys("m" * 40, "n" * 60, "g" * 60, date(1978, 3, 14), None, "a" * 99)
    )


def test_a_record_without_reach_has_keys_of_its_own_number_name_and_birth_only() -> None:
    bare = record_keys("A-100", "Okonkwo", "Adaeze", date(1978, 3, 14), None, None)
    full = record_keys("A-100", "Okonkwo", "Adaeze", date(1978, 3, 14), "+12065550123", "ada@example.org")
    assert full - bare == {"t5550123", "t2065550123", "@ada@example.org"}
    assert bare >= {"#=a100", "#a10", "b1978-03-14", "=okonkwo"}


def test_two_letters_are_looked_for_as_a_name_if_there_is_nothing_longer() -> None:
    assert "=li" in keys_of("li", NAMED)
    assert [way.base for way in read("x").ways] == [EXACT]
