"""The message log: sent, waiting and suppressed messages of a clinic a page at a time, and one in full.

Pages go by key, and each looks through at most STRETCH rows: what is rare is found by looking further back, and
no page takes longer for a clinic that has sent a million messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.messaging.states import TAKEN, MessageState, ReminderState
from clinic_scheduler.models import (
    Appointment,
    Course,
    DeliveryAttempt,
    DeliveryReceipt,
    Message,
    Patient,
    Reminder,
    WorkItem,
)

Rows = Select[*tuple[Any, ...]]
PAGE = 50
STRETCH = 10_000


class LogPosition(NamedTuple):
    """The key of the last row looked at; the next page begins after it."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is looked for; None is everything. The day is the clinic's."""

    state: MessageState | None = None
    kind: str | None = None
    channel: str | None = None
    patient_id: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """`rows` are (reminder, its message or None, patient); `after` opens the next page, if there may be one.

    `looked_to`: the page ended there without being full, because it had looked through its stretch.
    """

    rows: Sequence[tuple[Reminder, Message | None, Patient]]
    after: LogPosition | None
    looked_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message with all that happened to it, the oldest first, and what it belongs to."""

    message: Message
    reminder: Reminder
    patient: Patient
    course: Course | None
    appointment: Appointment | None
    attempts: Sequence[DeliveryAttempt]
    receipts: Sequence[DeliveryReceipt]
    work_items: Sequence[WorkItem]

    @property
    def perhaps_twice(self) -> bool:
        """Told for certain, after a try that may have told it too."""
        return self.message.maybe_sent and self.message.state in TAKEN


def messages_page(
    session: Session, clinic_id: int, wanted: LogFilter, zone: ZoneInfo, after: LogPosition | None = None
) -> LogPage:
    """Messages, the newest first."""
    key = tuple_(Message.created_at, Message.id)
    stretch = select(Message.id, Message.created_at.label("at")).where(Message.clinic_id == clinic_id)
    stretch = _of_day(stretch, Message.created_at, wanted, zone)
    if wanted.patient_id is not None:
        stretch = stretch.where(Message.patient_id == wanted.patient_id)
    if after is not None:
        stretch = stretch.where(key < tuple_(after.at, after.id))
    stretch = stretch.order_by(Message.created_at.desc(), Message.id.desc()).limit(STRETCH)
    within = stretch.subquery()
    found = (
        select(Reminder, Message, Patient)
        .join(within, within.c.id == Message.id)
        .join(Reminder, Reminder.id == Message.reminder_id)
        .join(Patient, Patient.id == Message.patient_id)
        .order_by(within.c.at.desc(), within.c.id.desc())
    )
    if wanted.state is not None:
        found = found.where(Message.state == wanted.state)
    return _page(session, _of_kind(found, wanted), stretch, _sent_place)


def planned_page(
    session: Session, clinic_id: int, wanted: LogFilter, zone: ZoneInfo, after: LogPosition | None = None
) -> LogPage:
    """Reminders that wait for their hour, the next one first."""
    stretch = select(Reminder.id, Reminder.due_at.label("at")).where(
        # A sum, so that SQLite goes along the few that wait rather than through all of the clinic's.
        Reminder.clinic_id + 0 == clinic_id,
        Reminder.state == ReminderState.PENDING,
    )
    if after is not None:
        stretch = stretch.where(tuple_(Reminder.due_at, Reminder.id) > tuple_(after.at, after.id))
    stretch = _of_reminder(stretch, wanted, zone).order_by(Reminder.due_at, Reminder.id).limit(STRETCH)
    within = stretch.subquery()
    found = _reminders().join(within, within.c.id == Reminder.id).order_by(within.c.at, within.c.id)
    return _page(session, _of_kind(found, wanted), stretch, _due_place)


def unsent_page(
    session: Session, clinic_id: int, wanted: LogFilter, zone: ZoneInfo, after: LogPosition | None = None
) -> LogPage:
    """Reminders that were planned and not told, the last planned first."""
    stretch = select(Reminder.id, Reminder.due_at.label("at")).where(Reminder.clinic_id == clinic_id)
    if after is not None:
        stretch = stretch.where(Reminder.id < after.id)
    stretch = _of_reminder(stretch, wanted, zone).order_by(Reminder.id.desc()).limit(STRETCH)
    within = stretch.subquery()
    found = (
        _reminders()
        .join(within, within.c.id == Reminder.id)
        .where(Reminder.state == ReminderState.SUPPRESSED)
        .order_by(within.c.id.desc())
    )
    return _page(session, _of_kind(found, wanted), stretch, _due_place)


def message_view(session: Session, clinic_id: int, uid: str) -> MessageView:
    """Raises NotFound for another clinic's message."""
    message = session.scalar(select(Message).where(Message.uid == uid, Message.clinic_id == clinic_id))
    if message is None:
        raise NotFound("no such message")
    reminder = session.get_one(Reminder, message.reminder_id)
    return MessageView(
        message=message,
        reminder=reminder,
        patient=session.get_one(Patient, message.patient_id),
        course=session.get(Course, reminder.course_id) if reminder.course_id else None,
        appointment=session.get(Appointment, reminder.appointment_id) if reminder.appointment_id else None,
        attempts=_about(session, DeliveryAttempt, message),
        receipts=_about(session, DeliveryReceipt, message),
        work_items=_about(session, WorkItem, message),
    )


def _about(session: Session, table: Any, message: Message) -> Sequence[Any]:
    rows = session.scalars(
        select(table).where(table.message_id == message.id).order_by(table.id.desc()).limit(PAGE)
    ).all()
    return rows[::-1]


def _reminders() -> Rows:
    return (
        select(Reminder, Message, Patient)
        .join(Patient, Patient.id == Reminder.patient_id)
        .outerjoin(Message, Message.reminder_id == Reminder.id)
    )


def _of_reminder(stretch: Rows, wanted: LogFilter, zone: ZoneInfo) -> Rows:
    if wanted.patient_id is not None:
        stretch = stretch.where(Reminder.patient_id == wanted.patient_id)
    return _of_day(stretch, Reminder.due_at, wanted, zone)


def _of_day(stretch: Rows, at: Any, wanted: LogFilter, zone: ZoneInfo) -> Rows:
    if wanted.day is None:
        return stretch
    first, last = (to_utc(wanted.day + timedelta(n), time(0), zone) for n in (0, 1))
    return stretch.where(at >= first, at < last)


def _of_kind(found: Rows, wanted: LogFilter) -> Rows:
    if wanted.kind is not None:
        found = found.where(Reminder.kind == wanted.kind)
    if wanted.channel is not None:
        found = found.where(Reminder.channel == wanted.channel)
    return found


def _sent_place(row: Any) -> LogPosition:
    return LogPosition(row[1].created_at, row[1].id)


def _due_place(row: Any) -> LogPosition:
    return LogPosition(row[0].due_at, row[0].id)


def _page(session: Session, found: Rows, stretch: Rows, place_of: Any) -> LogPage:
    rows: list[Any] = [tuple(row) for row in session.execute(found.limit(PAGE + 1))]
    if len(rows) > PAGE:
        return LogPage(rows[:PAGE], place_of(rows[PAGE - 1]))
    # Not full: either there is no more, or the stretch was looked through to its end.
    end = session.execute(stretch.offset(STRETCH - 1).limit(1)).first()
    if end is None:
        return LogPage(rows, None)
    return LogPage(rows, LogPosition(end.at, end.id), end.at)
