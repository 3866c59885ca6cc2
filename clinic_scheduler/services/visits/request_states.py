"""The one place where the state of a question to a provider changes."""

from clinic_scheduler.domain.visits.override_requests import REQUEST_TRANSITIONS, RequestState
from clinic_scheduler.models import OverrideRequest


def move_to(request: OverrideRequest, state: RequestState) -> None:
    """Raises ForbiddenTransition: it waits once, and ends once."""
    REQUEST_TRANSITIONS.require(request.state, state)
    request.state = state
