"""The names of what may stand against a visit, who decides them, and the reasons shipped for each."""

import pytest

from clinic_scheduler.domain.forecast.blocks import BLOCKS, DECIDABLE, DESK_DECIDES, Against
from clinic_scheduler.domain.visits.override_reasons import (
    ALREADY_OVERDUE,
    CARRIED_OVER,
    OTHER,
    SHIPPED,
    shipped_for,
)


def test_the_names_stand_in_the_order_of_the_rule() -> None:
    assert [name.value for name in Against] == [
        *("too_early", "over_cap"),
        *("on_hold", "consultation_needed", "cap_exceeded", "cap_unknown", "weight_missing", "plan_missing"),
        *("age_not_covered", "other_toxin_review"),
        *("late", "outside_authorization"),
    ]


def test_what_makes_a_booking_blocked_is_all_between_the_cap_and_being_late() -> None:
    assert [name for name in Against if name.is_block] == list(Against)[2:10]
    assert frozenset(list(Against)[2:10]) == BLOCKS


def test_the_desk_decides_on_being_late_and_on_authorizations_and_a_provider_on_the_rest() -> None:
    assert [name.value for name in Against if not name.needs_provider] == ["late", "outside_authorization"]
    assert not DESK_DECIDES & BLOCKS


def test_only_some_blocks_are_decided_for_good() -> None:
    assert [name.value for name in DECIDABLE] == [
        *("cap_exceeded", "cap_unknown", "age_not_covered", "other_toxin_review"),
    ]
    assert set(DECIDABLE) <= BLOCKS


@pytest.mark.parametrize("name", Against)
def test_each_name_has_reasons_of_its_own_and_other_last(name: Against) -> None:
    reasons = shipped_for(name)
    assert len(reasons) > 1
    assert list(reasons)[-1] == OTHER
    assert dict(list(reasons.items())[:-1]) == dict(SHIPPED[name])
    assert len(set(reasons.values())) == len(reasons)


@pytest.mark.parametrize("name", Against)
def test_codes_fit_a_form_and_words_say_something(name: Against) -> None:
    for code, words in shipped_for(name).items():
        assert code.replace("_", "").isalpha()
        assert code.islower()
        assert len(code) <= 32
        assert words.strip() == words
        assert 0 < len(words) <= 80
        assert not words.endswith(".")


def test_what_the_rules_name_by_themselves_nobody_chooses() -> None:
    assert all(ALREADY_OVERDUE not in shipped_for(name) for name in Against)


def test_reasons_of_an_older_edition_keep_their_words() -> None:
    assert CARRIED_OVER
    assert all(words.strip() for words in CARRIED_OVER.values())
