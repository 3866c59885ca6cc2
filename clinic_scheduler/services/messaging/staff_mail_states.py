"""The one place where the state of a mail to staff changes."""

from datetime import datetime

from clinic_scheduler.domain.messaging.states import STAFF_MAIL_TRANSITIONS, StaffMailState
from clinic_scheduler.models import StaffNotice


def move_to(notice: StaffNotice, state: StaffMailState, lease_until: datetime | None = None) -> None:
    """Its state, and how long a worker has it. Raises ForbiddenTransition."""
    STAFF_MAIL_TRANSITIONS.require(notice.state, state)
    notice.state, notice.lease_until = state, lease_until
