"""The JSON contract: what it takes and what it answers; what it refuses is in test_contract_refusals.py."""

import copy
import json

import pytest
from contract_questions import COURSE, DECISION, HOLD, PATIENT, QUESTION, SESSION, changed, refused

from clinic_scheduler.domain.forecast.json_contract import answer


def test_the_example_of_the_contract() -> None:
    answered = answer(QUESTION)
    (course,) = answered["courses"]
    assert answered["as_of"] == "2026-11-22"
    assert list(course) == [
        *("id", "cycles_given", "reference", "earliest_date", "due_date", "overdue_date", "lapse_date"),
        *("timing", "blocks", "booking", "bucket", "sessions", "because"),
    ]
    assert course["sessions"] == [
        {"id": "s1", "evaluation": "valid", "days_late": 0, "payer_too_soon": False},
    ]
    assert course["because"][0]["text"] == "12 weeks (84 days) after 31-Aug-2026"
    assert json.loads(json.dumps(answered)) == answered


def test_optional_keys_may_be_absent_or_null() -> None:
    least = {
        "as_of": "2026-11-22",
        "patient": {"birth_date": "1980-05-01"},
        "courses": [{k: COURSE[k] for k in ("id", "indication", "product", "started_on")}],
        "sessions": [{k: SESSION[k] for k in ("id", "course_id", "given_on", "units", "product")}],
    }
    assert answer(least) == answer(QUESTION)
    lists = ("authorizations", "holds", "booked_override", "decisions")
    nothing = {**least, "courses": [{**COURSE, **dict.fromkeys(lists)}], "sessions": None}
    assert answer({**nothing, "patient": {**PATIENT, "holds": None}}) == answer(nothing)
    assert answer(nothing)["courses"][0]["reference"] is None
    assert answer({**least, "courses": []})["courses"] == []


def test_unknown_keys_are_left_alone() -> None:
    noted = {**QUESTION, "note": [1], "patient": {**PATIENT, "name": "x"}, "courses": [{**COURSE, "x": {}}]}
    assert answer(noted) == answer(QUESTION)


@pytest.mark.parametrize("course_id", [None, "c9"])
@pytest.mark.parametrize("absent", [True, False])
def test_units_and_product_are_unknown_only_of_what_was_given_elsewhere(
    course_id: str | None, absent: bool
) -> None:
    assert refused(changed("sessions[0].product", None)) == "sessions[0].product must be a text, not None"
    question = copy.deepcopy(QUESTION)
    session = {**SESSION, "course_id": course_id, "units": None, "product": None}
    question["sessions"] = [{key: value for key, value in session.items() if value is not None or not absent}]
    (course,) = answer(question)["courses"]
    assert (course["earliest_date"], course["cycles_given"], course["sessions"]) == ("2026-11-23", 0, [])
    assert course["blocks"] == []


def test_the_indication_of_a_session_counts_only_where_it_was_given_elsewhere() -> None:
    assert answer(changed("sessions[0].indication", "other")) == answer(QUESTION)
    for indication, earliest in (
        (None, "2026-11-23"),
        ("chronic_migraine", "2026-11-23"),
        ("spasticity_lower_limb", "2026-01-05"),
        ("cervical_dystonia", "2026-01-05"),
        ("other", "2026-01-05"),
    ):
        question = changed("sessions[0].indication", indication)
        question["sessions"][0]["course_id"] = None
        assert answer(question)["courses"][0]["earliest_date"] == earliest


def test_holds_of_the_patient_what_was_overridden_consultations_and_decisions_are_read() -> None:
    question = changed("patient.holds", [{**HOLD, "from": "2026-11-01", "until": None}])
    (course,) = answer(question)["courses"]
    assert (course["blocks"], course["booking"], course["bucket"]) == (["on_hold"], "none", "blocked")
    question["courses"][0] |= {"booked_on": "2026-12-02"}
    assert answer(question)["courses"][0]["booking"] == "blocked"
    question["courses"][0] |= {"booked_override": ["on_hold"]}
    assert answer(question)["courses"][0]["booking"] == "late"
    question["courses"][0] |= {"booked_override": ["late", "on_hold", "what nobody knows"]}
    assert answer(question)["courses"][0]["booking"] == "ok"
    long_ago = changed("sessions[0].given_on", "2026-01-05")
    assert answer(long_ago)["courses"][0]["blocks"] == ["consultation_needed"]
    long_ago["courses"][0]["consulted_on"] = "2026-11-20"
    assert answer(long_ago)["courses"][0]["blocks"] == []
    other = changed("sessions[0].product", "abobotulinumtoxinA")
    assert answer(other)["courses"][0]["blocks"] == []
    other["courses"][0]["decisions"] = [{**DECISION, "until": "2026-11-21"}, {**DECISION, "block": ""}]
    assert answer(other)["courses"][0]["blocks"] == ["other_toxin_review"]


def test_ids_may_be_numbers() -> None:
    numbered = changed("courses[0].id", 7)
    numbered["sessions"][0]["course_id"] = 7
    assert (answer(numbered)["courses"][0]["id"], answer(numbered)["courses"][0]["cycles_given"]) == (7, 1)


def test_the_shared_interval_may_be_switched_on_for_a_course() -> None:
    question = changed("courses[0].shared_minimum_interval", "P84D")
    outside = {**SESSION, "id": "s2", "course_id": None, "given_on": "2026-10-01", "indication": "other"}
    question["sessions"].append(outside)
    (course,) = answer(question)["courses"]
    assert course["earliest_date"] == "2026-12-24"
    assert (course["because"][0]["rule"], course["because"][0]["source"]) == ("DD-3b", "the course")


def test_the_first_day_of_the_calendar_can_be_judged_by() -> None:
    question = {**changed("courses[0].started_on", "0001-01-05"), "as_of": "0001-01-01", "sessions": []}
    assert answer(question)["courses"][0]["timing"] == "due_soon"
