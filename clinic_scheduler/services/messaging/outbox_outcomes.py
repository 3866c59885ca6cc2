"""How an attempt at a message ended, and messages left behind by workers or by time. States only move forward.

`maybe_sent` is cleared by proof alone, so no message closes as untold that may have been told.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.consent import PROVIDER, allowed
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, back_off
from clinic_scheduler.domain.messaging.kinds import KINDS, PURPOSES
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReminderState
from clinic_scheduler.domain.messaging.stored_reason import StoredReason
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Consent, DeliveryAttempt, Message, Reminder
from clinic_scheduler.queries.messaging.consents import last_word
from clinic_scheduler.queries.messaging.outbox import (
    lapsed_messages,
    late_messages,
    locked_message,
    not_yet_taken,
    times_in_doubt,
)
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import message_states, reminder_states
from clinic_scheduler.services.messaging.leases import claimed_of, held
from clinic_scheduler.services.messaging.message_states import move_to
from clinic_scheduler.services.messaging.outbox_opening import notify_otherwise, uid_host_of
from clinic_scheduler.services.work_items import open_item_again

Jitter = Callable[[], float]
"""Gives a number from 0 to 1."""

# By then a provider that took a message has it on its list, so that not finding it there proves something.
SETTLES = timedelta(minutes=2)
# An address that is turned away for longer is not waited for alone.
PATIENCE = timedelta(days=1)
_NAME, _CODE = 120, 40
_NOTED = insert(DeliveryAttempt).values(outcome=AttemptOutcome.SENT)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the receiving side acknowledged."""

    provider_reference: str | None
    detail: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """That a vanished worker's message was taken, its words not kept. `doubtful`: an earlier try may have told it."""

    sent: Sent
    doubtful: bool


@dataclass(frozen=True, slots=True)
class NotSent:
    """`reason` names no patient. RETRY: surely not handed over; PERMANENT: nor will it ever be; or AMBIGUOUS."""

    outcome: AttemptOutcome
    reason: str


def record_sent(session: Session, sent: Sequence[tuple[Claimed, Sent]], now: datetime) -> None:
    """Proof counts whoever holds the lease by now: another worker's try then stops at its hand-over."""
    if not sent:
        return
    # Statements built once, no row read: this is done for every message.
    session.connection().execute(
        _NOTED, [{"message_id": claimed.message_id, "at": now, "detail": how.detail} for claimed, how in sent]
    )
    open_ = not_yet_taken(session, [claimed.message_id for claimed, _ in sent])
    taken = [(claimed, how) for claimed, how in sent if claimed.message_id in open_]
    if taken:
        message_states.all_taken(session, [_as_taken(claimed, how, now) for claimed, how in taken])
        reminder_states.all_told(session, [claimed.reminder_id for claimed, _ in taken], now)


def _as_taken(claimed: Claimed, sent: Sent, now: datetime) -> dict[str, Any]:
    return {
        "claimed": claimed.message_id,
        "provider_reference": sent.provider_reference[:_NAME] if sent.provider_reference else None,
        "sender": sent.sender[:_CODE] if sent.sender else None,
        "subject": sent.subject[:_NAME],
        "body": sent.body,
        "sent_at": now,
        # What this try left open is settled; whether an earlier one went out too is not.
        "maybe_sent": claimed.doubtful,
    }


def record_not_sent(
    session: Session,
    claimed: Claimed,
    failure: NotSent,
    now: datetime,
    jitter: Jitter,
    idempotent: Collection[str] = (),
) -> MessageState:
    """Keep what went wrong and decide what follows; returns the message's state.

    `idempotent` are the channels whose doubts the next try settles: by repeating safely, or by looking up.
    """
    message = locked_message(session, claimed.message_id)
    if not held(message.state, message.lease_token, claimed.token):
        note(session, message, now, failure.outcome, f"{failure.reason} The lease had run out.")
        return message.state
    if failure.outcome == AttemptOutcome.AMBIGUOUS:
        _doubt(session, message, failure.reason, now, jitter, idempotent)
        return message.state
    note(session, message, now, failure.outcome, failure.reason)
    message.maybe_sent = claimed.doubtful
    if failure.outcome == AttemptOutcome.PERMANENT:
        if failure.reason == SuppressionReason.OPTED_OUT:
            _take_providers_word(session, message, now)
        close(session, message, MessageState.FAILED, failure.reason, now)
    else:
        _try_again(session, message, failure.reason, now, jitter)
    return message.state


def _take_providers_word(session: Session, message: Message, now: datetime) -> None:
    """A stop that reached the provider and never us is a stop: for everything on the channel, as one by text is."""
    for purpose in PURPOSES:
        if allowed(last_word(session, message.patient_id, purpose, message.channel)):
            said = {"purpose": purpose, "channel": message.channel, "how": PROVIDER}
            session.add(
                Consent(
                    clinic_id=message.clinic_id, patient_id=message.patient_id, given=False, at=now, **said
                )
            )
            actor = Actor("text service", message.clinic_id)
            record(
                Change(session, actor, now),
                "consent_withdrawn",
                "consents",
                None,
                patient_id=message.patient_id,
                **said,
            )
    session.flush()


def reconcile(
    session: Session,
    now: datetime,
    jitter: Jitter,
    idempotent: Collection[str],
    proofs: Mapping[str, Proof],
    limit: int,
) -> dict[str, int]:
    """Take up messages whose worker vanished: not handed over, try again; perhaps handed over, in doubt.

    `proofs`, by a lease's token, are of those that were taken.
    """
    counts = {"again": 0, "in_doubt": 0, "taken": 0}
    for message in lapsed_messages(session, now, limit):
        if proof := proofs.get(message.lease_token or ""):
            record_sent(session, [(claimed_of(message, doubtful=proof.doubtful), proof.sent)], now)
            counts["taken"] += 1
        elif message.maybe_sent:
            _doubt(session, message, "The worker stopped during a hand-over.", now, jitter, idempotent)
            counts["in_doubt"] += 1
        else:
            reason = "The worker stopped before the hand-over."
            note(session, message, now, AttemptOutcome.RETRY, reason)
            # Most were claimed among many and never looked at: no try, and the lease has been pause enough.
            message.next_attempt_at = now
            message.attempt -= 1
            move_to(message, MessageState.PENDING, reason)
            counts["again"] += 1
    return counts


def expire(session: Session, now: datetime, limit: int) -> int:
    """Close waiting messages whose time is over; returns how many."""
    messages = late_messages(session, now, limit)
    for message in messages:
        close(session, message, MessageState.EXPIRED, SuppressionReason.EXPIRED, now)
    return len(messages)


def note(session: Session, message: Message, now: datetime, outcome: AttemptOutcome, detail: str) -> None:
    """One line of the message's history."""
    session.add(DeliveryAttempt(message_id=message.id, at=now, outcome=outcome, detail=detail))


def close(session: Session, message: Message, state: MessageState, reason: str, now: datetime) -> None:
    """End a message untold; if it may have been told after all, it ends as uncertain, for staff to settle."""
    if message.maybe_sent and state != MessageState.UNCERTAIN:
        state, reason = MessageState.UNCERTAIN, str(StoredReason(reason, in_doubt=True))
    move_to(message, state, reason)
    match state:
        case MessageState.FAILED:
            _mark(session, message, ReminderState.FAILED, SuppressionReason.REFUSED, now)
            _for_the_desk(session, message, WorkItemKind.NOT_DELIVERED, f"not-delivered:{message.id}", now)
            notify_otherwise(session, _reminder(session, message), uid_host_of(message), now)
        case MessageState.UNCERTAIN:
            _mark(session, message, ReminderState.FAILED, SuppressionReason.UNCERTAIN, now)
            _for_the_desk(session, message, WorkItemKind.UNCERTAIN, f"uncertain:{message.id}", now)
        case _:
            _mark(session, message, ReminderState.SUPPRESSED, reason, now)
            if state == MessageState.EXPIRED and _tried_in_vain(session, message):
                # One matter for the desk, however many messages to this address came to nothing.
                key = f"kept-failing:{message.patient_id}:{message.channel}"
                _for_the_desk(session, message, WorkItemKind.NOT_DELIVERED, key, now)


def _tried_in_vain(session: Session, message: Message) -> bool:
    """Whether a sender or its provider turned it away at least once, rather than that its hour never came."""
    failed = select(DeliveryAttempt.id).where(
        DeliveryAttempt.message_id == message.id, DeliveryAttempt.outcome == AttemptOutcome.RETRY
    )
    return session.scalar(failed.limit(1)) is not None


def _refused_for_long(session: Session, message: Message, now: datetime, next_try: datetime) -> bool:
    """Whether another way is to be tried while there is time: after a day, half of the time there is, or all of it."""
    first = session.scalar(
        select(func.min(DeliveryAttempt.at)).where(
            DeliveryAttempt.message_id == message.id, DeliveryAttempt.outcome == AttemptOutcome.RETRY
        )
    )
    patience = min(PATIENCE, (message.expires_at - message.created_at) / 2)
    return next_try >= message.expires_at or (first is not None and now - first >= patience)


def _for_the_desk(session: Session, message: Message, kind: WorkItemKind, key: str, now: datetime) -> None:
    reminder = _reminder(session, message)
    open_item_again(
        session,
        message.clinic_id,
        kind,
        key,
        now,
        patient_id=message.patient_id,
        course_id=reminder.course_id,
        appointment_id=reminder.appointment_id,
        message_id=message.id,
    )


def _doubt(
    session: Session,
    message: Message,
    reason: str,
    now: datetime,
    jitter: Jitter,
    idempotent: Collection[str],
) -> None:
    """A reminder goes once more under its Message-ID, flagged, where its kind may; a second doubt is left to staff."""
    first = times_in_doubt(session, message.id) == 0
    note(session, message, now, AttemptOutcome.AMBIGUOUS, reason)
    message.maybe_sent = True
    if message.channel in idempotent:
        _try_again(session, message, reason, now, jitter, SETTLES)
    elif first and KINDS[_reminder(session, message).kind].may_repeat:
        _try_again(session, message, reason, now, jitter)
    else:
        close(session, message, MessageState.UNCERTAIN, reason, now)


def _try_again(
    session: Session,
    message: Message,
    reason: str,
    now: datetime,
    jitter: Jitter,
    at_least: timedelta = timedelta(0),
) -> None:
    at = now + max(back_off(message.attempt, jitter()), at_least)
    if not message.maybe_sent and _refused_for_long(session, message, now, at):
        # Whichever goes out first, the other is told already (dispatch_rules.py).
        notify_otherwise(session, _reminder(session, message), uid_host_of(message), now)
    if at >= message.expires_at:
        close(session, message, MessageState.EXPIRED, SuppressionReason.EXPIRED, now)
        return
    message.next_attempt_at = at
    move_to(message, MessageState.PENDING, reason)


def _reminder(session: Session, message: Message) -> Reminder:
    return session.get_one(Reminder, message.reminder_id)


def _mark(session: Session, message: Message, state: ReminderState, reason: str, now: datetime) -> None:
    reminder_states.move_to(_reminder(session, message), state, now, reason)
