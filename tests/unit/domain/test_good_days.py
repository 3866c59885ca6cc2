"""The first good day for a visit, and that the days said to be good again are."""

import random
from datetime import timedelta
from typing import Any

import pytest
from builders import course, day, facts, given, hold
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st
from strategies import random_case

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.json_contract import read_question
from clinic_scheduler.domain.forecast.spoken_why import shut_days
from clinic_scheduler.domain.visits.check_texts import SEARCHED_DAYS, first_good_day, is_good, objections
from clinic_scheduler.domain.visits.day_checks import against

V1 = [given("2026-08-31")]


@pytest.mark.parametrize(
    ("after", "late_is_fine", "good"),
    [
        ("2026-11-01", False, "2026-11-23"),
        ("2026-11-30", False, "2026-11-30"),
        ("2026-12-01", False, None),
        ("2026-12-01", True, "2026-12-01"),
    ],
)
def test_the_first_good_day_is_late_only_where_the_course_is_overdue_already(
    after: str, late_is_fine: bool, good: str | None
) -> None:
    found = first_good_day(facts(V1), day(after), late_is_fine=late_is_fine)
    assert found == (day(good) if good else None)


def test_the_first_good_day_lies_past_all_that_stands() -> None:
    held = course(holds=(hold("2026-11-20", "2026-12-31"),), booked_on="2026-11-25")
    other = course(id="c2", booked_on="2026-12-01")
    assert first_good_day(facts(V1, held), day("2026-11-22"), late_is_fine=True) == day("2027-01-01")
    assert first_good_day(facts(V1, held, other), day("2026-11-22"), late_is_fine=True) == day("2027-02-23")
    forever = course(holds=(hold("2026-11-20"),))
    assert first_good_day(facts(V1, forever), day("2026-11-22"), late_is_fine=True) is None


SEEDED = st.integers(0, 2**32 - 1).map(lambda seed: random_case(random.Random(seed)))


@pytest.mark.thorough
@hypothesis_given(SEEDED, st.integers(0, 200), st.booleans())
def test_the_first_good_day_is_the_first_with_nothing_against(
    case: dict[str, Any], days: int, late_is_fine: bool
) -> None:
    patient_, courses, sessions, as_of = read_question(case)
    after = as_of + timedelta(days)
    for _, known in read_all(patient_, courses, sessions, as_of):
        good = first_good_day(known, after, late_is_fine=late_is_fine)
        last = good or after + timedelta(SEARCHED_DAYS)
        fine = {Against.LATE} if late_is_fine else set()
        assert good is None or is_good(known, good, late_is_fine=late_is_fine)
        for n in range((last - after).days):
            assert set(against(known, after + timedelta(n))) - fine


@pytest.mark.thorough
@hypothesis_given(SEEDED, st.integers(-10, 200))
def test_what_stands_until_a_day_stands_on_every_day_before_it(case: dict[str, Any], days: int) -> None:
    patient_, courses, sessions, as_of = read_question(case)
    for forecast, known in read_all(patient_, courses, sessions, as_of):
        on = as_of + timedelta(days)
        for objection in objections(known, on, forecast.because[0]):
            assert objection.text.endswith(".")
            if objection.until is None:
                continue
            assert on < objection.until
            assert objection.name not in against(known, objection.until)
            for n in range((objection.until - on).days):
                assert objection.name in against(known, on + timedelta(n))


def test_visits_without_room_between_them_shut_all_days_that_are_looked_at() -> None:
    days = [day("2026-12-01") + timedelta(100 * n) for n in range(6)]
    others = [course(id=f"o{n}")._replace(booked_on=on) for n, on in enumerate(days)]
    known = facts(V1, course(planned_units=1), *others)
    assert first_good_day(known, day("2026-11-23"), late_is_fine=True) is None
    near = shut_days(known, day("2026-11-23"))[-1]
    assert (near.first, near.last) == (day("2026-11-23"), None)
    assert near.text.startswith("From Monday, November 23, 2026 on it is too near to the visit booked on ")
