"""What providers said later about messages, and the messages they spoke of. Reads only."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import DeliveryReceipt, Message


def message_taken_as(session: Session, sender: str, reference: str) -> Message | None:
    """The message a provider took under this reference, locked."""
    return session.scalar(
        select(Message)
        .where(Message.sender == sender, Message.provider_reference == reference)
        .order_by(Message.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def unmatched_receipts(session: Session, sender: str, reference: str) -> Sequence[DeliveryReceipt]:
    """Those of one reference that no message is known for yet."""
    return session.scalars(
        select(DeliveryReceipt)
        .where(
            DeliveryReceipt.sender == sender,
            DeliveryReceipt.provider_reference == reference,
            DeliveryReceipt.message_id.is_(None),
        )
        .order_by(DeliveryReceipt.id)
        .with_for_update()
    ).all()


# Built once: it is asked for every message a provider took.
_WAITING = (
    select(DeliveryReceipt.sender, DeliveryReceipt.provider_reference)
    .where(
        DeliveryReceipt.provider_reference.in_(bindparam("references", expanding=True)),
        DeliveryReceipt.message_id.is_(None),
    )
    .distinct()
)


def waiting_references(session: Session, references: Collection[str]) -> Sequence[tuple[str, str]]:
    """(sender, reference) of unmatched receipts of these references."""
    rows = session.connection().execute(_WAITING, {"references": sorted(references)})
    return [(sender, reference) for sender, reference in rows]


def references_found_since(session: Session, since: datetime, limit: int) -> Sequence[tuple[str, str]]:
    """(sender, reference) of unmatched receipts whose message is on record by now."""
    rows = session.execute(
        select(DeliveryReceipt.sender, DeliveryReceipt.provider_reference)
        .join(
            Message,
            (Message.sender == DeliveryReceipt.sender)
            & (Message.provider_reference == DeliveryReceipt.provider_reference),
        )
        .where(DeliveryReceipt.message_id.is_(None), DeliveryReceipt.received_at >= since)
        .distinct()
        .limit(limit)
    )
    return [(sender, reference) for sender, reference in rows]


def states_told(session: Session, message_id: int) -> Collection[str]:
    return set(session.scalars(select(DeliveryReceipt.state).where(DeliveryReceipt.message_id == message_id)))
