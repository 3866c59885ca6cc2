"""The plain values the rules work on: patient, course, session, authorization, hold, and what comes out.

Named tuples, because none ever changes and a forecast makes dozens: a frozen dataclass takes five times as long.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from clinic_scheduler.domain.intervals import Interval
from clinic_scheduler.domain.protocols import Protocol


class Patient(NamedTuple):
    """`birth_date` and `weight_kg` decide the cap and who a course covers; `holds` are of whatever is treated."""

    birth_date: date
    weight_kg: float | None = None
    deceased: bool = False
    holds: tuple["Hold", ...] = ()


class Session(NamedTuple):
    """Injections given on one date; `course_id` is None where they are known to have been given elsewhere."""

    id: str | int
    course_id: str | int | None
    given_on: date
    units: float
    product: str
    outcome: str = "complete"
    kind: str = "cycle"
    lot_expires_on: date | None = None


class Authorization(NamedTuple):
    """A payer's leave; None means no limit of that kind."""

    starts_on: date | None
    ends_on: date | None
    visits_left: int | None = None
    units_left: float | None = None


class Hold(NamedTuple):
    """Both ends included; no end means until further notice."""

    starts_on: date
    ends_on: date | None
    reason: str = ""


class Course(NamedTuple):
    """Patient x indication x product under one protocol."""

    id: str | int
    product: str
    started_on: date
    protocol: Protocol
    stopped_on: date | None = None
    planned_units: float | None = None
    personal_interval: Interval | None = None
    payer_minimum_interval: Interval | None = None
    authorization_required: bool = False
    authorizations: tuple[Authorization, ...] = ()
    holds: tuple[Hold, ...] = ()
    booked_on: date | None = None


class Evaluation(NamedTuple):
    """How one session was judged (DD-8). `days_late` counts from the last on-time day."""

    id: str | int
    given_on: date
    evaluation: str
    satisfies: bool
    is_exposure: bool
    days_late: int = 0
    payer_too_soon: bool = False


class Reason(NamedTuple):
    """Why a date is what it is (DD-15): the rule that decided it, its inputs and its source, in words."""

    date: str
    rule: str
    text: str
    source: str
    inputs: Mapping[str, str | float | None]


class Forecast(NamedTuple):
    """One course's dates, status and evaluated sessions."""

    id: str | int
    cycles_given: int
    reference: date | None
    course_exposure: date | None
    planned_units: float
    earliest_date: date
    due_date: date
    overdue_date: date
    lapse_date: date
    closed_from: date | None
    timing: str
    blocks: tuple[str, ...]
    booked_on: date | None
    booking: str
    bucket: str
    sessions: tuple[Evaluation, ...]
    because: tuple[Reason, ...]
