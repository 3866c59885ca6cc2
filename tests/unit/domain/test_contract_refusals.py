"""The JSON contract: one clear error, with its place, for everything it does not take."""

from typing import Any

import pytest
from contract_questions import (
    COURSE,
    DATES,
    INTERVALS,
    OPTIONAL_DATES,
    OPTIONAL_NUMBERS,
    QUESTION,
    SESSION,
    Json,
    changed,
    path,
    refused,
)

from clinic_scheduler.domain.forecast.json_contract import answer


@pytest.mark.parametrize("question", [None, 1, "x", [], [QUESTION], True])
def test_a_line_holds_one_object(question: Any) -> None:
    assert refused(question) == "a line must hold one JSON object"


@pytest.mark.parametrize(
    "key",
    [
        *("as_of", "patient", "courses", "patient.birth_date", "courses[0].id", "courses[0].indication"),
        *("courses[0].product", "courses[0].started_on", "courses[0].holds[0].from", "sessions[0].id"),
        *("sessions[0].given_on", "sessions[0].units", "sessions[0].product"),
        *("courses[0].decisions[0].block", "courses[0].decisions[0].until"),
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
        ("P1M7D", "has several parts; write it as one"),
        ("P0D", "is no time at all"),
    ],
)
@pytest.mark.parametrize("key", INTERVALS)
def test_an_interval_that_cannot_be_is_refused_with_its_place(key: str, value: str, said: str) -> None:
    assert refused(changed(path(key), value)).startswith(f"{path(key)}: ")
    assert said in refused(changed(path(key), value))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("courses[0].indication", ["dystonia", "", 1, True, ["chronic_migraine"], {}]),
        ("courses[0].product", ["Botox", "", 1, True, ["onabotulinumtoxinA"], {}]),
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
        ("sessions[0].product", "a text", ["", 1, True, [], {}]),
        ("courses[0].holds[0].reason", "a text", [0, 1, False, True, [], ["x"], {"x": 1}]),
        ("courses[0].decisions[0].block", "a text", [1, True, ["x"], {"x": 1}]),
        ("sessions[0].indication", "a text", [1, True, ["x"], {"x": 1}]),
        ("courses[0].booked_override", "a list of texts", [1, "late", {}, True, [1], [None], ["late", 1]]),
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
        ("courses[0].decisions", "a list", [1, "x", {}, False]),
        ("patient.holds", "a list", [1, "x", {}, False]),
        ("courses[0]", "an object", [None, 1, "x", []]),
        ("sessions[0]", "an object", [None, 1, "x", []]),
        ("courses[0].authorizations[0]", "an object", [None, 1, "x", []]),
        ("courses[0].holds[0]", "an object", [None, 1, "x", []]),
        ("courses[0].decisions[0]", "an object", [None, 1, "x", []]),
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


def test_a_refusal_never_repeats_a_long_or_deep_value() -> None:
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    for value in ("x" * 100_000, [0] * 100_000, deep):
        assert len(refused(changed("as_of", value))) < 200
