"""Telling a patient what was just done to their visit: booked, moved, cancelled; and not telling what was undone.

Planned a little ahead, so that whoever takes a step back at the desk has told nobody. Words and sending are not here.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.reminders import GRACE
from clinic_scheduler.domain.telling_kinds import VISIT_BOOKED, VISIT_CANCELLED, VISIT_MOVED
from clinic_scheduler.models import Appointment, Reminder
from clinic_scheduler.queries.reminder_rules import clinic_rules
from clinic_scheduler.services.reminders import insert_reminders, silenced

_KINDS = (VISIT_BOOKED, VISIT_MOVED, VISIT_CANCELLED)


def tell_booked(session: Session, visit: Appointment, now: datetime) -> None:
    _plan(session, visit, VISIT_BOOKED, now)


def tell_moved(session: Session, visit: Appointment, now: datetime) -> None:
    """Whoever has not been told of the booking yet is told of that, with the time that holds now."""
    withdrawn = _withdraw(session, visit, "moved", now)
    _plan(session, visit, VISIT_BOOKED if VISIT_BOOKED in withdrawn else VISIT_MOVED, now)


def tell_cancelled(session: Session, visit: Appointment, now: datetime) -> None:
    """A visit booked and cancelled within the grace was never told of: there is nothing to take back."""
    _withdraw(session, visit, "cancelled", now)
    if visit.created_at <= now - GRACE:
        _plan(session, visit, VISIT_CANCELLED, now)


def tell_undone(session: Session, visit: Appointment, kind: str, now: datetime) -> None:
    """A move or cancellation (`kind`) was taken back: told only to whoever had been told of it."""
    _withdraw(session, visit, "undone", now)
    if _was_told(session, visit, kind):
        _plan(session, visit, VISIT_MOVED, now)


def _plan(session: Session, visit: Appointment, kind: str, now: datetime) -> None:
    """Due once the grace is over; quiet hours are the outbox's to judge. Ends as the visit would start."""
    due_at, course = now + GRACE, visit.course
    rule = clinic_rules(session, visit.clinic_id).in_force(course.indication)[kind]
    if not rule.is_on or silenced(course, kind) or due_at >= visit.starts_at:
        return
    channel = visit.patient.preferred_channel
    row = {
        "clinic_id": visit.clinic_id,
        "patient_id": visit.patient_id,
        "course_id": visit.course_id,
        "appointment_id": visit.id,
        "kind": kind,
        "step": kind,
        "channel": channel,
        "dedupe_key": f"{visit.id}:{kind}:{channel}:{visit.sequence}",
        "due_at": due_at,
        "expires_at": visit.starts_at,
        "created_at": now,
        "updated_at": now,
    }
    insert_reminders(session, [row])


def _withdraw(session: Session, visit: Appointment, because: str, now: datetime) -> set[str]:
    """Take back what nobody has been told yet. Returns the kinds."""
    pending = (
        Reminder.appointment_id == visit.id,
        Reminder.kind.in_(_KINDS),
        Reminder.state == "pending",
    )
    withdrawn = set(session.scalars(select(Reminder.kind).where(*pending)))
    if withdrawn:
        values = {"state": "suppressed", "suppressed_reason": because, "updated_at": now}
        session.execute(update(Reminder).where(*pending).values(**values))
    return withdrawn


def _was_told(session: Session, visit: Appointment, kind: str) -> bool:
    newest = session.scalar(
        select(Reminder.state)
        .where(Reminder.appointment_id == visit.id, Reminder.kind == kind)
        .order_by(Reminder.id.desc())
        .limit(1)
    )
    return newest in ("queued", "sent")
