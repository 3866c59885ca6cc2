"""The one place where a message's state changes, and that of many messages proved as sent at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.states import MESSAGE_TRANSITIONS, MessageState
from clinic_scheduler.models import Message

# As long as the column.
_REASON = 120
_TAKEN = (
    update(Message)
    .where(Message.id == bindparam("claimed"))
    .values(state=MessageState.SENT, reason=None, lease_token=None, lease_until=None)
)


def move_to(message: Message, state: MessageState, reason: str | None = None) -> None:
    """Its state and why, and no lease but a worker's who is sending it. Raises ForbiddenTransition."""
    MESSAGE_TRANSITIONS.require(message.state, state)
    message.state, message.reason = state, reason[:_REASON] if reason else None
    if state != MessageState.SENDING:
        message.lease_token = message.lease_until = None


def all_taken(session: Session, messages: Sequence[dict[str, Any]]) -> None:
    """Proved as sent, of those that queries.outbox.not_yet_taken found and locked; any other state may become so.

    `messages` say which (`claimed`) and what else of them is known by now.
    """
    session.connection().execute(_TAKEN, messages)
