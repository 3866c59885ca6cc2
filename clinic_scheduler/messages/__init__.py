"""Composing what patients read: values in, a Message out. Sending, storing and deciding live elsewhere."""

from clinic_scheduler.messages.custom_wording import (
    UnfitWordsError,
    shipped_wording,
    unfit,
    with_plain_line_ends,
)

from .compose import ComposeError, Message, compose, template_environment
from .values import (
    KINDS,
    AfterVisit,
    CalendarLink,
    ClinicDetails,
    MessageValues,
    MissedVisit,
    Overdue,
    TimeToBook,
    VisitBooked,
    VisitCancelled,
    VisitMoved,
    VisitReminder,
    values_of,
)

__all__ = [
    "KINDS",
    "AfterVisit",
    "CalendarLink",
    "ClinicDetails",
    "ComposeError",
    "Message",
    "MessageValues",
    "MissedVisit",
    "Overdue",
    "TimeToBook",
    "UnfitWordsError",
    "VisitBooked",
    "VisitCancelled",
    "VisitMoved",
    "VisitReminder",
    "compose",
    "shipped_wording",
    "template_environment",
    "unfit",
    "values_of",
    "with_plain_line_ends",
]
