"""States of a question to a provider, and what the desk does next in each; no rows, no pages."""

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.transitions import Transitions


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


def next_step(state: str, *, is_booked: bool, was_move: bool = False) -> str:
    """What is left for the desk; `is_booked`: whether the visit asked about stands; `was_move`: it stays elsewhere."""
    if state == RequestState.ALLOWED:
        return "The visit is booked. Nothing is left to do but what you want to tell the patient."
    if was_move:
        return "The visit stays booked where it was. Tell the patient, or offer another day."
    if is_booked:
        return "The visit is still booked and stands under Booking problems. Move or cancel it."
    return "The time is free again and the patient is back on the due list. Offer another day."
