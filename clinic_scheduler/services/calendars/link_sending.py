"""Sending a patient the address of their calendar: planned for now, taken back while it has not left."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import CALENDAR_LINK, CHANNELS
from clinic_scheduler.domain.messaging.states import MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import CalendarFeed, Message, Patient, Reminder
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_patients
from clinic_scheduler.services.messaging.outbox_outcomes import close
from clinic_scheduler.services.messaging.reminder_states import move_to

EXPIRES_AFTER = timedelta(days=7)


def send(change: Change, feed: CalendarFeed, channel: str) -> Reminder:
    """Plan to tell the link now. Asked again within the same minute, it is the same notification."""
    session = change.session
    if channel not in CHANNELS or feed.patient_id is None:
        raise InvalidInput("a patient's calendar link is sent by e-mail or text")
    patient = session.get_one(Patient, feed.patient_id)
    if not (patient.email if channel == "email" else patient.phone):
        raise InvalidInput(
            f"there is no {'e-mail address' if channel == 'email' else 'phone number'} to send it to"
        )
    # Two presses at once wait for each other here, so that the second finds the first one's row.
    lock_patients(session, [patient.id])
    key = str(DispatchKey.of_link(feed.id, channel, change.now))
    reminder = session.scalar(select(Reminder).where(Reminder.dedupe_key == key).with_for_update())
    if reminder is not None and reminder.suppressed_reason != SuppressionReason.TAKEN_BACK:
        return reminder
    if reminder is None:
        reminder = _planned(feed, patient, channel, key, change.now)
        session.add(reminder)
    else:
        move_to(reminder, ReminderState.PENDING, change.now)
    session.flush()
    _audit(change, "planned", reminder)
    return reminder


def take_back(change: Change, reminder_id: int) -> Reminder | None:
    """Keep it from leaving; None where it is already on its way or gone."""
    reminder = change.session.scalar(select(Reminder).where(Reminder.id == reminder_id).with_for_update())
    if reminder is None or reminder.clinic_id != change.clinic_id or reminder.kind != CALENDAR_LINK:
        raise NotFound("no such telling of a calendar link")
    if reminder.suppressed_reason == SuppressionReason.TAKEN_BACK:
        return reminder
    if not _suppress(change.session, reminder, SuppressionReason.TAKEN_BACK, change.now):
        return None
    _audit(change, "taken_back", reminder)
    return reminder


def call_off(session: Session, feed_id: int, now: datetime) -> None:
    """A link that was stopped is told to nobody any more."""
    waiting = select(Reminder).where(
        Reminder.calendar_feed_id == feed_id,
        Reminder.state.in_((ReminderState.PENDING, ReminderState.QUEUED)),
    )
    for reminder in session.scalars(waiting.with_for_update()):
        _suppress(session, reminder, SuppressionReason.LINK_STOPPED, now)


def _planned(feed: CalendarFeed, patient: Patient, channel: str, key: str, now: datetime) -> Reminder:
    return Reminder(
        clinic_id=feed.clinic_id,
        patient_id=patient.id,
        calendar_feed_id=feed.id,
        kind=CALENDAR_LINK,
        step=CALENDAR_LINK,
        channel=channel,
        dedupe_key=key,
        due_at=now,
        expires_at=now + EXPIRES_AFTER,
        created_at=now,
        updated_at=now,
    )


def _suppress(session: Session, reminder: Reminder, because: SuppressionReason, now: datetime) -> bool:
    """False where a worker has it in hand, or had."""
    if reminder.state == ReminderState.PENDING:
        move_to(reminder, ReminderState.SUPPRESSED, now, because)
        return True
    message = session.scalar(select(Message).where(Message.reminder_id == reminder.id).with_for_update())
    if reminder.state != ReminderState.QUEUED or message is None or message.maybe_sent:
        return False
    if message.state != MessageState.PENDING:
        return False
    close(session, message, MessageState.SUPPRESSED, because, now)
    return True


def _audit(change: Change, action: str, reminder: Reminder) -> None:
    record(
        change,
        action,
        "calendar_link_messages",
        reminder.id,
        patient_id=reminder.patient_id,
        channel=reminder.channel,
        feed_id=reminder.calendar_feed_id,
    )
