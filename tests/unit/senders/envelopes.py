"""Envelopes for the senders' tests, to invented people."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_scheduler.senders.base import Envelope, Receipt, Sender, SendError

PATIENT = "pat.jones@example.org"
PHONE = "+16025550123"
# Seconds a sender waits for a server that will not answer: longer than a busy machine takes for all that comes before.
SHORT = 1.0


def yes() -> bool:
    return True


def no() -> bool:
    return False


def letter(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "channel": "email",
        "to": PATIENT,
        "message_id": "<m1@clinic.example.org>",
        "date": datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
        "subject": "Reminder of your visit",
        "text": "Hello Pat,\n.\n..\n.hidden\nCafé at 9:00 am\n",
        "html": "<p>Hello Pat, café</p>\n",
    }
    return Envelope(**values | changes)


def text_message(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "channel": "sms",
        "to": PHONE,
        "message_id": "<m1@clinic.example.org>",
        "date": datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
        "from_": "+16025550100",
        "sms": "Riverside: your visit is Mon 23 Nov 2026, 9:00 am. Señor",
    }
    return Envelope(**values | changes)


def failure(sender: Sender, envelope: Envelope, hand_over: Callable[[], bool] = yes) -> SendError:
    """The error of a send that must fail; its reason never tells who was written to."""
    with pytest.raises(SendError) as caught:
        sender.send(envelope, hand_over)
    assert envelope.to not in caught.value.reason
    assert "pat.jones" not in caught.value.reason
    return caught.value


def kind(error: SendError) -> str:
    return "permanent" if error.permanent else "ambiguous" if error.ambiguous else "retryable"


__all__ = ["PATIENT", "PHONE", "SHORT", "Receipt", "failure", "kind", "letter", "no", "text_message", "yes"]
