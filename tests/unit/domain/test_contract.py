"""The JSON contract: what it takes, what it answers, and one clear error for everything else."""

import copy
import json
from typing import Any

import pytest

from clinic_scheduler.domain.contract import answer
from clinic_scheduler.domain.errors import InvalidInput

Json = dict[str, Any]
PATIENT: Json = {"birth_date": "1980-05-01", "weight_kg": None, "deceased": False}
AUTHORIZATION: Json = {
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "visits_left": 2,
    "units_left": 400,
}
HOLD: Json = {"from": "2026-10-01", "until": "2026-10-31", "reason": "infection"}
COURSE: Json = {
    **{"id": "c1", "indication": "chronic_migraine", "product": "onabotulinumtoxinA"},
    **{"started_on": "2026-01-05", "stopped_on": None, "planned_units": 155, "personal_interval": None},
    **{"payer_minimum_interval": None, "authorization_required": False, "booked_on": None},
    **{"authorizations": [AUTHORIZATION], "holds": [HOLD]},
}
SESSION: Json = {
    **{"id": "s1", "course_id": "c1", "given_on": "2026-08-31", "units": 155, "kind": "cycle"},
    **{"product": "onabotulinumtoxinA", "outcome": "complete", "lot_expires_on": None},
}
QUESTION: Json = {"as_of": "2026-11-22", "patient": PATIENT, "courses": [COURSE], "sessions": [SESSION]}
DATES = ["as_of", "patient.birth_date", "courses[0].started_on", "sessions[0].given_on", "holds[0].from"]
OPTIONAL_DATES = ["stopped_on", "booked_on", "starts_on", "ends_on", "until", "lot_expires_on"]
INTERVALS = ["personal_interval", "payer_minimum_interval", "shared_minimum_interval"]
OPTIONAL_NUMBERS = ["weight_kg", "planned_units", "visits_left", "units_left"]
PLACES = {
    **dict.fromkeys(["weight_kg", "deceased"], "patient."),
    **dict.fromkeys(["starts_on", "ends_on", "visits_left", "units_left"], "courses[0].authorizations[0]."),
    **dict.fromkeys(["until", "reason"], "courses[0].holds[0]."),
    **dict.fromkeys(["lot_expires_on", "outcome", "kind", "course_id"], "sessions[0]."),
    "holds[0].from": "courses[0].",
}


def path(key: str) -> str:
    if key in PLACES:
        return PLACES[key] + key
    return key if "." in key or key in QUESTION else f"courses[0].{key}"


def changed(where: str, value: Any, *, absent: bool = False) -> Json:
    """The question with the value at "courses[0].id" and the like replaced or taken out."""
    question: Any = copy.deepcopy(QUESTION)
    *steps, last = where.replace("[", ".").replace("]", "").split(".")
    inner = question
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    if absent:
        del inner[last]
    else:
        inner[int(last) if last.isdigit() else last] = value
    return question  # type: ignore[no-any-return]


def refused(question: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        answer(question)
    return str(error.value)


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
    nothing = {**least, "courses": [{**COURSE, "authorizations": None, "holds": None}], "sessions": None}
    assert answer(nothing)["courses"][0]["reference"] is None
    assert answer({**least, "courses": []})["courses"] == []


def test_unknown_keys_are_left_alone() -> None:
    noted = {**QUESTION, "note": [1], "patient": {**PATIENT, "name": "x"}, "courses": [{**COURSE, "x": {}}]}
    assert answer(noted) == answer(QUESTION)


def test_a_session_without_a_product_was_given_its_courses() -> None:
    assert answer(changed("sessions[0].product", None)) == answer(QUESTION)
    stranger = changed("sessions[0].product", None)
    stranger["sessions"][0]["course_id"] = "c9"
    assert refused(stranger) == "sessions[0].product must be a text, not None"
    stranger["sessions"][0]["course_id"] = None
    assert refused(stranger) == "sessions[0].product must be a text, not None"


def test_ids_may_be_numbers() -> None:
    numbered = changed("courses[0].id", 7)
    numbered["sessions"][0]["course_id"] = 7
    assert (answer(numbered)["courses"][0]["id"], answer(numbered)["courses"][0]["cycles_given"]) == (7, 1)


def test_the_shared_interval_may_be_switched_on_for_a_course() -> None:
    question = changed("courses[0].shared_minimum_interval", "P84D")
    question["sessions"].append({**SESSION, "id": "s2", "course_id": None, "given_on": "2026-10-01"})
    (course,) = answer(question)["courses"]
    assert course["earliest_date"] == "2026-12-24"
    assert (course["because"][0]["rule"], course["because"][0]["source"]) == ("DD-3b", "the course")


@pytest.mark.parametrize("question", [None, 1, "x", [], [QUESTION], True])
def test_a_line_holds_one_object(question: Any) -> None:
    assert refused(question) == "a line must hold one JSON object"


@pytest.mark.parametrize(
    "key",
    [
        *("as_of", "patient", "courses", "patient.birth_date", "courses[0].id", "courses[0].indication"),
        *("courses[0].product", "courses[0].started_on", "courses[0].holds[0].from", "sessions[0].id"),
        *("sessions[0].given_on", "sessions[0].units"),
    ],
)
@pytest.mark.parametrize("absent", [True, False])
def test_required_keys_are_neither_absent_nor_null(key: str, absent: bool) -> None:
    assert refused(changed(key, None, absent=absent)).startswith(f"{key} must be ")


NO_DAYS: list[Any] = [
    *("2026-02-30", "2025-02-29", "20261122", "2026-W47-7", "2026-11-22T00:00", "22.11.2026", ""),
    *(" 2026-11-22", "2026-1-2", "0000-01-01", "10000-01-01", "٢٠٢٦-١١-٢٢", 20261122, True, ["2026"], {}),
]
NO_NUMBERS: list[Any] = [
    *("155", True, False, [], {}, -1, -0.5, float("nan"), float("inf"), -float("inf"), 10**400, 1e10),
]


@pytest.mark.parametrize("key", [*DATES, *OPTIONAL_DATES])
def test_what_is_no_day_is_refused(key: str) -> None:
    for value in NO_DAYS:
        said = refused(changed(path(key), value))
        assert said.startswith(f"{path(key)} must be a date such as 2026-11-22, not ")


@pytest.mark.parametrize("key", ["sessions[0].units", *OPTIONAL_NUMBERS])
def test_what_is_no_number_is_refused(key: str) -> None:
    for value in NO_NUMBERS:
        assert refused(changed(path(key), value)).startswith(f"{path(key)} must be a number from 0 to ")


def test_a_weight_is_more_than_nothing_and_visits_are_whole() -> None:
    assert refused(changed("patient.weight_kg", 0)) == "patient.weight_kg must be more than 0"
    visits = "courses[0].authorizations[0].visits_left"
    assert refused(changed(visits, 1.5)) == f"{visits} must be a whole number, not 1.5"
    assert answer(changed(visits, 2.0)) == answer(QUESTION)


@pytest.mark.parametrize("value", [84, True, [], {}])
@pytest.mark.parametrize("key", INTERVALS)
def test_an_interval_is_a_text(key: str, value: Any) -> None:
    assert refused(changed(path(key), value)).startswith(f"{path(key)} must be an interval such as P84D")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("84", "is not an interval"),
        ("P200Y", "is longer than"),
        ("P" + "9" * 5000 + "D", "is not an interval"),
    ],
)
@pytest.mark.parametrize("key", INTERVALS)
def test_an_interval_that_cannot_be_is_refused_with_its_place(key: str, value: str, said: str) -> None:
    assert refused(changed(path(key), value)).startswith(f"{path(key)}: ")
    assert said in refused(changed(path(key), value))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("courses[0].indication", ["cervical_dystonia", "", 1, True, ["chronic_migraine"], {}]),
        ("sessions[0].outcome", ["done", "", 1, False, [], {}]),
        ("sessions[0].kind", ["first", "", 0, True, [], {}]),
    ],
)
def test_a_word_must_be_one_of_those_known(key: str, values: list[Any]) -> None:
    for value in values:
        assert refused(changed(key, value)).startswith(f"{key} must be one of ")


@pytest.mark.parametrize(
    ("key", "kind", "values"),
    [
        ("courses[0].product", "a text", ["", 1, True, [], {}]),
        ("sessions[0].product", "a text", ["", 1, True, [], {}]),
        ("courses[0].holds[0].reason", "a text", [1, True, ["x"], {"x": 1}]),
        ("courses[0].id", "a text or a whole number", [1.5, True, [], {}]),
        ("sessions[0].id", "a text or a whole number", [1.5, False, [], {}]),
        ("sessions[0].course_id", "a text or a whole number", [1.5, True, [], {}]),
        ("patient.deceased", "true or false", [0, 1, "false", [], {}]),
        ("courses[0].authorization_required", "true or false", [0, 1, "true", [], {}]),
        ("patient", "an object", [1, "x", [], True]),
        ("courses", "a list", [1, "x", {}, True]),
        ("sessions", "a list", [1, "x", {}, False]),
        ("courses[0].authorizations", "a list", [1, "x", {}, True]),
        ("courses[0].holds", "a list", [1, "x", {}, False]),
        ("courses[0]", "an object", [None, 1, "x", []]),
        ("sessions[0]", "an object", [None, 1, "x", []]),
        ("courses[0].authorizations[0]", "an object", [None, 1, "x", []]),
        ("courses[0].holds[0]", "an object", [None, 1, "x", []]),
    ],
)
def test_a_wrong_type_is_named_with_its_place(key: str, kind: str, values: list[Any]) -> None:
    for value in values:
        assert refused(changed(key, value)).startswith(f"{key} must be {kind}")


def test_an_id_stands_for_one_thing() -> None:
    assert refused({**QUESTION, "courses": [COURSE, COURSE]}) == "courses holds the same id twice"
    assert refused({**QUESTION, "sessions": [SESSION, SESSION]}) == "sessions holds the same id twice"


@pytest.mark.parametrize(
    "question",
    [
        changed("courses[0].started_on", "9999-12-31") | {"sessions": []},
        changed("sessions[0].given_on", "9999-12-31") | {"as_of": "9999-12-31"},
        changed("courses[0].personal_interval", "P100Y")
        | {"as_of": "9950-01-01", "sessions": [{**SESSION, "given_on": "9949-01-01"}]},
    ],
)
def test_dates_past_the_calendar_are_a_clean_error(question: Json) -> None:
    assert refused(question).startswith("a date falls outside the calendar: ")


def test_the_first_day_of_the_calendar_can_be_judged_by() -> None:
    question = {**changed("courses[0].started_on", "0001-01-05"), "as_of": "0001-01-01", "sessions": []}
    assert answer(question)["courses"][0]["timing"] == "due_soon"


def test_a_refusal_never_repeats_a_long_or_deep_value() -> None:
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    for value in ("x" * 100_000, [0] * 100_000, deep):
        assert len(refused(changed("as_of", value))) < 200
