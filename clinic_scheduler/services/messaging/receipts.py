"""What providers say later about messages they took. States only move forward, in whatever order it is said.

A receipt may overtake the record of its own hand-over, so it is kept first and matched when it can be.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.states import (
    AttemptOutcome,
    MessageState,
    ReceiptState,
    ReminderState,
)
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import DeliveryReceipt, Message, Reminder
from clinic_scheduler.queries.messaging.receipts import (
    message_taken_as,
    references_found_since,
    states_told,
    unmatched_receipts,
    waiting_references,
)
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging import message_states, reminder_states
from clinic_scheduler.services.messaging.outbox_outcomes import close, note
from clinic_scheduler.services.work_items import open_item_again

_REFERENCE, _DETAIL = 120, 120
# A receipt and the record of its hand-over can miss each other by one transaction, not by days.
_STILL_LOOKED_FOR = timedelta(days=2)


def record_receipt(
    session: Session, sender: str, reference: str, state: str, detail: str | None, now: datetime
) -> None:
    """Keep what was said, once however often it is said, and act on it if its message is known."""
    if state not in list(ReceiptState):
        raise ValueError(f"a receipt is one of {', '.join(sorted(ReceiptState))}, not {state!r}")
    session.execute(
        insert_into(session, DeliveryReceipt)
        .values(
            sender=sender,
            provider_reference=reference[:_REFERENCE],
            state=ReceiptState(state),
            detail=detail[:_DETAIL] if detail else None,
            received_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=[
                DeliveryReceipt.sender,
                DeliveryReceipt.provider_reference,
                DeliveryReceipt.state,
            ]
        )
    )
    match(session, sender, reference[:_REFERENCE], now)


def match_all(session: Session, taken: Collection[tuple[str | None, str | None]], now: datetime) -> None:
    """As `match`, for several (sender, reference); those of no sender or no reference have no receipts."""
    references = {reference[:_REFERENCE] for sender, reference in taken if sender and reference}
    for sender, reference in waiting_references(session, references) if references else ():
        match(session, sender, reference, now)


def match(session: Session, sender: str, reference: str, now: datetime) -> int:
    """Tie the receipts of one reference to its message, if it is on record; returns how many there were."""
    found = unmatched_receipts(session, sender, reference)
    message = message_taken_as(session, sender, reference) if found else None
    if message is None:
        return 0
    for receipt in found:
        before = states_told(session, message.id)
        receipt.message_id = message.id
        session.flush()
        _apply(session, message, receipt, before, now)
    return len(found)


def match_late(session: Session, now: datetime, limit: int) -> int:
    """Receipts and hand-overs recorded at the very same moment, which did not see each other."""
    return sum(
        match(session, sender, reference, now)
        for sender, reference in references_found_since(session, now - _STILL_LOOKED_FOR, limit)
    )


def _apply(session: Session, message: Message, receipt: DeliveryReceipt, before: Any, now: datetime) -> None:
    code = f" ({receipt.detail})" if receipt.detail else ""
    if receipt.state == ReceiptState.DELIVERED:
        _delivered(session, message, receipt.received_at)
        note(session, message, now, AttemptOutcome.DELIVERED, f"The provider says it arrived{code}.")
    elif receipt.state == ReceiptState.FAILED:
        _failed(session, message, code, ReceiptState.DELIVERED in before, now)


def _delivered(session: Session, message: Message, at: datetime) -> None:
    """Proof: it also takes back a failure told before, and any doubt."""
    message_states.move_to(message, MessageState.DELIVERED)
    message.maybe_sent = False
    message.delivered_at = message.delivered_at or at
    reminder_states.move_to(session.get_one(Reminder, message.reminder_id), ReminderState.SENT, at)


def _failed(session: Session, message: Message, code: str, arrived: bool, now: datetime) -> None:
    """For the desk in either case; what had arrived by an earlier word stays delivered."""
    reason = f"The provider could not deliver it{code}."
    note(session, message, now, AttemptOutcome.PERMANENT, reason)
    if not arrived:
        close(session, message, MessageState.FAILED, reason, now)
    reminder = session.get_one(Reminder, message.reminder_id)
    open_item_again(
        session,
        message.clinic_id,
        WorkItemKind.NOT_DELIVERED,
        f"not-delivered:{message.id}",
        now,
        patient_id=message.patient_id,
        course_id=reminder.course_id,
        appointment_id=reminder.appointment_id,
        message_id=message.id,
    )
