"""When toxin was given elsewhere, as far as known: the last day it can have been, never in the future."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.elsewhere import FIRST_DAY, KnownFrom, RoughDay, require_possible

TODAY = date(2026, 11, 23)
days = st.dates(FIRST_DAY, date(2040, 12, 31))

LAST = [
    (RoughDay(2026, 3, 9), date(2026, 3, 9)),
    (RoughDay(2026, 3), date(2026, 3, 31)),
    (RoughDay(2024, 2), date(2024, 2, 29)),
    (RoughDay(2025), date(2025, 12, 31)),
    (RoughDay(2026, 11), TODAY),
    (RoughDay(2026), TODAY),
    (RoughDay(2026, 11, 23), TODAY),
    (RoughDay(1985), date(1985, 12, 31)),
]


@pytest.mark.parametrize(("when", "last"), LAST)
def test_the_last_day_it_can_have_been(when: RoughDay, last: date) -> None:
    assert when.last_possible(TODAY) == last
    assert when.is_approximate == (when.day is None)


CANNOT_BE = [
    (RoughDay(2026, 11, 24), "24-Nov-2026 is in the future"),
    (RoughDay(2026, 12), "in the future"),
    (RoughDay(2027), "in the future"),
    (RoughDay(1984), "before there was any such toxin"),
    (RoughDay(26, 3), "check the year"),
    (RoughDay(2026, 2, 29), "no such day"),
    (RoughDay(2026, 13), "no such day"),
    (RoughDay(0), "no such day"),
    (RoughDay(10**30), "no such day"),
    (RoughDay(2026, None, 3), "a day needs its month"),
]


@pytest.mark.parametrize(("when", "said"), CANNOT_BE)
def test_what_cannot_be_is_refused_in_words(when: RoughDay, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        when.last_possible(TODAY)


@given(days, days)
def test_the_less_is_known_the_later_it_is_taken_and_never_after_today(day: date, today: date) -> None:
    known = (RoughDay(day.year, day.month, day.day), RoughDay(day.year, day.month), RoughDay(day.year))
    if day > today:
        with pytest.raises(InvalidInput):
            known[0].last_possible(today)
        return
    exact, month, year = (when.last_possible(today) for when in known)
    assert exact == day
    assert day <= month <= year <= today
    assert month == today or (month + timedelta(1)).month != day.month
    assert month.month == day.month
    assert year == today or (year.month, year.day) == (12, 31)


def test_the_first_day_and_today_are_possible() -> None:
    for day in (FIRST_DAY, TODAY):
        require_possible(day, TODAY)
    with pytest.raises(InvalidInput):
        require_possible(FIRST_DAY - timedelta(1), TODAY)


def test_each_source_has_words_of_its_own() -> None:
    assert len({source.label for source in KnownFrom}) == len(KnownFrom)


@pytest.mark.parametrize("known_from", KnownFrom)
def test_who_said_so_is_read_back_from_an_exports_words(known_from: KnownFrom) -> None:
    assert KnownFrom.labelled(known_from.label.upper()) is known_from
    assert KnownFrom.labelled(f"{known_from.label} as well") is None
