"""Domain values for tests, dates and intervals written as text; not the JSON contract."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clinic_scheduler.domain.forecast.due_dates import forecast_all, read_all
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.values import (
    Authorization,
    Course,
    Decision,
    Exposure,
    Forecast,
    GivenSession,
    Hold,
    OpenVisit,
    Patient,
)
from clinic_scheduler.domain.protocols.indications import protocol_with
from clinic_scheduler.domain.protocols.labels import EVERY_INDICATION, label_with
from clinic_scheduler.domain.visits.day_checks import CourseFacts

CHRONIC_MIGRAINE = "chronic_migraine"
TOXIN = "onabotulinumtoxinA"
OTHER_TOXIN = "abobotulinumtoxinA"
TODAY = "2026-11-22"
DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")


def day(text: str) -> date:
    return date.fromisoformat(text)


def given(given_on: str, units: float | None = 155, **changes: Any) -> GivenSession:
    """One session of course c1; its id is its date unless said."""
    if "lot_expires_on" in changes:
        changes["lot_expires_on"] = day(changes["lot_expires_on"])
    plain: dict[str, Any] = {"id": given_on, "course_id": "c1", "product": TOXIN}
    return GivenSession(given_on=day(given_on), units=units, **{**plain, **changes})


def elsewhere(given_on: str, units: float | None = 155, **changes: Any) -> GivenSession:
    """Given outside every course for something of no concern here, unless said; `indication` None: nobody knows.

    Its id never meets a course's session of that day.
    """
    plain = {"id": f"e-{given_on}", "course_id": None, "indication": "other"}
    return given(given_on, units, **{**plain, **changes})


def course(indication: str = CHRONIC_MIGRAINE, **changes: Any) -> Course:
    """Course c1, started 2026-01-05. `protocol`, `label` and `caps` (its product's) hold what is not shipped."""
    protocol, label, caps = (_own(changes.pop(name, {})) for name in ("protocol", "label", "caps"))
    values: dict[str, Any] = {"id": "c1", "product": TOXIN, "started_on": "2026-01-05", **changes}
    for name in ("started_on", "stopped_on", "booked_on", "consulted_on"):
        values[name] = day(values[name]) if values.get(name) else None
    for name in ("personal_interval", "payer_minimum_interval"):
        values[name] = parse_interval(values[name]) if values.get(name) else None
    product = values["product"]
    figures = {(product, indication): label, (product, EVERY_INDICATION): caps}
    return Course(
        protocol=protocol_with(indication, protocol),
        label=label_with(product, indication, figures),
        **values,
    )


def _own(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value, "source": "test"} for name, value in values.items()}


def patient(
    born: str = "1980-05-01",
    weight: float | None = None,
    deceased: bool = False,
    holds: tuple[Hold, ...] = (),
) -> Patient:
    return Patient(day(born), weight, deceased, holds)


def forecast(
    sessions: Sequence[GivenSession], of: Course | None = None, who: Patient | None = None, as_of: str = TODAY
) -> Forecast:
    (only,) = forecast_all(who or patient(), [of or course()], sessions, day(as_of))
    return only


def forecasts(
    courses: Sequence[Course],
    sessions: Sequence[GivenSession] = (),
    who: Patient | None = None,
    as_of: str = TODAY,
) -> list[Forecast]:
    return forecast_all(who or patient(), courses, sessions, day(as_of))


def facts(
    sessions: Sequence[GivenSession],
    *courses: Course,
    who: Patient | None = None,
    as_of: str = TODAY,
) -> CourseFacts:
    """Those of the first course."""
    return read_all(who or patient(), courses or (course(),), sessions, day(as_of))[0][1]


def dates(found: Forecast) -> list[str]:
    return [getattr(found, name).isoformat() for name in DATES]


def authorization(starts: str | None, ends: str | None, **limits: Any) -> Authorization:
    return Authorization(day(starts) if starts else None, day(ends) if ends else None, **limits)


def hold(starts: str, ends: str | None = None, reason: str = "") -> Hold:
    return Hold(day(starts), day(ends) if ends else None, reason)


def decision(block: str, until: str) -> Decision:
    return Decision(block, day(until))


def exposure(
    given_on: str,
    units: float | None = 155,
    product: str | None = TOXIN,
    indication: str | None = CHRONIC_MIGRAINE,
) -> Exposure:
    return Exposure(day(given_on), units, product, indication)


def open_visit(on: str, planned: float | None = 155, **changes: Any) -> OpenVisit:
    """Of another course of the same indication and product, unless said."""
    plain = {"indication": CHRONIC_MIGRAINE, "product": TOXIN, "minimum_interval": "P84D", **changes}
    of = course(
        plain["indication"],
        product=plain["product"],
        protocol={"minimum_interval": plain["minimum_interval"]},
    )
    return OpenVisit(day(on), of.indication, of.product, of.protocol, of.label, planned)
