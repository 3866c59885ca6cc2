"""How visits reach a patient's calendar, and what became of the invitations to one. Pure; no bytes, no mail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from clinic_scheduler.domain.codes import Labelled, labels
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import VISIT_BOOKED, VISIT_CANCELLED
from clinic_scheduler.domain.messaging.states import ON_ITS_WAY, TAKEN, TOLD, MessageState, ReminderState


class CalendarBy(Labelled):
    """How visits reach a patient's calendar."""

    FEED = "feed", "By subscribed link"
    INVITATIONS = "invitations", "By invitation e-mail"
    BOTH = "both", "By both"


FEED, INVITATIONS, BOTH = tuple(CalendarBy)
WAYS = labels(CalendarBy)
# The step of a notification that is planned as an invitation; an e-mail of any other step carries none.
INVITATION = "invitation"
Method = Literal["REQUEST", "CANCEL"]

_LEFT = (*TAKEN, MessageState.UNCERTAIN)
_TRIED = (*_LEFT, *ON_ITS_WAY, MessageState.FAILED)


@dataclass(frozen=True, slots=True)
class VisitNotification:
    """One notification of what was done to a visit: its reminder, and its message where it has one."""

    id: int
    kind: str
    step: str
    key: DispatchKey
    state: ReminderState
    reason: str | None
    message_state: MessageState | None
    maybe_sent: bool
    address: str | None = field(repr=False)

    @property
    def sequence(self) -> int:
        """Of the visit as this tells it."""
        return self.key.sequence

    @property
    def told(self) -> bool:
        return self.state in TOLD

    @property
    def tried(self) -> bool:
        return self.message_state in _TRIED

    @property
    def left(self) -> bool:
        """Whether it has reached the mail server, or may have."""
        return self.message_state in _LEFT or (self.maybe_sent and self.message_state != MessageState.FAILED)


def has_entry(
    notifications: Sequence[VisitNotification], address: str | None, *, surely: bool = False
) -> bool:
    """Whether the visit stands in the calendar behind `address`: the newest invitation there was no CANCEL.

    One on its way counts, unless `surely` is asked for. `notifications` are the visit's, the oldest first.
    """
    sent = [
        notification.kind
        for notification in _invitations(notifications, address)
        if notification.left or (not surely and notification.message_state in ON_ITS_WAY)
    ]
    return bool(sent) and sent[-1] != VISIT_CANCELLED


def was_tried(notifications: Sequence[VisitNotification], address: str | None) -> bool:
    """Whether an invitation was tried at `address`, arrived or not."""
    return any(notification.tried for notification in _invitations(notifications, address))


def entry_is_old(notifications: Sequence[VisitNotification], address: str | None, sequence: int) -> bool:
    """Whether the calendar behind `address` has an entry of the visit, and not as it is at that sequence."""
    newest = max(
        (each.sequence for each in _invitations(notifications, address) if each.tried), default=sequence
    )
    return has_entry(notifications, address) and newest < sequence


def told_at(notifications: Sequence[VisitNotification], sequence: int) -> bool:
    """Whether the visit was told as it stood at that sequence."""
    return any(notification.told and notification.sequence == sequence for notification in notifications)


def booking_owed(notifications: Sequence[VisitNotification], withdrawn: Sequence[str]) -> bool:
    """Whether the booking was to be told, was taken back for one of the reasons `withdrawn`, and nothing was told."""
    planned = any(
        notification.kind == VISIT_BOOKED and notification.reason in withdrawn
        for notification in notifications
    )
    return planned and not any(notification.told for notification in notifications)


def _invitations(notifications: Sequence[VisitNotification], address: str | None) -> list[VisitNotification]:
    return [
        notification
        for notification in notifications
        if notification.step == INVITATION and notification.address == address
    ]
