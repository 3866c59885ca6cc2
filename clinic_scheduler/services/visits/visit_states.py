"""The one place where a visit's state changes; what follows from it is for whoever moves it."""

from clinic_scheduler.domain.visits.kinds_and_states import VISIT_TRANSITIONS, CancelReason, VisitState
from clinic_scheduler.models import Appointment


def move_to(visit: Appointment, state: VisitState, because: CancelReason | None = None) -> None:
    """Its state, and why it is off where it is cancelled. Raises ForbiddenTransition."""
    VISIT_TRANSITIONS.require(visit.state, state)
    visit.state, visit.cancel_reason = state, because


def stands_again(visit: Appointment) -> VisitState:
    """What a visit that did not take place after all comes back to: whoever had arrived is here."""
    return VisitState.ARRIVED if visit.arrived_at is not None else VisitState.BOOKED
