"""DD-9 and DD-11: each thing that may stand against a visit, on its last day and the day after; DD-17 is apart."""

from datetime import timedelta
from typing import Any

import pytest
from builders import (
    OTHER_TOXIN,
    authorization,
    course,
    day,
    decision,
    elsewhere,
    facts,
    forecast,
    given,
    hold,
    patient,
)

from clinic_scheduler.domain.forecast.blocks import DECIDABLE, Against
from clinic_scheduler.domain.forecast.values import Course, Decision, GivenSession, Patient
from clinic_scheduler.domain.visits.day_checks import CourseFacts, against, booking_of

V1 = [given("2026-08-31")]
LEAVE = authorization("2026-11-24", "2026-11-26", visits_left=1, units_left=155)
TEENAGER = patient("2008-12-01", 70)
LIMB = "spasticity_upper_limb"

Case = tuple[list[GivenSession], Course, Patient, str, str]
# What stands against a visit: under which course, of whom, on which day still, and on which day no more.
CASES: dict[str, Case] = {
    "too_early": (V1, course(), patient(), "2026-11-22", "2026-11-23"),
    "over_cap": (
        [elsewhere("2026-09-14", 246)],
        course(started_on="2026-11-09", planned_units=155),
        patient(),
        "2026-12-06",
        "2026-12-07",
    ),
    "on_hold": (V1, course(holds=(hold("2026-11-20", "2026-11-24"),)), patient(), "2026-11-24", "2026-11-25"),
    "consultation_needed": (
        V1,
        course(consulted_on="2027-03-05"),
        patient(),
        "2027-03-04",
        "2027-03-05",
    ),
    "cap_exceeded": ([], course(LIMB, planned_units=341), TEENAGER, "2026-11-30", "2026-12-01"),
    "cap_unknown": (
        [*V1, elsewhere("2026-09-02", None)],
        course(),
        patient(),
        "2026-11-24",
        "2026-11-25",
    ),
    "weight_missing": ([], course(LIMB), patient("2008-12-01"), "2026-11-30", "2026-12-01"),
    "age_not_covered": ([], course(), TEENAGER, "2026-11-30", "2026-12-01"),
    "other_toxin_review": (
        [*V1, elsewhere("2026-08-05", product=OTHER_TOXIN)],
        course(),
        patient(),
        "2026-11-24",
        "2026-11-25",
    ),
    "outside_authorization": (
        V1,
        course(authorization_required=True, authorizations=(LEAVE,)),
        patient(),
        "2026-11-23",
        "2026-11-24",
    ),
}


def standing(known: CourseFacts, on: str) -> list[str]:
    return [name.value for name in against(known, day(on))]


@pytest.mark.parametrize("name", CASES)
def test_each_stands_through_its_last_day_and_no_longer(name: str) -> None:
    sessions, of, who, last, good = CASES[name]
    known = facts(sessions, of, who=who)
    assert name in standing(known, last)
    assert name not in standing(known, good)


def booked(name: str, on: str, *named: str, **changes: Any) -> str:
    sessions, of, who, *_ = CASES[name]
    visit = of._replace(booked_on=day(on), booked_override=named, **changes)
    return forecast(sessions, visit, who).booking


@pytest.mark.parametrize("name", CASES)
def test_an_override_passes_over_what_it_names_and_nothing_else(name: str) -> None:
    sessions, of, who, last, good = CASES[name]
    word = "blocked" if Against(name).is_block else name
    stands = standing(facts(sessions, of, who=who), last)
    also = [each for each in stands if each != name]
    assert booked(name, last, *also) == word
    assert booked(name, last, name, *also) == "ok"
    others = [each.value for each in Against if each != name]
    assert booked(name, last, *others, "blocked", "past", "nonsense") == word
    assert booked(name, good, *(each for each in also if each == "late")) == "ok"


@pytest.mark.parametrize("name", CASES)
def test_only_what_a_provider_may_decide_is_taken_off_by_a_decision_through_its_last_day(name: str) -> None:
    sessions, of, who, last, _ = CASES[name]
    for until, decided in ((day(last), True), (day(last) - timedelta(1), False)):
        known = facts(sessions, of._replace(decisions=(Decision(name, until),)), who=who)
        stands = name in standing(known, last)
        assert stands is not (decided and Against(name) in DECIDABLE)


def test_late_from_the_overdue_date_on_for_good() -> None:
    known = facts(V1)
    assert standing(known, "2026-11-30") == []
    assert standing(known, "2026-12-01") == ["late"]
    assert standing(known, "2027-03-01") == ["late"]
    assert standing(known, "2027-03-02") == ["consultation_needed", "late"]


def test_a_missing_plan_stands_on_every_day_and_no_decision_takes_it_off() -> None:
    nothing_typical = course(
        decisions=(decision("plan_missing", "2027-12-31"),), label={"typical_units": None}
    )
    assert standing(facts([], nothing_typical), "2026-01-05") == ["plan_missing"]
    booked_on = nothing_typical._replace(booked_on=day("2026-11-23"), started_on=day("2026-11-20"))
    assert forecast([], booked_on).booking == "blocked"
    assert forecast([], booked_on._replace(booked_override=("plan_missing",))).booking == "ok"


def test_a_product_without_a_known_cap_stands_against_no_day() -> None:
    no_cap = course(planned_units=9_000, caps={"unit_cap": None})
    history = [*V1, elsewhere("2026-10-01", 400), elsewhere("2026-10-02", None)]
    assert standing(facts(history, no_cap), "2026-11-23") == []


def test_all_that_stands_is_told_in_the_rules_order() -> None:
    everything = course(
        planned_units=401,
        holds=(hold("2026-01-01"),),
        authorization_required=True,
        decisions=(decision("on_hold", "2028-12-31"), decision("cap_exceeded", "2026-11-21")),
    )
    history = [given("2026-01-10"), elsewhere("2026-11-10", None, product=None)]
    known = facts(history, everything, who=patient("2015-01-01"))
    assert standing(known, "2026-11-22") == [
        *("over_cap", "on_hold", "consultation_needed", "cap_exceeded", "cap_unknown", "weight_missing"),
        *("age_not_covered", "other_toxin_review", "late", "outside_authorization"),
    ]
    assert standing(known, "2026-03-01")[0] == "too_early"


def test_holds_of_patient_and_course_include_both_their_ends() -> None:
    patients, courses = (hold("2026-11-24", "2026-11-24"),), (hold("2026-11-26"),)
    known = facts(V1, course(holds=courses), who=patient(holds=patients))
    found = ["on_hold" in standing(known, f"2026-11-{n}") for n in (23, 24, 25, 26, 27)]
    assert found == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("leave", "ok"),
    [
        (authorization(None, None), True),
        (authorization("2026-11-23", "2026-11-23"), True),
        (authorization("2026-11-24", None), False),
        (authorization(None, "2026-11-22"), False),
        (authorization(None, None, visits_left=0), False),
        (authorization(None, None, visits_left=1), True),
        (authorization(None, None, units_left=154.5), False),
        (authorization(None, None, units_left=155), True),
    ],
)
def test_an_authorization_is_open_where_it_says_nothing(leave: Any, ok: bool) -> None:
    required = course(authorization_required=True, authorizations=(LEAVE, leave))
    assert standing(facts(V1, required), "2026-11-23") == ([] if ok else ["outside_authorization"])
    not_required = required._replace(authorization_required=False)
    assert standing(facts(V1, not_required), "2026-11-23") == []


def test_units_left_are_no_limit_where_nothing_is_planned() -> None:
    required = course(authorization_required=True, authorizations=(authorization(None, None, units_left=1),))
    planless = required._replace(label=course(label={"typical_units": None}).label)
    assert standing(facts([], planless), "2026-01-05") == ["plan_missing"]


def test_what_was_given_long_ago_asks_for_a_consultation_on_the_day_of_the_visit() -> None:
    assert "consultation_needed" not in standing(facts([]), "2028-01-01")
    for consulted_on, needed in (
        ("2027-03-01", True),
        ("2027-03-02", False),
        ("2027-03-10", False),
        ("2027-03-11", True),
    ):
        known = facts(V1, course(consulted_on=consulted_on))
        assert ("consultation_needed" in standing(known, "2027-03-10")) is needed
    elsewhere_since = [*V1, elsewhere("2026-10-01", indication=None)]
    assert "consultation_needed" not in standing(facts(elsewhere_since), "2027-03-10")


def test_a_booking_is_none_without_a_day_and_past_once_it_went_by() -> None:
    assert booking_of(facts(V1), day("2026-11-22")) == "none"
    known = facts(V1, course(booked_on="2026-11-21", booked_override=("past", "too_early")))
    assert booking_of(known, day("2026-11-21")) == "ok"
    assert booking_of(known, day("2026-11-22")) == "past"
