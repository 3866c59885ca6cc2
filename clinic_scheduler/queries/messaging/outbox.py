"""The outbox's rows: what is due, what may be claimed, whose lease ran out; changing them is services/outbox*.py.

Rows come locked where PostgreSQL can lock them; on SQLite the unit of work already is the only writer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.kinds import SMS
from clinic_scheduler.domain.messaging.sms_limits import WEEK
from clinic_scheduler.domain.messaging.states import (
    ON_ITS_WAY,
    TAKEN,
    AttemptOutcome,
    MessageState,
    ReminderState,
)
from clinic_scheduler.models import DeliveryAttempt, Message, Reminder

# Said as the partial index says it, letter for letter: SQLite does not see that one of the two states is meant.
_OPEN = text("messages.state IN ('pending', 'sending')")


def due_reminders(session: Session, now: datetime, limit: int) -> Sequence[Reminder]:
    """Reminders whose hour has come, the oldest first; those another worker holds are left out."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.state == ReminderState.PENDING, Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def message_of(session: Session, reminder_id: int) -> Message | None:
    return session.scalar(select(Message).where(Message.reminder_id == reminder_id).with_for_update())


def next_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Those that have waited longest for a try, the oldest first; others' are left out."""
    return session.scalars(
        select(Message)
        .where(_OPEN, Message.state == MessageState.PENDING, Message.next_attempt_at <= now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def texts_lately(session: Session, phone: str, now: datetime, reminder_id: int) -> list[datetime]:
    """When this number was, or may have been, texted within a week; the text of `reminder_id` is left out.

    One in a worker's hands, or in doubt and to be tried again, counts as of now.
    """
    since = now - WEEK
    perhaps = Message.sent_at.is_(None) & Message.maybe_sent & (Message.next_attempt_at > since)
    rows = session.execute(
        select(Message.sent_at, Message.state, Message.next_attempt_at).where(
            Message.address == phone,
            Message.channel == SMS,
            Message.reminder_id != reminder_id,
            (Message.sent_at > since) | perhaps,
        )
    )
    return [sent_at or (now if state in ON_ITS_WAY else tried) for sent_at, state, tried in rows]


def waiting_messages(session: Session, patient_id: int, channel: str) -> Sequence[tuple[Message, str]]:
    """(message, kind) of what waits for a try; what another worker holds is left to that one's own questions."""
    rows = session.execute(
        select(Message, Reminder.kind)
        .join(Reminder, Reminder.id == Message.reminder_id)
        .where(
            Message.patient_id == patient_id,
            Message.channel == channel,
            Message.state == MessageState.PENDING,
        )
        .order_by(Message.id)
        .with_for_update(skip_locked=True, of=Message)
    )
    return [(message, kind) for message, kind in rows]


_LOCKED = select(Message).where(Message.id == bindparam("message_id")).with_for_update()


def locked_message(session: Session, message_id: int) -> Message:
    return session.scalars(_LOCKED, {"message_id": message_id}).one()


# Their patients are locked next, by lock_reached, with all who share a number, in one order.
_LOCKED_VALUES = (
    select(Message.id, Message.state, Message.lease_token, Message.patient_id, Message.channel)
    .where(Message.id.in_(bindparam("messages", expanding=True)))
    .order_by(Message.id)
    .with_for_update()
)


def locked_values(session: Session, message_ids: Collection[int]) -> dict[int, Any]:
    """(id, state, lease_token, patient_id, channel) of each, by id; the messages are locked, not their patients."""
    session.flush()
    found = session.connection().execute(_LOCKED_VALUES, {"messages": list(message_ids)})
    return {row.id: row for row in found}


_NOT_YET_TAKEN = (
    select(Message.id)
    .where(Message.id.in_(bindparam("messages", expanding=True)), Message.state.not_in(TAKEN))
    .order_by(Message.id)
    .with_for_update()
)


def not_yet_taken(session: Session, message_ids: Collection[int]) -> set[int]:
    """Those that nobody has proved as sent before, locked."""
    return set(session.connection().execute(_NOT_YET_TAKEN, {"messages": list(message_ids)}).scalars())


def lapsed_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Messages whose worker did not come back before its lease ran out."""
    return session.scalars(
        select(Message)
        .where(_OPEN, Message.state == MessageState.SENDING, Message.lease_until < now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def late_messages(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    """Messages nobody should send any more."""
    return session.scalars(
        select(Message)
        .where(_OPEN, Message.state == MessageState.PENDING, Message.expires_at <= now)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def times_in_doubt(session: Session, message_id: int) -> int:
    """How many tries ended without knowing whether the message was taken."""
    doubtful = select(func.count()).where(
        DeliveryAttempt.message_id == message_id, DeliveryAttempt.outcome == AttemptOutcome.AMBIGUOUS
    )
    return session.scalar(doubtful) or 0
