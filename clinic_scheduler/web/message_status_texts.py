"""How a notification's state, tries and receipts read on a page, and why it was not told."""

from collections.abc import Mapping
from typing import Protocol

from clinic_scheduler.domain.messaging.suppression_reasons import sentence

# state: (tone, words)
STATES: Mapping[str, tuple[str, str]] = {
    "planned": ("plain", "Planned"),
    "queued": ("info", "Waiting"),
    "pending": ("info", "Waiting"),
    "sending": ("info", "Being sent"),
    "sent": ("ok", "Sent"),
    "delivered": ("ok", "Delivered"),
    "failed": ("bad", "Failed"),
    "uncertain": ("warn", "Perhaps sent"),
    "expired": ("plain", "Too late"),
    "suppressed": ("plain", "Not sent"),
}
OUTCOMES = {
    "sent": "Taken by the mail or text service",
    "retry": "Not sent; tried again later",
    "permanent": "Refused for good",
    "ambiguous": "Perhaps sent; no answer came",
    "refused": "Held back",
    "asked_again": "Tried again by staff",
}
RECEIPTS = {"sent": "On its way", "delivered": "Delivered", "failed": "Not delivered"}


class _Stateful(Protocol):
    @property
    def state(self) -> str: ...


class _Reminder(_Stateful, Protocol):
    @property
    def suppressed_reason(self) -> str | None: ...


class _Message(_Stateful, Protocol):
    @property
    def reason(self) -> str | None: ...


def message_state(reminder: _Reminder, message: _Message | None) -> tuple[str, str]:
    """(tone, words): the message's state, unless the reminder waits for its hour, perhaps again."""
    state = message.state if message is not None else reminder.state
    state = "planned" if reminder.state == "pending" else state
    return STATES.get(state, ("plain", state.capitalize()))


def suppression_reason(reminder: _Reminder, message: _Message | None) -> str:
    """Why it was not told, or not yet; empty where there is nothing to explain."""
    if reminder.state == "pending":
        return ""
    if message is not None and message.reason and message.state not in ("sent", "delivered"):
        return sentence(message.reason)
    if reminder.state == "suppressed" and reminder.suppressed_reason:
        return sentence(reminder.suppressed_reason)
    return ""
