"""DD-9: the first day on which a status may read otherwise with nothing new known, so that kept rows stay true."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from builders import course, day, decision, elsewhere, forecast, given
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st
from strategies import random_case

from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.json_contract import read_question
from clinic_scheduler.domain.forecast.status import timing_on
from clinic_scheduler.domain.forecast.values import Course, GivenSession

V1 = [given("2026-08-31")]


def turns(sessions: list[GivenSession], of: Course, as_of: str = "2026-11-22") -> date | None:
    return forecast(sessions, of, as_of=as_of).turns_on


@pytest.mark.parametrize(
    ("sessions", "of", "as_of", "turn"),
    [
        ([], course(), "2026-11-22", None),
        (V1, course(), "2026-11-22", "2027-03-02"),
        (V1, course(), "2027-03-01", "2027-03-02"),
        (V1, course(), "2027-03-02", None),
        ([], course(booked_on="2026-11-22"), "2026-11-22", "2026-11-23"),
        ([], course(booked_on="2026-11-22"), "2026-11-23", None),
        ([], course(decisions=(decision("cap_unknown", "2026-11-22"),)), "2026-11-22", "2026-11-23"),
        ([], course(decisions=(decision("cap_unknown", "2026-11-21"),)), "2026-11-22", None),
        ([], course(stopped_on="2026-11-30"), "2026-11-22", None),
        ([], course(stopped_on="2026-11-30", booked_on="2026-12-05"), "2026-11-22", "2026-11-30"),
        ([], course(stopped_on="2026-11-30", booked_on="2026-11-25"), "2026-11-22", "2026-11-26"),
        ([], course(stopped_on="2026-11-22", booked_on="2026-12-05"), "2026-11-22", "2026-12-06"),
        ([], course(decisions=(decision("cap_unknown", "9999-12-31"),)), "2026-11-22", None),
        (V1, course(consulted_on="2027-03-10"), "2027-03-05", "2027-03-10"),
        (
            V1,
            course(
                booked_on="2026-12-05",
                decisions=(decision("cap_unknown", "2026-12-03"), decision("cap_unknown", "2026-12-04")),
            ),
            "2026-11-22",
            "2026-12-04",
        ),
        ([*V1, elsewhere("2026-10-01", indication=None)], course(), "2026-11-22", "2027-04-02"),
    ],
)
def test_each_day_on_which_something_turns(
    sessions: list[GivenSession], of: Course, as_of: str, turn: str | None
) -> None:
    assert turns(sessions, of, as_of) == (day(turn) if turn else None)


SEEDED = st.integers(0, 2**32 - 1).map(lambda seed: random_case(random.Random(seed)))


@hypothesis_given(SEEDED, st.integers(1, 250))
def test_until_then_only_dates_and_holds_change_what_a_row_says(case: dict[str, Any], days: int) -> None:
    """The dates are kept and compared with today; whoever is on hold is asked of the holds themselves."""
    patient, courses, sessions, as_of = read_question(case)
    patient = patient._replace(holds=())
    courses = [each._replace(holds=()) for each in courses]
    known = [each for each in sessions if each.given_on <= as_of]
    then = as_of + timedelta(days)
    later = forecast_all(patient, courses, known, then)
    for of, old, new in zip(courses, forecast_all(patient, courses, known, as_of), later, strict=True):
        if old.turns_on is not None and old.turns_on <= then:
            continue
        assert (new.blocks, new.booking) == (old.blocks, old.booking)
        if new.timing != "closed":
            dates = (old.earliest_date, old.due_date, old.overdue_date, old.lapse_date)
            assert new.timing == timing_on(*dates, then)
        assert of.booked_on is None or new.timing == "closed" or new.bucket == old.bucket
