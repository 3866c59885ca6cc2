"""The JSON contract of the forecast: checked objects in, plain objects out. How a field is checked: fields.py."""

from collections.abc import Callable, Sequence, Set
from datetime import date
from typing import Any, NamedTuple

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.fields import (
    Json,
    choice,
    day,
    identity,
    json_object,
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
from clinic_scheduler.domain.protocols import INDICATIONS, Protocol, protocol_with
from clinic_scheduler.domain.values import Authorization, Course, Decision, Forecast, Hold, Patient, Session

OUTCOMES = ("complete", "partial", "aborted")
KINDS = ("cycle", "touch_up")


class Case(NamedTuple):
    """One patient as the contract describes them."""

    as_of: date
    patient: Patient
    courses: list[Course]
    sessions: list[Session]


def answer(question: Any) -> Json:
    """One object of the contract to its answer. Raises InvalidInput naming the key that is wrong."""
    case = read_case(question)
    try:
        forecasts = forecast_all(case.patient, case.courses, case.sessions, case.as_of)
    except (OverflowError, ValueError) as error:
        raise InvalidInput(f"a date falls outside the calendar: {error}") from error
    return {"as_of": case.as_of.isoformat(), "courses": [_course_answer(f) for f in forecasts]}


def read_case(question: Any) -> Case:
    """One object of the contract as the values the rules work on. Raises InvalidInput."""
    if not isinstance(question, dict):
        raise InvalidInput("a line must hold one JSON object")
    as_of = day(question, "as_of", "")
    patient = _patient(json_object(question, "patient", ""), "patient.")
    courses = list_of(question, "courses", "", _course)
    sessions = optional_list_of(question, "sessions", "", _session_of({c.id for c in courses}))
    _distinct(courses, "courses")
    _distinct(sessions, "sessions")
    return Case(as_of, patient, courses, sessions)


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
            {
                "id": e.id,
                "evaluation": e.evaluation,
                "days_late": e.days_late,
                "payer_too_soon": e.payer_too_soon,
            }
            for e in forecast.sessions
        ],
        "because": [
            {"date": r.date, "rule": r.rule, "text": r.text, "inputs": r.inputs, "source": r.source}
            for r in forecast.because
        ],
    }


def _patient(given: Json, at: str) -> Patient:
    weight = optional_number(given, "weight_kg", at)
    if weight == 0:
        raise InvalidInput(f"{at}weight_kg must be more than 0")
    holds = tuple(optional_list_of(given, "holds", at, _hold))
    return Patient(day(given, "birth_date", at), weight, truth(given, "deceased", at), holds)


def _course(given: Json, at: str) -> Course:
    return Course(
        id=identity(given, "id", at),
        product=text(given, "product", at),
        started_on=day(given, "started_on", at),
        protocol=_protocol(given, at),
        stopped_on=optional_day(given, "stopped_on", at),
        planned_units=optional_number(given, "planned_units", at),
        personal_interval=optional_interval(given, "personal_interval", at),
        payer_minimum_interval=optional_interval(given, "payer_minimum_interval", at),
        authorization_required=truth(given, "authorization_required", at),
        authorizations=tuple(optional_list_of(given, "authorizations", at, _authorization)),
        holds=tuple(optional_list_of(given, "holds", at, _hold)),
        booked_on=optional_day(given, "booked_on", at),
        booked_override=optional_texts(given, "booked_override", at),
        consulted_on=optional_day(given, "consulted_on", at),
        decisions=tuple(optional_list_of(given, "decisions", at, _decision)),
    )


def _protocol(given: Json, at: str) -> Protocol:
    """The indication's, with the one field the contract lets a course switch on by itself (DD-3b)."""
    overrides = {}
    shared = optional_interval(given, "shared_minimum_interval", at)
    if shared is not None:
        overrides["shared_minimum_interval"] = {"value": shared.text, "source": "the course"}
    return protocol_with(choice(given, "indication", at, INDICATIONS), overrides)


def _authorization(given: Json, at: str) -> Authorization:
    return Authorization(
        starts_on=optional_day(given, "starts_on", at),
        ends_on=optional_day(given, "ends_on", at),
        visits_left=optional_count(given, "visits_left", at),
        units_left=optional_number(given, "units_left", at),
    )


def _hold(given: Json, at: str) -> Hold:
    reason = text(given, "reason", at) if given.get("reason") else ""
    return Hold(day(given, "from", at), optional_day(given, "until", at), reason)


def _decision(given: Json, at: str) -> Decision:
    """A name nobody knows decides nothing (DD-9)."""
    return Decision(text(given, "block", at, may_be_empty=True), day(given, "until", at))


def _session_of(course_ids: Set[str | int]) -> Callable[[Json, str], Session]:
    """A reader of sessions; units and product may be unknown only of one that no course of the input gave."""

    def session(given: Json, at: str) -> Session:
        course_id = None if given.get("course_id") is None else identity(given, "course_id", at)
        elsewhere = course_id not in course_ids
        return Session(
            identity(given, "id", at),
            course_id,
            day(given, "given_on", at),
            optional_number(given, "units", at) if elsewhere else number(given, "units", at),
            optional_text(given, "product", at) if elsewhere else text(given, "product", at),
            choice(given, "outcome", at, OUTCOMES, default="complete"),
            choice(given, "kind", at, KINDS, default="cycle"),
            optional_day(given, "lot_expires_on", at),
            optional_text(given, "indication", at),
        )

    return session


def _distinct(things: Sequence[Course] | Sequence[Session], name: str) -> None:
    if len({thing.id for thing in things}) != len(things):
        raise InvalidInput(f"{name} holds the same id twice")
