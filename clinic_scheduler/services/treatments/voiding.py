"""Voiding a treatment that was entered in error, and taking that back: the row stays, and counts for nothing.

A visit it had fulfilled stays attended while another row of its day counts. Else it is open again (arrived, if the
patient had arrived) if its day is today or still to come, the course has no other visit by now, and the guard
allows it there. A visit of a day gone by stays attended: opened, it would be a booking in the past that hides the
course from the due list; the right entry of that day takes its place.
"""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, OPEN_STATES, VisitState
from clinic_scheduler.domain.visits.treatment_checks import VOID_REASONS
from clinic_scheduler.models import Appointment, AuditEvent, Course, Treatment
from clinic_scheduler.queries.courses.treatment_result import rows_of_the_visit, treatment_in_clinic
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.locks import lock_course, read_anew
from clinic_scheduler.services.messaging.reminder_planning import replan_all
from clinic_scheduler.services.treatments.authorizations import (
    authorization_used,
    give_back,
    use_authorization,
)
from clinic_scheduler.services.treatments.visit_of_treatment import fulfil
from clinic_scheduler.services.visits.changes import keep_overrides
from clinic_scheduler.services.visits.guard import pass_as_it_stands
from clinic_scheduler.services.visits.visit_states import move_to, stands_again


def void(change: Change, treatment_id: int, reason: str) -> Treatment:
    """Count the treatment for nothing from here on, for one of VOID_REASONS. Twice is once.

    Raises BookingRefused for who may not, InvalidInput for another reason, NotFound.
    """
    if reason not in VOID_REASONS:
        raise InvalidInput(f"voiding needs a reason: one of {', '.join(VOID_REASONS)}")
    _course, row = _to_correct(change, treatment_id)
    if row.voided_at is not None:
        return row
    row.voided_at, row.void_reason = change.now, reason
    row.evaluation, row.days_late, row.payer_too_soon = None, 0, False
    # Given back first: the visit is judged by what is authorized then.
    given_back = give_back(change.session, row)
    details = {"reason": reason, **_free_visit(change, row), **given_back}
    _settle(change, row, SuppressionReason.VOIDED, details)
    return row


def undo_void(change: Change, treatment_id: int) -> Treatment:
    """The treatment was right after all. Raises BookingRefused where its day was recorded anew meanwhile."""
    session = change.session
    course, row = _to_correct(change, treatment_id)
    if row.voided_at is None:
        return row
    voiding = _voiding(session, row)
    _require_not_replaced(session, row, voiding)
    row.voided_at, row.void_reason = None, None
    # Another row may hold the visit by now, so the voided one cannot.
    visit = session.get(Appointment, voiding.details.get("appointment_id", 0)) if voiding else None
    if visit is not None and visit.course_id == course.id and _takes(session, visit, row):
        fulfil(change, course, row, visit, rows_of_the_visit(session, row))
    # Only what was taken before: a treatment brought over from elsewhere used no authorization of ours.
    if row.authorization_id is not None:
        use_authorization(course, row, rows_of_the_visit(session, row))
    _settle(change, row, SuppressionReason.VOID_UNDONE, authorization_used(row))
    return row


def _to_correct(change: Change, treatment_id: int) -> tuple[Course, Treatment]:
    """The treatment with its course, its patient locked and both read again."""
    session = change.session
    row = treatment_in_clinic(session, change.clinic_id, treatment_id)
    if not change.actor.may_override:
        raise BookingRefused("role", "Only a provider or an administrator may do this. Nothing was changed.")
    course = session.get_one(Course, row.course_id)
    lock_course(session, course)
    read_anew(session, row)
    return course, row


def _free_visit(change: Change, row: Treatment) -> dict[str, Any]:
    """Let go of the visit, opened again where that makes sense. Returns what the audit keeps of it."""
    session = change.session
    visit = session.get(Appointment, row.appointment_id) if row.appointment_id else None
    if visit is None:
        return {}
    row.appointment_id = None
    session.flush()
    reopened = (
        visit.state == VisitState.FULFILLED
        and not _rows_of(session, visit)
        and not _has_held_visit(session, visit)
        and _may_stand(change, visit)
    )
    if reopened:
        move_to(visit, stands_again(visit))
        visit.sequence += 1
        visit.updated_at = change.now
    return {"appointment_id": visit.id, "visit_reopened": reopened}


def _may_stand(change: Change, visit: Appointment) -> bool:
    """Whether the visit's day is not over and the guard takes it there, with what was overridden for it (DD-11)."""
    if visit.local_date < change.today:
        return False
    try:
        passed = pass_as_it_stands(change, visit)
    except BookingRefused:
        return False
    keep_overrides(change.session, visit, passed.overrides)
    return True


def _has_held_visit(session: Session, visit: Appointment) -> bool:
    held = select(Appointment.id).where(
        Appointment.course_id == visit.course_id,
        Appointment.kind == visit.kind,
        Appointment.state.in_(HELD_STATES),
    )
    return session.scalar(held.limit(1)) is not None


def _rows_of(session: Session, visit: Appointment) -> list[Treatment]:
    return list(session.scalars(select(Treatment).where(Treatment.appointment_id == visit.id)))


def _takes(session: Session, visit: Appointment, row: Treatment) -> bool:
    """Whether the visit is still open, or attended with nothing kept for it but rows of the same day."""
    if visit.state in OPEN_STATES:
        return True
    return visit.state == VisitState.FULFILLED and all(
        other.given_on == row.given_on for other in _rows_of(session, visit)
    )


def _voiding(session: Session, row: Treatment) -> AuditEvent | None:
    """The newest audit row of voiding it, which keeps the visit it was taken from."""
    return session.scalar(
        select(AuditEvent)
        .where(
            AuditEvent.clinic_id == row.clinic_id,
            AuditEvent.subject == "treatments",
            AuditEvent.subject_id == row.id,
            AuditEvent.action == "voided",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )


def _require_not_replaced(session: Session, row: Treatment, voiding: AuditEvent | None) -> None:
    """What was recorded for the day after the voiding stands in its place; rows from before are beside it."""
    beside = {other.id for other in rows_of_the_visit(session, row)}
    since = select(Treatment.id).where(
        Treatment.id.in_(beside),
        or_(
            Treatment.recorded_at > row.voided_at,
            Treatment.id.in_(
                select(AuditEvent.subject_id).where(
                    AuditEvent.subject == "treatments",
                    AuditEvent.action == "recorded",
                    AuditEvent.id > (voiding.id if voiding else 0),
                )
            ),
        ),
    )
    if session.scalar(since.limit(1)) is not None:
        raise BookingRefused(
            "recorded_anew",
            "Another treatment of this day was recorded since. Nothing was changed. Void that one first.",
        )


def _settle(change: Change, row: Treatment, action: SuppressionReason, details: dict[str, Any]) -> None:
    change.session.flush()
    audit(change, action, "treatments", row.id, patient_id=row.patient_id, **details)
    refresh(change.session, [row.patient_id], change.today, change.now)
    replan_all(change.session, row.patient_id, change.now, action, change.zone)
