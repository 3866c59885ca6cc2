"""The outbox's rows: what is due, what may be claimed, whose lease ran out; changing them is services/outbox*.py.

Rows come locked where PostgreSQL can lock them; on SQLite the unit of work already is the only writer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Course,
    DeliveryAttempt,
    Message,
    Patient,
    Reminder,
)
from clinic_scheduler.queries.histories import OPEN_STATES


class TellingRows(NamedTuple):
    """A reminder with every row that decides whether it may still be told, and what it would say."""

    reminder: Reminder
    course: Course
    patient: Patient
    clinic: Clinic
    appointment: Appointment | None
    has_open_visit: bool


_other = aliased(Appointment)
# Built once: it is asked three times for every message.
_TELLING = (
    select(
        Reminder,
        Course,
        Patient,
        Clinic,
        Appointment,
        exists().where(_other.course_id == Reminder.course_id, _other.state.in_(OPEN_STATES)),
    )
    .join(Course, Course.id == Reminder.course_id)
    .join(Patient, Patient.id == Course.patient_id)
    .join(Clinic, Clinic.id == Reminder.clinic_id)
    .outerjoin(Appointment, Appointment.id == Reminder.appointment_id)
    .where(Reminder.id == bindparam("reminder_id"))
    .options(joinedload(Course.holds), contains_eager(Course.patient))
    .execution_options(populate_existing=True)
)


def due_reminders(session: Session, now: datetime, limit: int) -> Sequence[Reminder]:
    """Reminders whose hour has come, the oldest first; those another worker holds are left out."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.state == "pending", Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def telling_rows(session: Session, reminder_id: int) -> TellingRows:
    """As they are in the database at this moment, whatever the session has read before."""
    return TellingRows(*session.execute(_TELLING, {"reminder_id": reminder_id}).unique().one())


def message_of(session: Session, reminder_id: int) -> Message | None:
    return session.scalar(select(Message).where(Message.reminder_id == reminder_id).with_for_update())


def next_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Those that have waited longest for a try, the oldest first; others' are left out."""
    return session.scalars(
        select(Message)
        .where(Message.state == "pending", Message.next_attempt_at <= now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


_LOCKED = select(Message).where(Message.id == bindparam("message_id")).with_for_update()


def locked_message(session: Session, message_id: int) -> Message:
    return session.scalars(_LOCKED, {"message_id": message_id}).one()


def lapsed_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Messages whose worker did not come back before its lease ran out."""
    return session.scalars(
        select(Message)
        .where(Message.state == "sending", Message.lease_until < now)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def late_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Messages nobody should send any more."""
    return session.scalars(
        select(Message)
        .where(Message.state == "pending", Message.expires_at <= now)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def times_in_doubt(session: Session, message_id: int) -> int:
    """How many tries ended without knowing whether the message was taken."""
    doubtful = select(func.count()).where(
        DeliveryAttempt.message_id == message_id, DeliveryAttempt.outcome == "ambiguous"
    )
    return session.scalar(doubtful) or 0
