"""Composing what patients read: values in, a Message out. Sending, storing and deciding live elsewhere."""

from .compose import ComposeError, Message, compose, template_environment
from .values import (
    KINDS,
    ClinicDetails,
    MessageValues,
    Overdue,
    TimeToBook,
    VisitBooked,
    VisitCancelled,
    VisitMoved,
    VisitReminder,
)

__all__ = [
    "KINDS",
    "ClinicDetails",
    "ComposeError",
    "Message",
    "MessageValues",
    "Overdue",
    "TimeToBook",
    "VisitBooked",
    "VisitCancelled",
    "VisitMoved",
    "VisitReminder",
    "compose",
    "template_environment",
]
