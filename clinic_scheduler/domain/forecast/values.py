"""The plain values the rules work on: patient, course, session, authorization, hold, and what comes out.

Named tuples, because none ever changes and a forecast makes dozens: a frozen dataclass takes five times as long.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from clinic_scheduler.domain.forecast.intervals import Interval
from clinic_scheduler.domain.forecast.judgements import Bucket, EvaluationStatus, Timing
from clinic_scheduler.domain.protocols.labels import Label
from clinic_scheduler.domain.protocols.protocol import Protocol


class Hold(NamedTuple):
    """Both ends included; no end means until further notice."""

    starts_on: date
    ends_on: date | None
    reason: str = ""


class Patient(NamedTuple):
    """`birth_date` and `weight_kg` decide the cap and who a course covers; `holds` stop every course."""

    birth_date: date
    weight_kg: float | None = None
    deceased: bool = False
    holds: tuple[Hold, ...] = ()


class GivenSession(NamedTuple):
    """Injections given on one date; `course_id` is None where they are known to have been given elsewhere.

    Of those given elsewhere, `units` and `product` are None where nobody knows, and `indication` says what they
    were for, as far as that is known. Under a course they are for the course's indication.
    """

    id: str | int
    course_id: str | int | None
    given_on: date
    units: float | None
    product: str | None
    outcome: str = "complete"
    kind: str = "cycle"
    lot_expires_on: date | None = None
    indication: str | None = None


class Authorization(NamedTuple):
    """A payer's leave; None means no limit of that kind."""

    starts_on: date | None
    ends_on: date | None
    visits_left: int | None = None
    units_left: float | None = None


class Decision(NamedTuple):
    """A provider's standing decision that a block does not hold, through `until` (DD-9)."""

    block: str
    until: date


class Course(NamedTuple):
    """Patient x indication x product under one protocol; `label` has the doses, and its product the caps.

    `booked_on` is the day of its open injection visit; `booked_override` names what was overridden for that visit.
    """

    id: str | int
    product: str
    started_on: date
    protocol: Protocol
    label: Label
    stopped_on: date | None = None
    planned_units: float | None = None
    personal_interval: Interval | None = None
    payer_minimum_interval: Interval | None = None
    authorization_required: bool = False
    authorizations: tuple[Authorization, ...] = ()
    holds: tuple[Hold, ...] = ()
    booked_on: date | None = None
    booked_override: tuple[str, ...] = ()
    consulted_on: date | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def indication(self) -> str:
        return self.protocol.indication


class Exposure(NamedTuple):
    """Toxin in the body, wherever and for whatever it was given; None where that is not known (DD-2).

    An unknown indication counts for every one, an unknown product as the course's own and as another.
    """

    given_on: date
    units: float | None
    product: str | None
    indication: str | None


class OpenVisit(NamedTuple):
    """Another course's injection visit that is booked, arrived or proposed, with what it plans to give."""

    day: date
    indication: str
    product: str
    protocol: Protocol
    label: Label
    planned_units: float | None


class Evaluation(NamedTuple):
    """How one session was judged (DD-8). `days_late` counts from the last on-time day."""

    id: str | int
    given_on: date
    evaluation: EvaluationStatus
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
    """One course's dates, status and evaluated sessions.

    `turns_on` is the first day on which blocks, booking or bucket may read otherwise with nothing new known.
    """

    id: str | int
    cycles_given: int
    reference: date | None
    exposure: date | None
    planned_units: float | None
    earliest_date: date
    due_date: date
    overdue_date: date
    lapse_date: date
    closed_from: date | None
    timing: Timing
    blocks: tuple[str, ...]
    booked_on: date | None
    booking: str
    bucket: Bucket
    turns_on: date | None
    sessions: tuple[Evaluation, ...]
    because: tuple[Reason, ...]
