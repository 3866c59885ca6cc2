"""States of a question to a provider, and what the desk does next in each; no rows, no pages."""

from collections.abc import Mapping
from enum import StrEnum

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.transitions import Transitions
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    NEVER_BOOKED,
    OPEN_STATES,
    CancelReason,
    VisitState,
)


class RequestState(Labelled):
    """A question waits once, and ends once."""

    WAITING = "waiting", "Waiting for an answer"
    ALLOWED = "allowed", "Allowed"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Nobody answered in time"
    WITHDRAWN = "withdrawn", "Taken back"


REQUEST_TRANSITIONS = Transitions(
    "question",
    begins=(RequestState.WAITING,),
    follow={
        RequestState.WAITING: [state for state in RequestState if state is not RequestState.WAITING],
        RequestState.ALLOWED: (),
        RequestState.DECLINED: (),
        RequestState.EXPIRED: (),
        RequestState.WITHDRAWN: (),
    },
)
# How they may be answered by somebody else than who asked: the desk is told of these.
ANSWERS = frozenset({RequestState.ALLOWED, RequestState.DECLINED, RequestState.EXPIRED})


class VisitSince(StrEnum):
    """What became of the visit that a question was about."""

    STANDS = "stands"
    ELSEWHERE = "elsewhere"
    CALLED_OFF = "called_off"
    OVER = "over"
    NEVER_BOOKED = "never_booked"


def visit_since(state: VisitState, cancel_reason: CancelReason | None, *, same_day: bool) -> VisitSince:
    """`same_day`: whether it is still on the day that the question was about."""
    if state in OPEN_STATES:
        return VisitSince.STANDS if same_day else VisitSince.ELSEWHERE
    if state in (VisitState.FULFILLED, VisitState.NOSHOW):
        return VisitSince.OVER
    if state in AWAITING_ANSWER or cancel_reason in NEVER_BOOKED:
        return VisitSince.NEVER_BOOKED
    return VisitSince.CALLED_OFF


def next_step(
    state: RequestState, since: VisitSince, *, was_move: bool = False, is_closed: bool = False
) -> str:
    """What is left for the desk; `was_move`: `since` is of the visit that was to move; `is_closed`: its course is."""
    if since in _NOTHING_LEFT:
        return f"{_NOTHING_LEFT[since]} Nothing is left to do here."
    if state == RequestState.ALLOWED:
        return "The visit is booked. Nothing is left to do but what you want to tell the patient."
    if was_move:
        return "The visit stays booked where it was. Tell the patient, or offer another day."
    if since != VisitSince.NEVER_BOOKED:
        return "The visit is still booked and stands under Booking problems. Move or cancel it."
    if is_closed:
        return (
            "The time is free again, and the course is closed by now. Tell the patient if they wait for it."
        )
    return "The time is free again and the patient is back on the due list. Offer another day."


_NOTHING_LEFT: Mapping[VisitSince, str] = {
    VisitSince.ELSEWHERE: "The visit was moved to another day since.",
    VisitSince.CALLED_OFF: "The visit was called off since.",
    VisitSince.OVER: "The visit’s time is over.",
}
