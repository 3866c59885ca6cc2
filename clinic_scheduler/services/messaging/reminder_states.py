"""The one place where a planned notification's state changes, of one row or of many at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.states import REMINDER_TRANSITIONS, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Reminder

# As long as the column.
_REASON = 40
_TOLD = (
    update(Reminder)
    .where(Reminder.id.in_(bindparam("told", expanding=True)))
    .values(state=ReminderState.SENT, suppressed_reason=None, updated_at=bindparam("updated_at"))
)


def move_to(reminder: Reminder, state: ReminderState, now: datetime, because: str | None = None) -> None:
    """Its state, and why it is not told. Raises ForbiddenTransition."""
    REMINDER_TRANSITIONS.require(reminder.state, state)
    reminder.state, reminder.updated_at = state, now
    reminder.suppressed_reason = because[:_REASON] if because else None


def all_told(session: Session, reminder_ids: Collection[int], now: datetime) -> None:
    """Sent, whatever was thought of them before: a statement built once, no row read."""
    session.connection().execute(_TOLD, {"told": list(reminder_ids), "updated_at": now})


def suppress_all(
    session: Session, *those: ColumnElement[bool], because: SuppressionReason, now: datetime
) -> None:
    """What still waits for its hour, of `those`, is not told."""
    waiting = Reminder.state == ReminderState.PENDING
    session.execute(
        update(Reminder)
        .where(waiting, *those)
        .values(state=ReminderState.SUPPRESSED, suppressed_reason=because, updated_at=now)
    )


def plan_again(session: Session, *those: ColumnElement[bool], **changing: Any) -> None:
    """What was taken back, of `those`, waits for its hour again, `changing` what else its columns hold."""
    taken_back = Reminder.state == ReminderState.SUPPRESSED
    session.execute(
        update(Reminder)
        .where(taken_back, *those)
        .values(state=ReminderState.PENDING, suppressed_reason=None, **changing)
    )
