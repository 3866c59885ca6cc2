"""Whose a message is while it is sent: a worker's, by a token that is new at each claim, for as long as it renews."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, Claimed
from clinic_scheduler.domain.messaging.states import MessageState
from clinic_scheduler.models import Message

_RENEWED = (
    update(Message)
    .where(
        Message.id.in_(bindparam("messages", expanding=True)),
        Message.lease_token.in_(bindparam("tokens", expanding=True)),
        Message.state == MessageState.SENDING,
    )
    .values(lease_until=bindparam("lease_until"))
    .returning(Message.id)
)


def claimed_of(message: Message, *, doubtful: bool) -> Claimed:
    """A message in the hands of whoever has its lease."""
    return Claimed(
        message_id=message.id,
        reminder_id=message.reminder_id,
        uid=message.uid,
        token=message.lease_token or "",
        attempt=message.attempt,
        doubtful=doubtful,
        mail_id=message.message_id,
        created_at=message.created_at,
    )


def held(state: MessageState, lease_token: str | None, token: str) -> bool:
    """Whether the lease is still the caller's."""
    return state == MessageState.SENDING and lease_token == token


def renew(session: Session, claimed: Collection[Claimed], now: datetime) -> set[int]:
    """Lease them for longer; returns the ids of those that still were the caller's."""
    mine = {"messages": [each.message_id for each in claimed], "tokens": [each.token for each in claimed]}
    return set(session.connection().execute(_RENEWED, mine | {"lease_until": now + LEASE}).scalars())
