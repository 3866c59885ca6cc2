"""Voiding a treatment that was entered in error, and taking that back: the row stays, and counts for nothing.

A visit it had fulfilled is open again if its day is today or still to come (arrived, if the patient had
arrived) and the course has no other visit by now. A visit of a day gone by stays attended: opened, it would be
a booking in the past that hides the course from the due list; the right entry of that day takes its place.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.recording import VOID_REASONS
from clinic_scheduler.domain.visits import HELD_STATES, OPEN_STATES, VisitKind
from clinic_scheduler.models import Appointment, AuditEvent, Authorization, Course, Treatment
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.treatment_result import treatment_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.forecasting import refresh
from clinic_scheduler.services.locks import lock_course
from clinic_scheduler.services.treatments import authorization_used, fulfil, replan_all, use_authorization


def void(session: Session, actor: Actor, treatment_id: int, reason: str, now: datetime) -> Treatment:
    """Count the treatment for nothing from here on, for one of VOID_REASONS. Twice is once.

    Raises BookingRefused for who may not, InvalidInput for another reason, NotFound.
    """
    if reason not in VOID_REASONS:
        raise InvalidInput(f"voiding needs a reason: one of {', '.join(VOID_REASONS)}")
    course, row = _to_correct(session, actor, treatment_id)
    if row.voided_at is not None:
        return row
    row.voided_at, row.void_reason = now, reason
    row.evaluation, row.days_late, row.payer_too_soon = None, 0, False
    details = {"reason": reason, **_free_visit(session, course, row, now)}
    details |= _give_back(session, row)
    _settle(session, actor, row, now, "voided", details)
    return row


def undo_void(session: Session, actor: Actor, treatment_id: int, now: datetime) -> Treatment:
    """The treatment was right after all. Raises BookingRefused where its day was recorded anew meanwhile."""
    course, row = _to_correct(session, actor, treatment_id)
    if row.voided_at is None:
        return row
    _require_no_other(session, row)
    row.voided_at, row.void_reason = None, None
    visit = _let_go(session, row)
    if visit is not None and visit.course_id == course.id and _may_take(session, row, visit):
        fulfil(course, row, visit, now)
    # Only what was taken before: a treatment brought over from elsewhere used no authorization of ours.
    if row.authorization_id is not None:
        use_authorization(course, row)
    _settle(session, actor, row, now, "void_undone", authorization_used(row))
    return row


def _to_correct(session: Session, actor: Actor, treatment_id: int) -> tuple[Course, Treatment]:
    """The treatment with its course, its patient locked and both read again."""
    row = treatment_in_clinic(session, actor.clinic_id, treatment_id)
    if not actor.may_override:
        raise BookingRefused("role", "Only a provider or an administrator may do this. Nothing was changed.")
    course = session.get_one(Course, row.course_id)
    lock_course(session, course)
    session.refresh(row)
    return course, row


def _free_visit(session: Session, course: Course, row: Treatment, now: datetime) -> dict[str, Any]:
    """Let go of the visit, opened again where that makes sense. Returns what the audit keeps of it."""
    visit = session.get(Appointment, row.appointment_id) if row.appointment_id else None
    if visit is None:
        return {}
    row.appointment_id = None
    today = now.astimezone(clinic_zone(session, course.clinic_id)).date()
    reopened = (
        visit.state == "fulfilled"
        and visit.local_date >= today
        and not _has_parts(session, visit)
        and not _has_open_visit(session, course)
    )
    if reopened:
        visit.state = "arrived" if visit.arrived_at is not None else "booked"
        visit.sequence += 1
        visit.updated_at = now
    return {"appointment_id": visit.id, "visit_reopened": reopened}


def _has_parts(session: Session, visit: Appointment) -> bool:
    """Rows of one day are parts of one visit; while one of them counts, the visit has been."""
    parts = select(Treatment.id).where(Treatment.appointment_id == visit.id, Treatment.voided_at.is_(None))
    return session.scalar(parts.limit(1)) is not None


def _has_open_visit(session: Session, course: Course) -> bool:
    open_ones = select(Appointment.id).where(
        Appointment.course_id == course.id,
        Appointment.kind == VisitKind.INJECTION,
        Appointment.state.in_(HELD_STATES),
    )
    return session.scalar(open_ones.limit(1)) is not None


def _may_take(session: Session, row: Treatment, visit: Appointment) -> bool:
    """An injection visit still open, or attended: on the treatment's own day perhaps with other parts of it."""
    if visit.kind != VisitKind.INJECTION:
        return False
    if visit.state == "fulfilled":
        return visit.local_date == row.given_on or not _has_parts(session, visit)
    return visit.state in OPEN_STATES


def _give_back(session: Session, row: Treatment) -> dict[str, Any]:
    """What recording it took off an authorization goes back there. The row keeps what that was, for taking it anew."""
    if row.authorization_id is None:
        return {}
    leave = session.get_one(Authorization, row.authorization_id)
    if leave.visits_left is not None:
        leave.visits_left += row.authorization_visits or 0
    if leave.units_left is not None:
        leave.units_left += row.authorization_units or 0
    return authorization_used(row)


def _let_go(session: Session, row: Treatment) -> Appointment | None:
    """The visit that voiding took the treatment from. Another treatment may hold it by now, so the row cannot."""
    details = session.scalar(
        select(AuditEvent.details)
        .where(
            AuditEvent.clinic_id == row.clinic_id,
            AuditEvent.subject == "treatments",
            AuditEvent.subject_id == row.id,
            AuditEvent.action == "voided",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return session.get(Appointment, (details or {}).get("appointment_id", 0))


def _require_no_other(session: Session, row: Treatment) -> None:
    other = session.scalar(
        select(Treatment.id).where(
            Treatment.course_id == row.course_id,
            Treatment.given_on == row.given_on,
            Treatment.voided_at.is_(None),
            # What was recorded before is another part of that day's visit.
            Treatment.recorded_at >= row.voided_at,
        )
    )
    if other is not None:
        raise BookingRefused(
            "recorded_anew",
            "Another treatment of this day was recorded since. Nothing was changed. Void that one first.",
        )


def _settle(
    session: Session, actor: Actor, row: Treatment, now: datetime, action: str, details: dict[str, Any]
) -> None:
    session.flush()
    audit(session, actor, now, action, "treatments", row.id, patient_id=row.patient_id, **details)
    refresh(session, [row.patient_id], now.astimezone(clinic_zone(session, row.clinic_id)).date(), now)
    replan_all(session, row.patient_id, now, action)
