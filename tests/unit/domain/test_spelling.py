"""Names however they are spelled: folding, keys, distances; any one slip is found."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.search.name_matching import (
    STEM,
    closeness,
    distance,
    fold,
    gaps,
    name_closeness,
    search_keys,
    similar_parts,
    slips_allowed,
    typed_keys,
    words_of,
)

LETTERS = string.ascii_lowercase
names = st.text(LETTERS, min_size=4, max_size=14)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A name and the same with one letter added, left out, mistaken or swapped with the next."""
    name = draw(names)
    at, letter = draw(st.integers(0, len(name) - 1)), draw(st.sampled_from(LETTERS))
    swapped = name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    mistaken = name[:at] + letter + name[at + 1 :]
    left_out, added = name[:at] + name[at + 1 :], name[:at] + letter + name[at:]
    return name, draw(st.sampled_from([swapped, mistaken, left_out, added, name + letter]))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("O'Neill", "oneill"),
        ("O’NEILL", "oneill"),
        ("García-López", "garcia lopez"),
        ("Sørensen", "sorensen"),
        ("Łukasz", "lukasz"),
        ("Strauß", "strauss"),
        ("Æsa Þór", "aesa thor"),
        ("St. John", "st john"),
        ("  van  der Berg ", "van der berg"),
        ("İpek", "ipek"),
        ("--", ""),
        ("Nguyễn", "nguyen"),
    ],
)
def test_names_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


@given(slips())
def test_any_one_slip_is_found_under_a_shared_key(slip: tuple[str, str]) -> None:
    name, typed = slip
    assert search_keys(name, "x") & typed_keys(typed).keys()
    assert distance(name, typed) <= 1
    assert closeness(typed, name) is not None


@given(names, st.integers(3, 14))
def test_beginnings_are_found(name: str, length: int) -> None:
    typed = name[:length]
    assert search_keys(name, "x") & typed_keys(typed).keys()
    assert closeness(typed, name) == (0 if typed == name else 1)


@given(st.text(max_size=60), st.text(max_size=60))
def test_keys_are_bounded_and_fit_their_column(family: str, given_name: str) -> None:
    keys = search_keys(family, given_name)
    assert len(keys) <= 50
    assert all(0 < len(key) <= 40 for key in keys)


def test_a_usual_name_has_about_twenty_keys() -> None:
    assert len(search_keys("Okonkwo", "Adaeze")) == 22
    assert len(search_keys("García-López", "María Elena")) <= 42


def test_a_long_name_has_keys_for_its_first_words_and_for_slips_in_the_very_first() -> None:
    keys = search_keys("alpha bravo charly delta echoes foxtrot golfer", "")
    assert {"=alpha", "=foxtrot", "~lpha", "~harly"} <= keys
    assert not {"=golfer", "~elta"} & keys


def test_a_name_without_a_word_has_no_key() -> None:
    assert search_keys("--", "") == set()


def test_what_is_typed_may_be_a_word_its_beginning_or_a_slip() -> None:
    slips = {f"{sign}{gap}": 3 for gap in ("kwo", "owo", "oko", "okw") for sign in ("~", "", "=")}
    assert typed_keys("okwo") == slips | {"~okwo": 3, "okwo": 1, "=okwo": 0}
    assert typed_keys("okonkw")["okonkw"] == 1
    of_a_longer_word = typed_keys("okonkwo")
    assert (of_a_longer_word["okonkw"], of_a_longer_word["=okonkwo"]) == (3, 0)


@given(st.text(LETTERS, max_size=7), st.text(LETTERS, max_size=7))
def test_distance_is_a_distance(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("a", "b", "slips"),
    [
        ("smith", "smtih", 1),
        ("smith", "smyth", 1),
        ("okonkwo", "okonko", 1),
        ("kitten", "sitting", 3),
        ("", "ab", 2),
    ],
)
def test_distances(a: str, b: str, slips: int) -> None:
    assert distance(a, b) == slips


def test_gaps_leave_one_letter_out() -> None:
    assert gaps("abc") == {"bc", "ac", "ab"}
    assert gaps("a") == set()
    assert len(search_keys("a" * 30, "")) < 12 + STEM


def test_exact_comes_before_a_beginning_before_a_slip() -> None:
    fits = [closeness(typed, "martinez") for typed in ("martinez", "mart", "martines", "martinas", "meyer")]
    assert fits == [0, 1, 2, 3, None]


def test_a_beginning_with_a_slip_in_it_is_a_weaker_sign_the_more_slips_are_allowed() -> None:
    assert closeness("martn", "martinez") == 2
    assert closeness("schwaz", "schwarzenegger") == 3
    assert closeness("schxaz", "schwarzenegger") is None
    assert closeness("mxr", "martinez") is None


def test_two_slips_are_allowed_from_six_letters_on() -> None:
    assert [slips_allowed(word) for word in ("reid", "reids", "reidss")] == [1, 1, 2]


def test_a_name_is_as_close_as_its_words_together_each_where_it_fits_best() -> None:
    assert name_closeness(["okonkow", "adae"], "Okonkwo", "Adaeze") == 3
    assert name_closeness(["ann"], "Annabel", "Ann") == 0


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("adaeze okonkwo", True),
        ("okonkwo a", True),
        ("o a", True),
        ("okonkow adaze", True),
        ("okonkwo tom", False),
        ("b okonkwo", False),
    ],
)
def test_every_word_must_fit_some_word_of_the_name(typed: str, found: bool) -> None:
    assert (name_closeness(typed.split(), "Okonkwo", "Adaeze") is not None) == found


def test_words_written_as_one_are_found_and_the_other_way_round() -> None:
    assert name_closeness(["maryann"], "Wu", "Mary-Ann") == 0
    assert "=maryann" in search_keys("Wu", "Mary Ann")
    assert words_of("Wu", "Mary-Ann Wu") == ["wu", "mary", "ann"]


def test_short_names_are_compared_with_care() -> None:
    assert closeness("lu", "li") == 2
    assert closeness("lii", "li") == 2
    assert closeness("a", "b") is None
    assert closeness("xu", "lindgren") is None


@pytest.mark.parametrize(
    ("a", "b", "similar"),
    [
        ("Okonkwo", "Okonkow", True),
        ("Rob", "Robert", True),
        ("García", "Garcia Lopez", True),
        ("O'Neill", "O Neill", True),
        ("Mary-Ann", "Maryann", True),
        ("Reid", "Sato", False),
        ("Al", "Alexander", False),
        ("Reid", "Reed", True),
        ("", "Reid", False),
        ("", "X", False),
        ("", "", False),
    ],
)
def test_similar_parts_of_names(a: str, b: str, similar: bool) -> None:
    assert similar_parts(a, b) is similar
    assert similar_parts(b, a) is similar
