"""How a question to a provider may stand and end, and what the desk does next; no rows, no pages."""

from collections.abc import Mapping
from enum import StrEnum


class RequestState(StrEnum):
    """A question waits once, and ends once."""

    WAITING = "waiting"
    ALLOWED = "allowed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Mapping[RequestState, str] = {
    RequestState.WAITING: "Waiting for an answer",
    RequestState.ALLOWED: "Allowed",
    RequestState.DECLINED: "Declined",
    RequestState.EXPIRED: "Nobody answered in time",
    RequestState.WITHDRAWN: "Taken back",
}
# How they may be answered by somebody else than who asked: the desk is told of these.
ANSWERS = frozenset({RequestState.ALLOWED, RequestState.DECLINED, RequestState.EXPIRED})


def next_step(state: str, *, is_booked: bool, was_move: bool = False) -> str:
    """What is left for the desk; `is_booked`: whether the visit asked about stands; `was_move`: it stays elsewhere."""
    if state == RequestState.ALLOWED:
        return "The visit is booked. Nothing is left to do but what you want to tell the patient."
    if was_move:
        return "The visit stays booked where it was. Tell the patient, or offer another day."
    if is_booked:
        return "The visit is still booked and stands under Booking problems. Move or cancel it."
    return "The time is free again and the patient is back on the due list. Offer another day."
