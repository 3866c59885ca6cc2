"""How visits reach a patient's calendar, and what became of the invitations to one. Pure; no bytes, no mail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from clinic_scheduler.domain.message_states import ON_ITS_WAY, TAKEN, TOLD, MessageState, ReminderState
from clinic_scheduler.domain.telling_kinds import VISIT_BOOKED, VISIT_CANCELLED

FEED, INVITATIONS, BOTH = "feed", "invitations", "both"
WAYS = MappingProxyType(
    {FEED: "By subscribed link", INVITATIONS: "By invitation e-mail", BOTH: "By both"},
)
# The step of a telling that is planned as an invitation; an e-mail of any other step carries none.
INVITATION = "invitation"
Method = Literal["REQUEST", "CANCEL"]

_LEFT = (*TAKEN, MessageState.UNCERTAIN)
_TRIED = (*_LEFT, *ON_ITS_WAY, MessageState.FAILED)


@dataclass(frozen=True, slots=True)
class VisitTelling:
    """One telling of what was done to a visit: its reminder, and its message where it has one."""

    id: int
    kind: str
    step: str
    key: str
    state: ReminderState
    reason: str | None
    message_state: MessageState | None
    maybe_sent: bool
    address: str | None = field(repr=False)

    @property
    def sequence(self) -> int:
        """Of the visit as this tells it."""
        return int(self.key.split(":")[3])

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


def telling_key(visit_id: int, kind: str, channel: str, sequence: int) -> str:
    return f"{visit_id}:{kind}:{channel}:{sequence}"


def has_entry(tellings: Sequence[VisitTelling], address: str | None, *, surely: bool = False) -> bool:
    """Whether the visit stands in the calendar behind `address`: the newest invitation there was no CANCEL.

    One on its way counts, unless `surely` is asked for. `tellings` are the visit's, the oldest first.
    """
    sent = [
        telling.kind
        for telling in _invitations(tellings, address)
        if telling.left or (not surely and telling.message_state in ON_ITS_WAY)
    ]
    return bool(sent) and sent[-1] != VISIT_CANCELLED


def was_tried(tellings: Sequence[VisitTelling], address: str | None) -> bool:
    """Whether an invitation was tried at `address`, arrived or not."""
    return any(telling.tried for telling in _invitations(tellings, address))


def entry_is_old(tellings: Sequence[VisitTelling], address: str | None, sequence: int) -> bool:
    """Whether the calendar behind `address` has an entry of the visit, and not as it is at that sequence."""
    newest = max((each.sequence for each in _invitations(tellings, address) if each.tried), default=sequence)
    return has_entry(tellings, address) and newest < sequence


def told_at(tellings: Sequence[VisitTelling], sequence: int) -> bool:
    """Whether the visit was told as it stood at that sequence."""
    return any(telling.told and telling.sequence == sequence for telling in tellings)


def booking_owed(tellings: Sequence[VisitTelling], withdrawn: Sequence[str]) -> bool:
    """Whether the booking was to be told, was taken back for one of the reasons `withdrawn`, and nothing was told."""
    planned = any(telling.kind == VISIT_BOOKED and telling.reason in withdrawn for telling in tellings)
    return planned and not any(telling.told for telling in tellings)


def _invitations(tellings: Sequence[VisitTelling], address: str | None) -> list[VisitTelling]:
    return [telling for telling in tellings if telling.step == INVITATION and telling.address == address]
