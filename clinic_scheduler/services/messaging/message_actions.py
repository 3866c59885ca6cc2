"""What staff do about one message: try it again, or stop it before it goes. How it then goes is the outbox's matter."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput, NotFound
from clinic_scheduler.domain.messaging.dispatch_rules import Stop, Wait, judge
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import RETRY_REASONS, SuppressionReason, sentence
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Message, Reminder, WorkItem
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import message_states, reminder_states
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from clinic_scheduler.services.messaging.outbox_outcomes import close, note
from clinic_scheduler.services.messaging.stops_elsewhere import let_go_elsewhere, stop_elsewhere
from clinic_scheduler.services.work_items import close_item

RETRYABLE = (
    MessageState.FAILED,
    MessageState.EXPIRED,
    MessageState.SUPPRESSED,
    MessageState.UNCERTAIN,
)
STOPPABLE = (MessageState.PENDING,)
_UNCHANGED = "Nothing was changed."
_NOT_NOW = {
    MessageState.PENDING: "It is waiting to be sent already.",
    MessageState.SENDING: "A worker is sending it at this moment. Look again in a few minutes.",
    MessageState.SENT: "It has been sent already.",
    MessageState.DELIVERED: "It has arrived already.",
}


def retry(change: Change, uid: str, channels: Collection[str], because: str | None = None) -> Message:
    """Put it back into the queue. `channels` have a sender; `because` (of RETRY_REASONS) is needed in doubt.

    Raises ActionRefused where a worker holds it, its time is over, or it would be wrong to say by now.
    """
    now = change.now
    message = _locked(change, uid)
    if message.state not in RETRYABLE:
        raise ActionRefused(f"{_NOT_NOW[message.state]} {_UNCHANGED}")
    if message.maybe_sent and because not in RETRY_REASONS:
        raise InvalidInput("Say why it should go again: the patient may get it twice")
    if message.expires_at <= now:
        raise ActionRefused(f"Its time is over, so it would only confuse the patient. {_UNCHANGED}")
    verdict = judge(notification_of(change.session, message.reminder_id, now), now, channels)
    if isinstance(verdict, Stop):
        raise ActionRefused(f"It would be wrong to send it now. {sentence(verdict.reason)} {_UNCHANGED}")
    before = message.state
    message_states.move_to(message, MessageState.PENDING)
    message.next_attempt_at = verdict.until if isinstance(verdict, Wait) else now
    reminder = change.session.get_one(Reminder, message.reminder_id)
    reminder_states.move_to(reminder, ReminderState.QUEUED, now)
    said = f": {RETRY_REASONS[because]}" if because and because in RETRY_REASONS else ""
    note(
        change.session,
        message,
        now,
        AttemptOutcome.ASKED_AGAIN,
        f"{change.actor.name} had it tried again{said}.",
    )
    _settle_work(change, message)
    _record(change, message, "retried", before=before, because=because)
    return message


def stop(change: Change, uid: str) -> Message:
    """Never send what still waits; no later plan brings it back. Raises ActionRefused once it is on its way."""
    message = _locked(change, uid)
    if message.state not in STOPPABLE:
        raise ActionRefused(f"{_NOT_NOW.get(message.state, 'It is not waiting to be sent.')} {_UNCHANGED}")
    note(change.session, message, change.now, AttemptOutcome.REFUSED, f"{change.actor.name} stopped it.")
    close(change.session, message, MessageState.SUPPRESSED, SuppressionReason.STOPPED_BY_STAFF, change.now)
    stop_elsewhere(change, change.session.get_one(Reminder, message.reminder_id))
    _record(change, message, "stopped")
    return message


def stop_planned(change: Change, reminder_id: int) -> Reminder:
    """The same for a reminder whose hour has not come."""
    reminder = _locked_reminder(change, reminder_id)
    if reminder.state != ReminderState.PENDING:
        raise ActionRefused(f"It is not planned any more; it may be on its way. {_UNCHANGED}")
    reminder_states.move_to(
        reminder, ReminderState.SUPPRESSED, change.now, SuppressionReason.STOPPED_BY_STAFF
    )
    stop_elsewhere(change, reminder)
    record(change, "stopped", "reminders", reminder.id, patient_id=reminder.patient_id)
    return reminder


def let_go(change: Change, reminder_id: int) -> Reminder:
    """A planned reminder that staff stopped goes out after all, at its hour or now; whether it is still true, the
    worker asks. Raises ActionRefused where nobody stopped it, or its time is over.
    """
    reminder = _locked_reminder(change, reminder_id)
    if not stopped_and_may_go(reminder, change.now):
        raise ActionRefused(f"It was not stopped, or its time is over. {_UNCHANGED}")
    reminder_states.move_to(reminder, ReminderState.PENDING, change.now)
    let_go_elsewhere(change, reminder)
    record(change, "let_go", "reminders", reminder.id, patient_id=reminder.patient_id)
    return reminder


def stopped_and_may_go(reminder: Reminder, now: datetime) -> bool:
    """Whether it is one that staff stopped and still in time."""
    stopped = (reminder.state, reminder.suppressed_reason) == (
        ReminderState.SUPPRESSED,
        SuppressionReason.STOPPED_BY_STAFF,
    )
    return stopped and reminder.expires_at > now


def _locked_reminder(change: Change, reminder_id: int) -> Reminder:
    reminder = change.session.scalar(
        select(Reminder)
        .where(Reminder.id == reminder_id, Reminder.clinic_id == change.clinic_id)
        .with_for_update()
    )
    if reminder is None:
        raise NotFound("no such reminder")
    return reminder


def _locked(change: Change, uid: str) -> Message:
    message = change.session.scalar(
        select(Message).where(Message.uid == uid, Message.clinic_id == change.clinic_id).with_for_update()
    )
    if message is None:
        raise NotFound("no such message")
    return message


def _settle_work(change: Change, message: Message) -> None:
    """What the work list asks about this message is answered by trying it again."""
    open_items = select(WorkItem.id).where(
        WorkItem.message_id == message.id,
        WorkItem.closed_at.is_(None),
        WorkItem.kind.in_((WorkItemKind.UNCERTAIN, WorkItemKind.NOT_DELIVERED)),
    )
    for item_id in change.session.scalars(open_items).all():
        close_item(change, item_id, "sent_again")


def _record(change: Change, message: Message, action: str, **details: str | None) -> None:
    record(change, action, "messages", message.id, patient_id=message.patient_id, **details)
