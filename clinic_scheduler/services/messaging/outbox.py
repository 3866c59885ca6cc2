"""The outbox up to the hand-over: due reminders become messages, a worker claims one and asks once more.

How a try ended, and what happens to messages left behind, is in outbox_outcomes.py.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.dispatch_rules import (
    FIRST_BACK_OFF,
    LEASE,
    Claimed,
    Leaving,
    Notification,
    Stop,
    Verdict,
    Wait,
    judge,
)
from clinic_scheduler.domain.messaging.kinds import SMS
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Message, Reminder
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.messaging.outbox import (
    due_reminders,
    locked_message,
    locked_values,
    next_messages,
)
from clinic_scheduler.services.locks import lock_reached
from clinic_scheduler.services.messaging import message_states, reminder_states
from clinic_scheduler.services.messaging.dispatch_facts import (
    notification_of,
    notifications_now,
    notifications_of,
)
from clinic_scheduler.services.messaging.leases import claimed_of, held
from clinic_scheduler.services.messaging.outbox_opening import (
    UNREACHED,
    notify_otherwise_or_the_desk,
    open_message,
    uid_host_of,
)
from clinic_scheduler.services.messaging.outbox_outcomes import close, note

logger = logging.getLogger(__name__)
_LEAVING = (
    update(Message)
    .where(Message.id.in_(bindparam("leaving", expanding=True)))
    .values(maybe_sent=True, lease_until=bindparam("lease_until"))
)


def queue_due(
    session: Session, now: datetime, channels: Collection[str], uid_host: str, limit: int
) -> Counter[str]:
    """Turn due reminders into messages, or close them with the reason. Returns how many went which way.

    A reminder that cannot be judged is put off and logged; the others go on.
    """
    counts: Counter[str] = Counter()
    for reminder in due_reminders(session, now, limit):
        reminder_id = reminder.id
        try:
            with session.begin_nested():
                counts[_queue(session, reminder, now, channels, uid_host)] += 1
        except Exception as error:
            # Only the error's type: its text may quote a row.
            logger.error("reminder %s cannot be judged (%s); put off", reminder_id, type(error).__name__)
            reminder.due_at = now + FIRST_BACK_OFF * 15
            counts["put_off"] += 1
    return counts


def _queue(
    session: Session, reminder: Reminder, now: datetime, channels: Collection[str], uid_host: str
) -> str:
    notification = notification_of(session, reminder.id, now)
    verdict = judge(notification, now, channels)
    if isinstance(verdict, Wait):
        reminder.due_at, reminder.updated_at = verdict.until, now
        return "quiet"
    if verdict is None and not open_message(session, reminder, notification.address or "", now, uid_host):
        verdict = Stop(SuppressionReason.ALREADY_TOLD)
    if verdict is None:
        reminder_states.move_to(reminder, ReminderState.QUEUED, now)
        return "queued"
    reminder_states.move_to(reminder, ReminderState.SUPPRESSED, now, verdict.reason)
    if verdict.reason in UNREACHED:
        notify_otherwise_or_the_desk(session, reminder, uid_host, now)
    return "suppressed"


def claim(session: Session, now: datetime) -> Claimed | None:
    """Lease the next message to the caller, or None when nothing waits."""
    found = next_messages(session, now, 1)
    return _leased(found[0], now) if found else None


def claim_prepared(
    session: Session, now: datetime, channels: Collection[str], limit: int
) -> list[tuple[Claimed, Notification | Exception | None]]:
    """Lease the next messages, each with what to say: as `prepare` has it, or the error of a row without sense."""
    messages = next_messages(session, now, limit)
    leased = [_leased(message, now) for message in messages]
    notifications = (
        notifications_of(session, [claimed.reminder_id for claimed in leased], now) if leased else []
    )
    told = [
        _told(session, message, notification, now, channels)
        for message, notification in zip(messages, notifications, strict=True)
    ]
    return list(zip(leased, told, strict=True))


def _told(
    session: Session,
    message: Message,
    notification: Notification | Exception,
    now: datetime,
    channels: Collection[str],
) -> Notification | Exception | None:
    if isinstance(notification, Exception):
        return notification
    try:
        return _prepared(session, message, notification, now, channels)
    except Exception as error:
        return error


def release(session: Session, claimed: Claimed, now: datetime) -> None:
    """Give back a message that was not tried, as if it had not been claimed."""
    message = locked_message(session, claimed.message_id)
    if held(message.state, message.lease_token, claimed.token):
        message_states.move_to(message, MessageState.PENDING, message.reason)
        message.next_attempt_at = now
        message.attempt -= 1


def _leased(message: Message, now: datetime) -> Claimed:
    message_states.move_to(message, MessageState.SENDING, message.reason)
    message.lease_token, message.lease_until = opaque_id(), now + LEASE
    message.attempt += 1
    return claimed_of(message, doubtful=message.maybe_sent)


def prepare(
    session: Session, claimed: Claimed, now: datetime, channels: Collection[str]
) -> Notification | None:
    """What to say and to whom, as of now; None when it is not to be sent, which is then on record.

    A corrected address is taken up here, so a message that waits for a better hour follows its patient.
    """
    message = locked_message(session, claimed.message_id)
    if not held(message.state, message.lease_token, claimed.token):
        return None
    return _prepared(session, message, notification_of(session, claimed.reminder_id, now), now, channels)


def _prepared(
    session: Session, message: Message, notification: Notification, now: datetime, channels: Collection[str]
) -> Notification | None:
    verdict = judge(notification, now, channels)
    if verdict is None:
        message.address = notification.address or ""
        return notification
    with session.begin_nested():
        _turn_back(session, message, verdict, now)
    return None


def hand_over(
    session: Session, leaving: Sequence[Leaving], now: datetime, channels: Collection[str]
) -> list[bool]:
    """The last question before the words leave: True marks a message as perhaps sent, from here on.

    False, with the reason on record, where anything has changed since it was claimed. An address changed in
    these seconds sends the message back to be tried at the new one.
    """
    # Statements built once, no row kept: this is done for every message.
    locked = locked_values(session, [each.claimed.message_id for each in leaving])
    mine = [each for each in leaving if _still_held(locked[each.claimed.message_id], each.claimed)]
    patients = {each.claimed.message_id: locked[each.claimed.message_id].patient_id for each in mine}
    texted = {each.address for each in mine if locked[each.claimed.message_id].channel == SMS}
    # Two texts to one number, or one step on two channels, or an opt-out: one waits for the other here.
    lock_reached(session, patients.values(), filter(None, texted))
    agreed: set[int] = set()
    for several in _apart(mine, patients):
        agreed |= _agreed(session, several, now, channels)
    return [each.claimed.message_id in agreed for each in leaving]


def _still_held(row: Any, claimed: Claimed) -> bool:
    return held(row.state, row.lease_token, claimed.token)


def _apart(leaving: Sequence[Leaving], patients: Mapping[int, int]) -> Iterator[list[Leaving]]:
    """Never two to one patient or one address at once: the second must see that the first is leaving."""
    rest = list(leaving)
    while rest:
        together: list[Leaving] = []
        later: list[Leaving] = []
        seen: set[object] = set()
        for each in rest:
            reached = {patients[each.claimed.message_id], each.address}
            (later if reached & seen else together).append(each)
            seen |= reached
        yield together
        rest = later


def _agreed(
    session: Session, leaving: Sequence[Leaving], now: datetime, channels: Collection[str]
) -> set[int]:
    """The messages that may leave, marked; the others are turned back."""
    notifications = notifications_now(session, [each.claimed.reminder_id for each in leaving], now)
    agreed = set()
    for each, notification in zip(leaving, notifications, strict=True):
        verdict = judge(notification, now, channels)
        if verdict is None and notification.address != each.address:
            verdict = Wait(now)
        if verdict is None:
            agreed.add(each.claimed.message_id)
        else:
            _turn_back(session, locked_message(session, each.claimed.message_id), verdict, now)
    if agreed:
        session.connection().execute(_LEAVING, {"leaving": sorted(agreed), "lease_until": now + LEASE})
    return agreed


def _turn_back(session: Session, message: Message, verdict: Verdict, now: datetime) -> None:
    if isinstance(verdict, Wait):
        message_states.move_to(message, MessageState.PENDING, message.reason)
        message.next_attempt_at = verdict.until
    elif verdict is not None:
        note(session, message, now, AttemptOutcome.REFUSED, verdict.reason)
        state = (
            MessageState.EXPIRED if verdict.reason == SuppressionReason.EXPIRED else MessageState.SUPPRESSED
        )
        close(session, message, state, verdict.reason, now)
        if verdict.reason in UNREACHED and not message.maybe_sent:
            reminder = session.get_one(Reminder, message.reminder_id)
            notify_otherwise_or_the_desk(session, reminder, uid_host_of(message), now)
