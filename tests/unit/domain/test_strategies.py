"""The strategies reach every answer, and the naive reading keeps its own promises on what they make."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference_reading import reference_forecast
from strategies import cases, random_case

pytestmark = pytest.mark.thorough

Json = dict[str, Any]
TIMINGS = ["not_due", "due_soon", "eligible", "due", "overdue", "lapsed", "closed"]
BLOCKS = [
    *("on_hold", "consultation_needed", "cap_exceeded", "cap_unknown", "weight_missing", "plan_missing"),
    *("age_not_covered", "other_toxin_review"),
    *("authorization_exhausted", "authorization_expires_before_due", "authorization_missing"),
]
BOOKINGS = ["none", "past", "too_early", "over_cap", "blocked", "late", "outside_authorization", "ok"]
BUCKETS = [
    *("closed", "booked", "booking_problem", "lapsed", "blocked"),
    *("overdue", "due", "due_soon", "not_due"),
]
EVALUATIONS = [
    *("not_given", "substandard", "wrong_product", "touch_up"),
    *("valid", "too_soon", "grace", "late"),
]


def dates_of(answer: Json) -> list[list[str]]:
    names = ("earliest_date", "due_date", "overdue_date", "lapse_date")
    return [[each[name] for name in names] for each in answer["courses"]]


def test_generator_repeats_itself() -> None:
    assert [random_case(random.Random(5)) for _ in range(2)] == [random_case(random.Random(5))] * 2


def test_generator_reaches_every_answer_often() -> None:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    rng = random.Random(20261122)
    for _ in range(3000):
        for answer in reference_forecast(random_case(rng))["courses"]:
            for key in ("timing", "booking", "bucket"):
                seen[key][answer[key]] += 1
            seen["blocks"].update(answer["blocks"])
            seen["evaluation"].update(each["evaluation"] for each in answer["sessions"])
            seen["payer_too_soon"].update(str(each["payer_too_soon"]) for each in answer["sessions"])
    wanted = {"timing": TIMINGS, "blocks": BLOCKS, "booking": BOOKINGS, "bucket": BUCKETS}
    wanted |= {"evaluation": EVALUATIONS, "payer_too_soon": ["False", "True"]}
    assert {key: set(counts) for key, counts in seen.items()} == {key: set(v) for key, v in wanted.items()}
    assert min(min(counts.values()) for counts in seen.values()) >= 20, seen


def test_each_optional_key_decides_often() -> None:
    """Taken out everywhere, it changes at least so many answers of 300."""
    at_least = {"patient": {"holds": 15, "weight_kg": 15}, "sessions": {}, "courses": {}}
    at_least["courses"] |= {"holds": 15, "consulted_on": 5, "decisions": 15, "booked_override": 15}
    at_least["courses"] |= {"booked_on": 100, "personal_interval": 50, "payer_minimum_interval": 50}
    at_least["courses"] |= {"shared_minimum_interval": 15, "planned_units": 50, "stopped_on": 15}
    at_least["sessions"] |= {"indication": 30, "kind": 15, "outcome": 15, "lot_expires_on": 15}
    changed: Counter[str] = Counter()
    rng = random.Random(20261122)
    for _ in range(300):
        case = random_case(rng)
        answer = reference_forecast(case)
        for of, keys in at_least.items():
            for key in keys:
                changed[f"{of}.{key}"] += reference_forecast(without(case, of, key)) != answer
    for of, keys in at_least.items():
        for key, least in keys.items():
            assert changed[f"{of}.{key}"] >= least, (of, key, changed)


def without(case: Json, of: str, key: str) -> Json:
    """The case with one key taken out of its patient, or of each of its courses or sessions."""
    things = [case[of]] if of == "patient" else case[of]
    bare = [{k: v for k, v in thing.items() if k != key} for thing in things]
    return {**case, of: bare[0] if of == "patient" else bare}


def test_each_name_of_an_override_is_sometimes_the_one_that_decides() -> None:
    missing = {*BOOKINGS, *BLOCKS[:8]} - {"none", "past", "blocked", "ok"}
    rng = random.Random(20261122)
    for _ in range(3000):
        case = random_case(rng)
        answer = reference_forecast(case)
        for name in sorted(missing):
            courses = [
                {**each, "booked_override": [n for n in each.get("booked_override", []) if n != name]}
                for each in case["courses"]
            ]
            if reference_forecast({**case, "courses": courses}) != answer:
                missing.remove(name)
    assert missing == set()


@settings(max_examples=100, deadline=None)
@given(case=cases(), rng=st.randoms(use_true_random=False))
def test_dates_stand_in_order_and_the_order_of_sessions_never_matters(case: Json, rng: random.Random) -> None:
    answer = reference_forecast(case)
    for each in answer["courses"]:
        assert each["earliest_date"] <= each["due_date"] < each["overdue_date"] <= each["lapse_date"]
    rng.shuffle(case["sessions"])
    assert reference_forecast(case) == answer


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_as_of_alone_never_moves_a_date(case: Json) -> None:
    tomorrow = (date.fromisoformat(case["as_of"]) + timedelta(days=1)).isoformat()
    assume(all(s["given_on"] != tomorrow for s in case["sessions"]))
    assert dates_of(reference_forecast({**case, "as_of": tomorrow})) == dates_of(reference_forecast(case))
