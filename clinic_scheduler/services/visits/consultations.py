"""How visits that are no injections end: a consultation with its outcome, a follow-up seen; each corrected or undone.

A consultation counts for its course from its day on (DD-9, consulted_on). One that was booked may be ended by the
desk: the visit itself is what shows that it took place. That somebody was seen without any appointment lifts a
block on a person's word alone, so a provider gives it.
"""

from datetime import time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import (
    HELD_STATES,
    KIND_NOUNS,
    OPEN_STATES,
    ConsultationOutcome,
    VisitKind,
    VisitState,
)
from clinic_scheduler.models import Appointment, Course, Provider
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import visit_length
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits.booking_rules import day_checks
from clinic_scheduler.services.visits.changes import (
    Span,
    audit_visit,
    follow_up,
    lock_visit,
    open_visit,
    published,
    visit_row,
)
from clinic_scheduler.services.visits.visit_states import move_to, stands_again


def conclude(change: Change, appointment_id: int, outcome: str) -> Appointment:
    """The consultation took place and ended so. Said twice is once.

    Raises BookingRefused where it did not begin or is over otherwise, InvalidInput for an outcome that is none.
    """
    how = _outcome(outcome)
    visit = row_in_clinic(change.session, Appointment, change.clinic_id, appointment_id)
    _require_kind(visit, VisitKind.CONSULTATION)
    lock_visit(change.session, visit.course)
    change.session.refresh(visit)
    if (visit.state, visit.outcome) == (VisitState.FULFILLED, how):
        return visit
    visit = open_visit(change, appointment_id)
    _require_begun(change, visit)
    visit.outcome = how
    return _ended(change, visit, SuppressionReason.CONSULTED, outcome=how)


def seen_at_follow_up(change: Change, appointment_id: int) -> Appointment:
    """The follow-up took place. Said twice is once."""
    visit = row_in_clinic(change.session, Appointment, change.clinic_id, appointment_id)
    _require_kind(visit, VisitKind.FOLLOW_UP)
    lock_visit(change.session, visit.course)
    change.session.refresh(visit)
    if visit.state == VisitState.FULFILLED:
        return visit
    visit = open_visit(change, appointment_id)
    _require_begun(change, visit)
    return _ended(change, visit, SuppressionReason.SEEN)


def seen_without_appointment(change: Change, course_id: int, provider_id: int, outcome: str) -> Appointment:
    """The patient was seen today, whatever was booked: a consultation booked for today ends so, else one is kept.

    Only for who may override. Raises BookingRefused, NotFound, InvalidInput.
    """
    session = change.session
    how = _outcome(outcome)
    if not change.actor.may_override:
        raise BookingRefused(
            "role",
            "Only a provider may say that somebody was seen without an appointment. Nothing was changed. "
            "Book a consultation, or ask the provider to note it.",
        )
    course = row_in_clinic(session, Course, change.clinic_id, course_id)
    provider = row_in_clinic(session, Provider, change.clinic_id, provider_id)
    lock_visit(session, course, provider.id)
    today = change.today
    for check in day_checks(course, today, change.zone, change.now, kind=VisitKind.CONSULTATION):
        if not check.ok:
            raise BookingRefused(check.rule, f"{check.text}. Nothing was changed.")
    of_today = session.scalars(
        select(Appointment)
        .where(
            Appointment.course_id == course.id,
            Appointment.kind == VisitKind.CONSULTATION,
            Appointment.local_date == today,
            Appointment.state.in_((*OPEN_STATES, VisitState.FULFILLED)),
        )
        .order_by(Appointment.id)
    ).all()
    done = next((visit for visit in of_today if visit.state == VisitState.FULFILLED), None)
    if done is not None:
        return correct(change, done.id, how)
    if not of_today:
        visit = _unbooked(change, course, provider, how)
        session.add(visit)
        session.flush()
        return _settled(change, visit, SuppressionReason.CONSULTED, outcome=how)
    visit = of_today[0]
    visit.outcome = how
    return _ended(change, visit, SuppressionReason.CONSULTED, outcome=how)


def correct(change: Change, appointment_id: int, outcome: str) -> Appointment:
    """The consultation ended otherwise than was noted; that it took place, and when, stays."""
    how = _outcome(outcome)
    visit = _over(change, appointment_id)
    _require_kind(visit, VisitKind.CONSULTATION)
    if visit.outcome != how:
        previous, visit.outcome = visit.outcome, how
        audit_visit(change, "outcome_corrected", visit, outcome=how, previous=previous)
    return visit


def undo(change: Change, appointment_id: int) -> Appointment:
    """It did not take place, or not yet: open as before, and what counted from it counts no more.

    An injection that was booked because of it is looked at anew in the same transaction.
    """
    visit = _over(change, appointment_id)
    if visit.kind == VisitKind.INJECTION:
        raise BookingRefused(
            "kind", "A visit with a treatment is opened again by voiding the treatment. Nothing was changed."
        )
    if was_unbooked(visit):
        # What ended without ever having been booked was in error; it is not opened again.
        move_to(visit, VisitState.IN_ERROR)
    else:
        _require_no_other(change.session, visit)
        move_to(visit, stands_again(visit))
    previous, visit.outcome = visit.outcome, None
    return _settled(
        change, visit, SuppressionReason.NOT_TAKEN_PLACE, **({"outcome": previous} if previous else {})
    )


def was_unbooked(visit: Appointment) -> bool:
    """Kept once it was over, so that there was no appointment; it stands beside whatever else is in the diary."""
    return visit.overbooked and visit.created_at >= visit.ends_at


def _ended(change: Change, visit: Appointment, action: SuppressionReason, **details: str) -> Appointment:
    move_to(visit, VisitState.FULFILLED)
    return _settled(change, visit, action, **details)


def _settled(change: Change, visit: Appointment, action: SuppressionReason, **details: str) -> Appointment:
    """Save the visit, count its course's consultations anew, and bring dates and reminders in line."""
    published(visit, change.now)
    change.session.flush()
    if visit.kind == VisitKind.CONSULTATION:
        visit.course.consulted_on = change.session.scalar(
            select(func.max(Appointment.local_date)).where(
                Appointment.course_id == visit.course_id,
                Appointment.kind == VisitKind.CONSULTATION,
                Appointment.state == VisitState.FULFILLED,
            )
        )
    audit_visit(change, action, visit, **details)
    follow_up(change, visit.course, action)
    return visit


def _unbooked(
    change: Change, course: Course, provider: Provider, outcome: ConsultationOutcome
) -> Appointment:
    """A consultation that ends now. It overlaps whatever is booked: it has been, and takes nobody's time."""
    ends_at = change.now.replace(second=0, microsecond=0)
    midnight = to_utc(change.today, time(0), change.zone)
    starts_at = max(
        ends_at - visit_length(change.session, course, provider, VisitKind.CONSULTATION), midnight
    )
    one_minute = starts_at + timedelta(minutes=1)
    span = Span(provider, starts_at, max(ends_at, one_minute))
    return visit_row(
        change,
        course,
        VisitKind.CONSULTATION,
        span,
        state=VisitState.FULFILLED,
        outcome=outcome,
        overbooked=True,
        created_at=max(change.now, one_minute),
    )


def _over(change: Change, appointment_id: int) -> Appointment:
    """A visit that has been, locked."""
    visit = row_in_clinic(change.session, Appointment, change.clinic_id, appointment_id)
    lock_visit(change.session, visit.course)
    change.session.refresh(visit)
    if visit.state != VisitState.FULFILLED:
        raise BookingRefused("not_over", "This visit is not over. Nothing was changed.")
    return visit


def _outcome(said: str) -> ConsultationOutcome:
    if said not in list(ConsultationOutcome):
        raise InvalidInput(f"a consultation's outcome is one of {', '.join(ConsultationOutcome)}")
    return ConsultationOutcome(said)


def _require_kind(visit: Appointment, kind: VisitKind) -> None:
    if visit.kind != kind:
        raise BookingRefused("kind", f"This visit is no {KIND_NOUNS[kind]}. Nothing was changed.")


def _require_begun(change: Change, visit: Appointment) -> None:
    """Some come early, so its day is what counts; it consults nobody before that day, arrived or not."""
    today = change.today
    if visit.local_date > today:
        raise BookingRefused(
            "not_yet",
            "The visit's day has not come yet. Nothing was changed. If it takes place today, move it to today first.",
        )


def _require_no_other(session: Session, visit: Appointment) -> None:
    other = session.scalar(
        select(Appointment.id).where(
            Appointment.course_id == visit.course_id,
            Appointment.kind == visit.kind,
            Appointment.state.in_(HELD_STATES),
        )
    )
    if other is not None:
        raise BookingRefused(
            "not_undone",
            f"This course has another {KIND_NOUNS[visit.kind]} by now. Nothing was changed. Cancel that one first.",
        )
