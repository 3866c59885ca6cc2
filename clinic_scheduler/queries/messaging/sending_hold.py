"""Whether sending is held, and how many messages, by kind, may have gone out while nobody kept count. No patients."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.sending_holds import SendingHoldReason
from clinic_scheduler.domain.messaging.states import MessageState, ReminderState
from clinic_scheduler.models import DeliveryAttempt, Installation, JobRun, Message, Reminder

# Built once: every staff page asks it.
_HELD = select(Installation.held_reason, Installation.held_since, Installation.gap_from)


@dataclass(frozen=True, slots=True)
class SendingHold:
    """`gap_from`: from when on it is unknown what went out; None where nothing is known of any time before."""

    reason: SendingHoldReason
    since: datetime
    gap_from: datetime | None


def sending_hold(session: Session) -> SendingHold | None:
    """Why nothing is sent, or None while sending goes on."""
    row = session.execute(_HELD).one_or_none()
    if row is None or row.held_reason is None or row.held_since is None:
        return None
    return SendingHold(SendingHoldReason(row.held_reason), row.held_since, row.gap_from)


def gap(session: Session, held: SendingHold) -> Mapping[str, int]:
    """Kind -> how many may have gone out already: all that was due, or being tried, when the hold began."""
    found = session.execute(
        select(Reminder.kind, func.count().label("number"))
        .where(in_gap(held.since))
        .group_by(Reminder.kind)
        .order_by(Reminder.kind)
    )
    return {row.kind: row.number for row in found}


def reminders_in_gap(session: Session, held: SendingHold, kinds: Collection[str]) -> Any:
    """The reminders of these kinds in the gap, locked, a few at a time as they are read."""
    return session.scalars(
        select(Reminder)
        .where(in_gap(held.since), Reminder.kind.in_(list(kinds)))
        .order_by(Reminder.id)
        .with_for_update()
    )


def in_gap(since: datetime) -> ColumnElement[bool]:
    """What came due later cannot have gone out before."""
    open_ = select(Message.id).where(
        Message.reminder_id == Reminder.id,
        Message.state.in_((MessageState.PENDING, MessageState.SENDING)),
        Message.created_at <= since,
    )
    waiting = and_(Reminder.state == ReminderState.PENDING, Reminder.due_at <= since)
    return or_(waiting, and_(Reminder.state == ReminderState.QUEUED, open_.exists()))


def was_sent(session: Session, uid: str) -> bool:
    """Whether this message is among the rows, and sent."""
    found = select(Message.id).where(Message.uid == uid, Message.sent_at.is_not(None))
    return session.scalar(found) is not None


def any_sent(session: Session, since: datetime | None) -> bool:
    """Whether anything was sent from here, or anything since an instant."""
    sent = Message.sent_at.is_not(None) if since is None else Message.sent_at > since
    return session.scalar(select(Message.id).where(sent).limit(1)) is not None


def last_sign_of_life(session: Session) -> datetime | None:
    """When a worker last looked for messages to send, or tried one; None where none ever did."""
    looked = session.scalar(select(func.max(JobRun.finished_at)).where(JobRun.job == "dispatch"))
    newest = select(DeliveryAttempt.at).order_by(DeliveryAttempt.id.desc()).limit(1)
    return max((at for at in (looked, session.scalar(newest)) if at), default=None)
