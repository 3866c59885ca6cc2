"""The JSON contract of the forecast: checked objects in, plain objects out."""

import re
from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any, TypeVar

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.intervals import Interval, parse_interval
from clinic_scheduler.domain.protocols import protocol_with
from clinic_scheduler.domain.values import Authorization, Course, Forecast, Hold, Patient, Session

OUTCOMES = ("complete", "partial", "aborted")
KINDS = ("cycle", "touch_up")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_T = TypeVar("_T")
_MISSING = object()


def answer(question: Any) -> dict[str, Any]:
    """One object of the contract to its answer. Raises InvalidInput naming the key that is wrong."""
    if not isinstance(question, dict):
        raise InvalidInput("a line must hold one JSON object")
    as_of = _date(question, "as_of", "")
    patient = _patient(question)
    courses = _list(question, "courses", "", _course)
    sessions = _list(question, "sessions", "", _session_of({c.id: c.product for c in courses}))
    _distinct(courses, "courses")
    _distinct(sessions, "sessions")
    try:
        forecasts = forecast_all(patient, courses, sessions, as_of)
    except (OverflowError, ValueError) as error:
        raise InvalidInput(f"a date falls outside the calendar: {error}") from error
    return {"as_of": as_of.isoformat(), "courses": [_course_answer(f) for f in forecasts]}


def _course_answer(forecast: Forecast) -> dict[str, Any]:
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


def _patient(question: dict[str, Any]) -> Patient:
    given = _object(question, "patient", "")
    weight = _number(given, "weight_kg", "patient.", default=None)
    if weight == 0:
        raise InvalidInput("patient.weight_kg must be more than 0")
    return Patient(
        birth_date=_date(given, "birth_date", "patient."),
        weight_kg=weight,
        deceased=_boolean(given, "deceased", "patient."),
    )


def _course(given: dict[str, Any], at: str) -> Course:
    protocol = protocol_with(_text(given, "indication", at), _protocol_overrides(given, at))
    return Course(
        id=_id(given, "id", at),
        product=_text(given, "product", at),
        started_on=_date(given, "started_on", at),
        protocol=protocol,
        stopped_on=_date(given, "stopped_on", at, default=None),
        planned_units=_number(given, "planned_units", at, default=None),
        personal_interval=_interval(given, "personal_interval", at),
        payer_minimum_interval=_interval(given, "payer_minimum_interval", at),
        authorization_required=_boolean(given, "authorization_required", at),
        authorizations=tuple(_list(given, "authorizations", at, _authorization)),
        holds=tuple(_list(given, "holds", at, _hold)),
        booked_on=_date(given, "booked_on", at, default=None),
    )


def _protocol_overrides(given: dict[str, Any], at: str) -> dict[str, dict[str, Any]]:
    """The one protocol field the contract lets a course switch on by itself (DD-3b)."""
    shared = _interval(given, "shared_minimum_interval", at)
    return (
        {} if shared is None else {"shared_minimum_interval": {"value": shared.text, "source": "the course"}}
    )


def _authorization(given: dict[str, Any], at: str) -> Authorization:
    visits = _number(given, "visits_left", at, default=None)
    if visits is not None and visits != int(visits):
        raise InvalidInput(f"{at}visits_left must be a whole number")
    starts_on = _date(given, "starts_on", at, default=None)
    ends_on = _date(given, "ends_on", at, default=None)
    units_left = _number(given, "units_left", at, default=None)
    return Authorization(starts_on, ends_on, None if visits is None else int(visits), units_left)


def _hold(given: dict[str, Any], at: str) -> Hold:
    reason = given.get("reason")
    return Hold(_date(given, "from", at), _date(given, "until", at, default=None), str(reason or ""))


def _session_of(products: dict[str | int, str]) -> Callable[[dict[str, Any], str], Session]:
    def session(given: dict[str, Any], at: str) -> Session:
        course_id = given.get("course_id")
        if course_id is not None:
            course_id = _id(given, "course_id", at)
        product = given.get("product")
        product = products[course_id] if product is None and course_id in products else _text(given, "product", at)
        return Session(
            id=_id(given, "id", at),
            course_id=course_id,
            given_on=_date(given, "given_on", at),
            units=_number(given, "units", at),
            product=product,
            outcome=_choice(given, "outcome", at, OUTCOMES),
            kind=_choice(given, "kind", at, KINDS),
            lot_expires_on=_date(given, "lot_expires_on", at, default=None),
        )

    return session


def _distinct(things: list[Any], name: str) -> None:
    if len({thing.id for thing in things}) != len(things):
        raise InvalidInput(f"{name} holds the same id twice")


def _object(given: dict[str, Any], key: str, at: str) -> dict[str, Any]:
    value = given.get(key)
    if not isinstance(value, dict):
        raise InvalidInput(f"{at}{key} must be an object")
    return value


def _list(given: dict[str, Any], key: str, at: str, read: Callable[[dict[str, Any], str], _T]) -> list[_T]:
    values = given.get(key)
    if values is None:
        return []
    if not isinstance(values, list):
        raise InvalidInput(f"{at}{key} must be a list")
    result = []
    for index, value in enumerate(values):
        place = f"{at}{key}[{index}]"
        if not isinstance(value, dict):
            raise InvalidInput(f"{place} must be an object")
        result.append(read(value, place + "."))
    return result


def _date(given: dict[str, Any], key: str, at: str, default: Any = _MISSING) -> Any:
    value = given.get(key)
    if value is None and default is not _MISSING:
        return default
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise InvalidInput(f"{at}{key} must be a date such as 2026-11-22, not {value!r}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidInput(f"{at}{key}: there is no day {value}") from None


def _number(given: dict[str, Any], key: str, at: str, default: Any = _MISSING) -> Any:
    value = given.get(key)
    if value is None and default is not _MISSING:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise InvalidInput(f"{at}{key} must be a number of at least 0, not {value!r}")
    return value


def _text(given: dict[str, Any], key: str, at: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{at}{key} must be a text, not {value!r}")
    return value


def _boolean(given: dict[str, Any], key: str, at: str) -> bool:
    value = given.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise InvalidInput(f"{at}{key} must be true or false, not {value!r}")
    return value


def _id(given: dict[str, Any], key: str, at: str) -> str | int:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidInput(f"{at}{key} must be a text or a whole number, not {value!r}")
    return value


def _choice(given: dict[str, Any], key: str, at: str, choices: tuple[str, ...]) -> str:
    value = given.get(key)
    if value is None:
        return choices[0]
    if value not in choices:
        raise InvalidInput(f"{at}{key} must be one of {', '.join(choices)}, not {value!r}")
    return str(value)


def _interval(given: dict[str, Any], key: str, at: str) -> Interval | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{at}{key} must be an interval such as P84D, not {value!r}")
    try:
        return parse_interval(value)
    except InvalidInput as error:
        raise InvalidInput(f"{at}{key}: {error}") from None
