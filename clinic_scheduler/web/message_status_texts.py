"""How a notification's state, tries and receipts read on a page, and why it was not told."""

from collections.abc import Collection
from typing import Protocol

from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.states import TAKEN, MessageState, ReminderState
from clinic_scheduler.domain.messaging.stored_reason import StoredReason
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason, sentence

NOT_THIS_WAY = (
    "It does not go out this way; at its hour the other way is tried, or the desk is asked to call."
)
_PLANNED = ("plain", ReminderState.PENDING.label)
TONES = {
    MessageState.PENDING: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "ok",
    MessageState.DELIVERED: "ok",
    MessageState.FAILED: "bad",
    MessageState.UNCERTAIN: "warn",
    MessageState.EXPIRED: "plain",
    MessageState.SUPPRESSED: "plain",
}
_REMINDER_TONES = {
    ReminderState.QUEUED: "info",
    ReminderState.SENT: "ok",
    ReminderState.FAILED: "bad",
    ReminderState.SUPPRESSED: "plain",
}


class _Reminder(Protocol):
    @property
    def state(self) -> ReminderState: ...

    @property
    def suppressed_reason(self) -> str | None: ...

    @property
    def patient_id(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def channel(self) -> str: ...


class _Message(Protocol):
    @property
    def state(self) -> MessageState: ...

    @property
    def reason(self) -> str | None: ...


def message_state(reminder: _Reminder, message: _Message | None) -> tuple[str, str]:
    """(tone, words): the message's state, unless the reminder waits for its hour, perhaps again."""
    if reminder.state == ReminderState.PENDING:
        return _PLANNED
    if message is not None:
        return TONES[message.state], message.state.label
    return _REMINDER_TONES[reminder.state], reminder.state.label


def suppression_reason(
    reminder: _Reminder, message: _Message | None, opted_out: Collection[tuple[int, str, str]] = ()
) -> str:
    """Why it was not told, or will not be; empty where there is nothing to explain.

    `opted_out` are (patient, purpose, channel); what is planned against it tries another way at its hour.
    """
    if reminder.state == ReminderState.PENDING:
        stopped = (reminder.patient_id, KINDS[reminder.kind].purpose, reminder.channel) in opted_out
        return f"{SuppressionReason.OPTED_OUT.label} {NOT_THIS_WAY}" if stopped else ""
    if message is not None and message.reason and message.state not in TAKEN:
        return StoredReason.read(message.reason).sentence
    if reminder.state == ReminderState.SUPPRESSED and reminder.suppressed_reason:
        return sentence(reminder.suppressed_reason)
    return ""
