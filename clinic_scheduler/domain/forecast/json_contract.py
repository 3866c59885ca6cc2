"""The JSON contract of the forecast: checked objects in, plain objects out. How a field is checked: json_fields.py."""

from collections.abc import Callable, Sequence, Set
from datetime import date
from typing import Any, NamedTuple

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.json_fields import (
    Json,
    choice,
    day,
    identity,
    inner,
    list_of,
    number,
    optional_count,
    optional_day,
    optional_interval,
    optional_list_of,
    optional_number,
    optional_text,
    optional_texts,
    text,
    truth,
)
from clinic_scheduler.domain.forecast.values import (
    Authorization,
    Course,
    Decision,
    Forecast,
    GivenSession,
    Hold,
    Patient,
)
from clinic_scheduler.domain.protocols.indications import INDICATIONS, protocol_with
from clinic_scheduler.domain.protocols.labels import label_of
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.domain.protocols.protocol import Protocol

OUTCOMES = ("complete", "partial", "aborted")
KINDS = ("cycle", "touch_up")


class Question(NamedTuple):
    """What the rules are asked: one patient's courses and sessions, and the day to judge by."""

    patient: Patient
    courses: list[Course]
    sessions: list[GivenSession]
    as_of: date


def answer(question: Any) -> Json:
    """One object of the contract to its answer. Raises InvalidInput naming the key that is wrong."""
    asked = read_question(question)
    try:
        forecasts = forecast_all(asked.patient, asked.courses, asked.sessions, asked.as_of)
    except (OverflowError, ValueError) as error:
        raise InvalidInput(f"a date falls outside the calendar: {error}") from error
    return {"as_of": asked.as_of.isoformat(), "courses": [_course_answer(f) for f in forecasts]}


def read_question(question: Any) -> Question:
    """One object of the contract as the rules take it. Raises InvalidInput naming the key that is wrong."""
    if not isinstance(question, dict):
        raise InvalidInput("a line must hold one JSON object")
    as_of = day(question, "as_of")
    patient = inner(question, "patient", _patient)
    courses = list_of(question, "courses", _course)
    sessions = optional_list_of(question, "sessions", _session_of({c.id for c in courses}))
    _distinct(courses, "courses")
    _distinct(sessions, "sessions")
    return Question(patient, courses, sessions, as_of)


def _course_answer(forecast: Forecast) -> Json:
    return {
        "id": forecast.id,
        "cycles_given": forecast.cycles_given,
        "reference": forecast.reference and forecast.reference.isoformat(),
        "earliest_date": forecast.earliest_date.isoformat(),
        "due_date": forecast.due_date.isoformat(),
        "overdue_date": forecast.overdue_date.isoformat(),
        "lapse_date": forecast.lapse_date.isoformat(),
        "timing": forecast.timing,
        "blocks": list(forecast.blocks),
        "booking": forecast.booking,
        "bucket": forecast.bucket,
        "sessions": [
            {"id": id, "evaluation": word, "days_late": days_late, "payer_too_soon": payer_too_soon}
            for id, _, word, _, _, days_late, payer_too_soon in forecast.sessions
        ],
        "because": [
            {"date": date, "rule": rule, "text": text, "inputs": inputs, "source": source}
            for date, rule, text, source, inputs in forecast.because
        ],
    }


def _patient(given: Json) -> Patient:
    weight = optional_number(given, "weight_kg")
    if weight == 0:
        raise InvalidInput("weight_kg must be more than 0")
    holds = tuple(optional_list_of(given, "holds", _hold))
    return Patient(day(given, "birth_date"), weight, truth(given, "deceased"), holds)


def _course(given: Json) -> Course:
    return Course(
        id=identity(given, "id"),
        product=choice(given, "product", PRODUCTS),
        started_on=day(given, "started_on"),
        protocol=_protocol(given),
        label=label_of(choice(given, "product", PRODUCTS), choice(given, "indication", INDICATIONS)),
        stopped_on=optional_day(given, "stopped_on"),
        planned_units=optional_number(given, "planned_units"),
        personal_interval=optional_interval(given, "personal_interval"),
        payer_minimum_interval=optional_interval(given, "payer_minimum_interval"),
        authorization_required=truth(given, "authorization_required"),
        authorizations=tuple(optional_list_of(given, "authorizations", _authorization)),
        holds=tuple(optional_list_of(given, "holds", _hold)),
        booked_on=optional_day(given, "booked_on"),
        booked_override=optional_texts(given, "booked_override"),
        consulted_on=optional_day(given, "consulted_on"),
        decisions=tuple(optional_list_of(given, "decisions", _decision)),
    )


def _protocol(given: Json) -> Protocol:
    """The indication's, with the one field the contract lets a course switch on by itself (DD-3b)."""
    overrides = {}
    shared = optional_interval(given, "shared_minimum_interval")
    if shared is not None:
        overrides["shared_minimum_interval"] = {"value": shared.text, "source": "the course"}
    return protocol_with(choice(given, "indication", INDICATIONS), overrides)


def _authorization(given: Json) -> Authorization:
    return Authorization(
        starts_on=optional_day(given, "starts_on"),
        ends_on=optional_day(given, "ends_on"),
        visits_left=optional_count(given, "visits_left"),
        units_left=optional_number(given, "units_left"),
    )


def _hold(given: Json) -> Hold:
    reason = "" if given.get("reason") is None else text(given, "reason", may_be_empty=True)
    return Hold(day(given, "from"), optional_day(given, "until"), reason)


def _decision(given: Json) -> Decision:
    """A name nobody knows decides nothing (DD-9)."""
    return Decision(text(given, "block", may_be_empty=True), day(given, "until"))


def _session_of(course_ids: Set[str | int]) -> Callable[[Json], GivenSession]:
    """A reader of sessions; units and product may be unknown only of one that no course of the input gave."""

    def session(given: Json) -> GivenSession:
        course_id = None if given.get("course_id") is None else identity(given, "course_id")
        elsewhere = course_id not in course_ids
        return GivenSession(
            identity(given, "id"),
            course_id,
            day(given, "given_on"),
            optional_number(given, "units") if elsewhere else number(given, "units"),
            optional_text(given, "product") if elsewhere else text(given, "product"),
            choice(given, "outcome", OUTCOMES, "complete"),
            choice(given, "kind", KINDS, "cycle"),
            optional_day(given, "lot_expires_on"),
            optional_text(given, "indication"),
        )

    return session


def _distinct(things: Sequence[Course] | Sequence[GivenSession], name: str) -> None:
    if len({thing.id for thing in things}) != len(things):
        raise InvalidInput(f"{name} holds the same id twice")
