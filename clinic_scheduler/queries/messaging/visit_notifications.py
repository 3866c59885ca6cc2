"""What a patient was told, or was to be told, of what was done to a visit. Reads only."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import VisitNotification
from clinic_scheduler.domain.messaging.kinds import (
    VISIT_BOOKED,
    VISIT_CANCELLED,
    VISIT_MOVED,
)
from clinic_scheduler.domain.messaging.states import TOLD, ReminderState
from clinic_scheduler.models import Message, Reminder

KINDS = (VISIT_BOOKED, VISIT_MOVED, VISIT_CANCELLED)


def notifications_of(session: Session, appointment_id: int) -> list[VisitNotification]:
    """In the order in which they were due."""
    rows = session.execute(
        select(
            Reminder.id,
            Reminder.kind,
            Reminder.step,
            Reminder.dedupe_key,
            Reminder.state,
            Reminder.suppressed_reason,
            Message.state.label("message_state"),
            Message.maybe_sent,
            Message.address,
        )
        .outerjoin(Message, Message.reminder_id == Reminder.id)
        .where(Reminder.appointment_id == appointment_id, Reminder.kind.in_(KINDS))
        .order_by(Reminder.due_at, Reminder.id)
    )
    return [
        VisitNotification(
            id=row.id,
            kind=row.kind,
            step=row.step,
            key=DispatchKey.read(row.dedupe_key),
            state=row.state,
            reason=row.suppressed_reason,
            message_state=row.message_state,
            maybe_sent=bool(row.maybe_sent),
            address=row.address,
        )
        for row in rows
    ]


def later_step_is_due(session: Session, step: Any, by: datetime) -> bool:
    """Whether another step about the same visit, at the same time, is due after `step` and `by` then, told or not yet.

    `step` has a reminder's step, appointment_id, expires_at and due_at. Both expire as the visit starts.
    """
    later = select(Reminder.id).where(
        Reminder.appointment_id == step.appointment_id,
        Reminder.kind == step.kind,
        Reminder.step != step.step,
        Reminder.expires_at == step.expires_at,
        Reminder.due_at > step.due_at,
        Reminder.due_at <= by,
        Reminder.state.in_((ReminderState.PENDING, *TOLD)),
    )
    return session.scalar(later.limit(1)) is not None
