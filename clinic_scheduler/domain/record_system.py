"""Visits and contact details as a record system reports them, as values. Reading its files is in importing."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from clinic_scheduler.domain.visits.kinds_and_states import VisitKind


class OutsideStatus(StrEnum):
    """What became of a visit there. That it is over says nothing of what was given: a log does."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    MISSED = "missed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class OutsideVisit:
    """One line of a list of visits. `on` and `at` are the clinic's wall clock; `outside_id` names the visit there."""

    line: int
    mrn: str
    on: date
    at: time
    status: OutsideStatus = OutsideStatus.BOOKED
    kind: VisitKind = VisitKind.INJECTION
    indication: str | None = None
    provider_name: str | None = None
    outside_id: str | None = None


@dataclass(frozen=True, slots=True)
class OutsideContact:
    """How a patient is reached: `phone` is E.164. None says nothing, so nothing is taken away by it."""

    line: int
    mrn: str
    phone: str | None = None
    email: str | None = None
