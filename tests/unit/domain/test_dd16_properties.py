"""DD-16: what always holds, and that the engine says what the naive reading of the rules says."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference_figures import PRODUCTS
from reference_reading import reference_forecast
from strategies import cases, random_case

from clinic_scheduler.domain.forecast.json_contract import answer

Json = dict[str, Any]
DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
SEEDED_CASES = 3000
# Only the seed is drawn: drawing each field takes thirty times as long. One property below does, and shrinks well.
SEEDED = st.integers(0, 2**32 - 1).map(lambda seed: random_case(random.Random(seed)))


def without_reasons(answered: Json) -> Json:
    courses = [{k: v for k, v in each.items() if k != "because"} for each in answered["courses"]]
    return {**answered, "courses": courses}


def dates_of(answered: Json) -> list[list[str]]:
    return [[each[name] for name in DATES] for each in answered["courses"]]


@settings(max_examples=50)
@given(cases())
def test_the_engine_agrees_with_the_naive_reading(case: Json) -> None:
    assert without_reasons(answer(case)) == reference_forecast(case)


@pytest.mark.thorough
def test_the_engine_agrees_with_the_naive_reading_on_thousands_of_cases() -> None:
    rng = random.Random(16)
    for _ in range(SEEDED_CASES):
        case = random_case(rng)
        assert without_reasons(answer(case)) == reference_forecast(case), case


@given(SEEDED)
def test_dates_stand_in_order(case: Json) -> None:
    for earliest, due, overdue, lapse in dates_of(answer(case)):
        assert earliest <= due < overdue <= lapse


@given(SEEDED, st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_matters(case: Json, rng: random.Random) -> None:
    first = answer(case)
    by_id = {each["id"]: each for each in first["courses"]}
    rng.shuffle(case["sessions"])
    rng.shuffle(case["courses"])
    for each in case["courses"]:
        rng.shuffle(each.get("authorizations", []))
        rng.shuffle(each.get("holds", []))
    again = answer(case)
    assert {each["id"]: each for each in again["courses"]} == by_id
    assert [each["id"] for each in again["courses"]] == [each["id"] for each in case["courses"]]


@given(SEEDED)
def test_the_same_input_gives_the_same_output_and_is_left_alone(case: Json) -> None:
    before = repr(case)
    assert answer(case) == answer(case)
    assert repr(case) == before


@given(
    SEEDED,
    st.integers(0, 200),
    st.sampled_from([0, 1, 50, 155, 300, 400, 500, 1500, 10000]),
    st.sampled_from(["complete", "partial", "aborted"]),
    st.sampled_from(["cycle", "touch_up"]),
    st.sampled_from(sorted(PRODUCTS)),
    st.booleans(),
)
def test_a_later_session_never_moves_an_earliest_date_back(
    case: Json, days: int, units: float, outcome: str, kind: str, product: str, own: bool
) -> None:
    """Later than everything known, the start of each course among it: a course may be treated before it starts."""
    known = [case["as_of"], *(s["given_on"] for s in case["sessions"])]
    known += [course["started_on"] for course in case["courses"]]
    given_on = (date.fromisoformat(max(known)) + timedelta(days)).isoformat()
    case = {**case, "as_of": given_on}
    before = answer(case)
    target = case["courses"][0]["id"] if own else None
    plain = {"id": "zz", "course_id": target, "given_on": given_on, "units": units, "product": product}
    later = {**plain, "outcome": outcome, "kind": kind}
    after = answer({**case, "sessions": [*case["sessions"], later]})
    for old, new in zip(before["courses"], after["courses"], strict=True):
        assert new["earliest_date"] >= old["earliest_date"]


@given(SEEDED, st.integers(1, 400))
def test_as_of_never_moves_a_date_unless_a_session_comes_to_light(case: Json, days: int) -> None:
    later = (date.fromisoformat(case["as_of"]) + timedelta(days)).isoformat()
    assume(all(s["given_on"] <= case["as_of"] or s["given_on"] > later for s in case["sessions"]))
    assert dates_of(answer({**case, "as_of": later})) == dates_of(answer(case))


@given(SEEDED)
def test_sessions_after_as_of_change_nothing(case: Json) -> None:
    known = [s for s in case["sessions"] if s["given_on"] <= case["as_of"]]
    assert answer({**case, "sessions": known}) == answer(case)


@given(SEEDED)
def test_no_block_booking_or_stop_moves_a_date(case: Json) -> None:
    free = [
        {**each, "holds": [], "authorization_required": False, "booked_on": None, "stopped_on": None}
        for each in case["courses"]
    ]
    bare = {**case, "courses": free, "patient": {**case["patient"], "deceased": False}}
    assert dates_of(answer(bare)) == dates_of(answer(case))


@given(SEEDED)
def test_another_course_that_is_not_booked_changes_nothing_but_by_what_was_given_under_it(case: Json) -> None:
    """Its sessions count as much as if they had been given elsewhere for the same."""
    (first, *others) = case["courses"]
    unbooked = [first, *({**other, "booked_on": None} for other in others)]
    treated_for = {other["id"]: other["indication"] for other in others}
    sessions = [
        {**each, "course_id": None, "indication": treated_for[each["course_id"]]}
        if each.get("course_id") in treated_for
        else each
        for each in case["sessions"]
    ]
    alone = answer({**case, "courses": [first], "sessions": sessions})
    assert alone["courses"] == answer({**case, "courses": unbooked})["courses"][:1]


@given(SEEDED)
def test_another_courses_booked_day_changes_a_courses_booking_and_bucket_alone(case: Json) -> None:
    (first, *others) = case["courses"]
    unbooked = [first, *({**other, "booked_on": None} for other in others)]
    booked, free = answer(case)["courses"][0], answer({**case, "courses": unbooked})["courses"][0]
    same = set(booked) - {"booking", "bucket"}
    assert {name: booked[name] for name in same} == {name: free[name] for name in same}
    if free["booking"] != "ok":
        assert booked["booking"] != "ok"


@given(SEEDED, st.booleans())
def test_an_exposure_counts_the_same_whether_its_course_is_open_or_stopped(case: Json, stopped: bool) -> None:
    (first, *others) = case["courses"]
    stopped_on = case["as_of"] if stopped else None
    changed = [first, *({**other, "stopped_on": stopped_on} for other in others)]
    assert answer({**case, "courses": changed})["courses"][0] == answer(case)["courses"][0]


@given(SEEDED, st.sampled_from(["on_hold", "too_early", "over_cap", "late", "outside_authorization", "x"]))
def test_what_is_overridden_changes_a_booking_only_where_it_stood_against_it(case: Json, name: str) -> None:
    """Naming more never makes a booking worse: it goes on to what stands next, or is as it was."""
    order = ("past", "too_early", "over_cap", "blocked", "late", "outside_authorization", "ok", "none")
    named = [
        {**each, "booked_override": [*(each.get("booked_override") or []), name]} for each in case["courses"]
    ]
    for old, new in zip(answer(case)["courses"], answer({**case, "courses": named})["courses"], strict=True):
        assert order.index(new["booking"]) >= order.index(old["booking"])
        if old["booking"] in ("past", "ok", "none"):
            assert new == old
