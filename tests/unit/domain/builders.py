"""Domain values for tests, dates and intervals written as text; not the JSON contract."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.domain.protocols import CHRONIC_MIGRAINE, protocol_with
from clinic_scheduler.domain.values import Authorization, Course, Forecast, Hold, Patient, Session

TOXIN = "onabotulinumtoxinA"
OTHER_TOXIN = "abobotulinumtoxinA"
TODAY = "2026-11-22"
DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")


def day(text: str) -> date:
    return date.fromisoformat(text)


def given(given_on: str, units: float = 155, **changes: Any) -> Session:
    """One session of course c1; its id is its date unless said."""
    if "lot_expires_on" in changes:
        changes["lot_expires_on"] = day(changes["lot_expires_on"])
    plain: dict[str, Any] = {"id": given_on, "course_id": "c1", "product": TOXIN}
    return Session(given_on=day(given_on), units=units, **{**plain, **changes})


def elsewhere(given_on: str, units: float = 155, **changes: Any) -> Session:
    """Given outside every course; its id never meets a course's session of that day."""
    return given(given_on, units, **{"id": f"e-{given_on}", "course_id": None, **changes})


def course(indication: str = CHRONIC_MIGRAINE, **changes: Any) -> Course:
    """Course c1, started 2026-01-05. `protocol` holds fields other than the default's."""
    protocol = {name: {"value": v, "source": "test"} for name, v in changes.pop("protocol", {}).items()}
    values: dict[str, Any] = {"id": "c1", "product": TOXIN, "started_on": "2026-01-05", **changes}
    for name in ("started_on", "stopped_on", "booked_on"):
        values[name] = day(values[name]) if values.get(name) else None
    for name in ("personal_interval", "payer_minimum_interval"):
        values[name] = parse_interval(values[name]) if values.get(name) else None
    return Course(protocol=protocol_with(indication, protocol), **values)


def patient(born: str = "1980-05-01", weight: float | None = None, deceased: bool = False) -> Patient:
    return Patient(day(born), weight, deceased)


def forecast(
    sessions: Sequence[Session], of: Course | None = None, who: Patient | None = None, as_of: str = TODAY
) -> Forecast:
    (only,) = forecast_all(who or patient(), [of or course()], sessions, day(as_of))
    return only


def dates(found: Forecast) -> list[str]:
    return [getattr(found, name).isoformat() for name in DATES]


def authorization(starts: str | None, ends: str | None, **limits: Any) -> Authorization:
    return Authorization(day(starts) if starts else None, day(ends) if ends else None, **limits)


def hold(starts: str, ends: str | None = None, reason: str = "") -> Hold:
    return Hold(day(starts), day(ends) if ends else None, reason)
