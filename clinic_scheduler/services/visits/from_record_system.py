"""Applying what a record system did to a visit: booked, moved, cancelled. Whose visit it is, diary.py finds.

These are facts, so the guard refuses none: what stands against an injection visit puts it under Booking problems in
the same unit of work (DD-11, DD-18). The patient has been told there: no message of ours says it again, but
reminders are planned as for any visit.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.kinds import VISIT_CANCELLED, VISIT_MOVED
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.record_system import OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import (
    HELD_STATES,
    KIND_NOUNS,
    OCCUPYING,
    CancelReason,
    VisitState,
)
from clinic_scheduler.models import Appointment, Course, Patient, Provider
from clinic_scheduler.queries.schedule.availability import visit_length
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.visit_notifications import told_elsewhere
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.booking_requests import new_visit
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from clinic_scheduler.services.visits.changes import (
    Span,
    audit_visit,
    close,
    follow_up,
    open_visit,
    place,
    published,
    set_overrides,
)
from clinic_scheduler.services.visits.guard import Passed
from clinic_scheduler.services.visits.moves import where_it_was
from clinic_scheduler.services.visits.visit_states import move_to

# How audit rows say where a change came from.
_OUTSIDE = {"outside": "true"}


class RowLeft(Exception):
    """A row that cannot be applied as it stands; the message says why. Nothing was changed by it."""


@dataclass(frozen=True, slots=True)
class ReportedVisit:
    """A row with whom and what it means here; `provider` is None where it names nobody known."""

    row: OutsideVisit
    patient: Patient
    provider: Provider | None
    starts_at: datetime

    @property
    def key(self) -> str:
        """By which a visit is known again: the number it has outside, or whose it is, what for, and when."""
        if self.row.outside_id:
            return f"{self.numbered}{_digest(self.row.outside_id)}"
        told = f"{self.patient.id} {self.row.kind} {self.starts_at.isoformat()}"
        return f"outside:{self.patient.clinic_id}:at:{_digest(told)}"

    @property
    def numbered(self) -> str:
        """How the keys begin of visits that have a number outside."""
        return f"outside:{self.patient.clinic_id}:id:"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def add_outside(change: Change, told: ReportedVisit) -> None:
    """A visit booked there, whatever the rules say of its day. Raises RowLeft."""
    session = change.session
    row, course = told.row, _course(session, told)
    provider = told.provider or (session.get(Provider, course.provider_id) if course.provider_id else None)
    if provider is None:
        raise RowLeft("names no provider, and the course has none of its own")
    if not provider.is_active:
        raise RowLeft(f"{provider.name} takes no bookings here any more")
    _require_none_other(session, course, row)
    request = BookingRequest(course.id, provider.id, told.starts_at, idempotency_key=told.key, kind=row.kind)
    ends_at = told.starts_at + visit_length(session, course, provider, row.kind)
    visit = new_visit(change, course, provider, request, ends_at, Passed([], []))
    visit.overbooked = _overlaps(session, visit)
    session.add(visit)
    session.flush()
    audit_visit(change, "booked", visit, **_OUTSIDE)
    follow_up(change, course, SuppressionReason.BOOKED)


def match_outside(change: Change, visit: Appointment, told: ReportedVisit) -> None:
    """A visit that the desk booked too: from now on it is known by its number outside."""
    if told.row.outside_id and visit.idempotency_key != told.key:
        visit.idempotency_key = told.key
        change.session.flush()
        audit_visit(change, "matched", visit, **_OUTSIDE)


def move_outside(change: Change, visit: Appointment, provider: Provider, told: ReportedVisit) -> None:
    """Its time or provider there is another now."""
    session = change.session
    visit = open_visit(change, visit.id)
    previous = where_it_was(visit)
    if told.row.on != visit.local_date:
        # What was overridden or asked about was another day.
        request_endings.withdraw_open(change, visit)
        set_overrides(session, visit, [])
    ends_at = told.starts_at + visit_length(session, visit.course, provider, visit.kind)
    with session.no_autoflush:
        place(change, visit, Span(provider, told.starts_at, ends_at))
        visit.overbooked = _overlaps(session, visit)
    move_to(visit, VisitState.BOOKED)
    visit.arrived_at = None
    published(visit, change.now)
    session.flush()
    request_endings.withdraw_move(change, visit)
    audit_visit(change, "moved", visit, **previous, **_OUTSIDE)
    follow_up(change, visit.course, SuppressionReason.MOVED)
    told_elsewhere(session, visit, VISIT_MOVED, SuppressionReason.MOVED, change.now)


def cancel_outside(change: Change, visit: Appointment) -> None:
    visit = open_visit(change, visit.id)
    request_endings.withdraw_open(change, visit)
    close(change, visit, VisitState.CANCELLED, CancelReason.CANCELLED_ELSEWHERE, **_OUTSIDE)
    told_elsewhere(change.session, visit, VISIT_CANCELLED, SuppressionReason.CANCELLED, change.now)


def _course(session: Session, told: ReportedVisit) -> Course:
    """The patient's only course that takes such a visit. Raises RowLeft."""
    row = told.row
    courses = session.scalars(
        select(Course).where(Course.patient_id == told.patient.id).order_by(Course.id)
    ).all()
    is_open = [each for each in courses if each.closed_from is None or each.closed_from > row.on]
    fitting = [each for each in is_open if row.indication in (None, each.indication)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RowLeft("the patient has several open courses, and the row does not say which it is for")
    raise RowLeft(f"the patient has no open course{' for this diagnosis' if is_open else ''} here")


def _require_none_other(session: Session, course: Course, row: OutsideVisit) -> None:
    other = session.scalar(
        select(Appointment).where(
            Appointment.course_id == course.id,
            Appointment.kind == row.kind,
            Appointment.state.in_(HELD_STATES),
        )
    )
    if other is not None:
        raise RowLeft(
            f"the course has a {KIND_NOUNS[row.kind]} on {spoken(other.local_date)} at {other.local_time:%H:%M} "
            f"here, and this one is on {spoken(row.on)} at {row.at:%H:%M}; move or cancel the one that is wrong"
        )


def _overlaps(session: Session, visit: Appointment) -> bool:
    """Whether the provider or the patient is with somebody else then: both visits stand, as they do there."""
    other = select(Appointment.id).where(
        Appointment.state.in_(OCCUPYING),
        ~Appointment.overbooked,
        or_(Appointment.provider_id == visit.provider_id, Appointment.patient_id == visit.patient_id),
        Appointment.starts_at < visit.ends_at,
        Appointment.ends_at > visit.starts_at,
    )
    if visit.id is not None:
        other = other.where(Appointment.id != visit.id)
    return session.scalar(other.limit(1)) is not None
