"""The outbox: what should be told (reminders), each telling (messages), and every try (delivery attempts)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.messaging.kinds import Channel
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReceiptState, ReminderState
from clinic_scheduler.models.column_types import (
    ClinicKey,
    Code,
    Coded,
    Instant,
    Key,
    Name,
    Prose,
    opaque_id,
)


class Reminder(Base):
    """A planned notification; its state is changed by services/messaging/reminder_states.py alone."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index(
            "ix_reminders_pending_due",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    calendar_feed_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_feeds.id"), index=True)
    kind: Mapped[Code]  # domain/messaging/kinds.py
    step: Mapped[Code]  # which of its kind, such as 7 days before
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    dedupe_key: Mapped[Name] = mapped_column(unique=True)  # domain/messaging/dispatch_key.py
    due_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    state: Mapped[ReminderState] = mapped_column(Coded(ReminderState), default=ReminderState.PENDING)
    suppressed_reason: Mapped[Code | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class Message(Base):
    """One telling to one address; its state is changed by services/messaging/message_states.py alone."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_open_next_attempt",
            "next_attempt_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(None, "clinic_id", "created_at"),
        Index(None, "address", "sent_at"),
        Index(None, "sender", "provider_reference"),
    )

    id: Mapped[Key]
    uid: Mapped[Code] = mapped_column(default=opaque_id, unique=True, insert_sentinel=True)
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"), unique=True)
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    address: Mapped[Name]
    state: Mapped[MessageState] = mapped_column(Coded(MessageState), default=MessageState.PENDING)
    reason: Mapped[Name | None]
    expires_at: Mapped[Instant]
    next_attempt_at: Mapped[Instant]
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[Code | None]
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # Sticky: set before the body leaves, cleared by proof alone, so that a crash never hides a possible double.
    maybe_sent: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[Name]  # RFC 5322 Message-ID, the same on every try
    sender: Mapped[Code | None]  # the provider that took it, whose reference follows
    provider_reference: Mapped[Name | None]
    subject: Mapped[Name | None]  # as sent
    body: Mapped[Prose | None]  # as sent, plain text
    created_at: Mapped[Instant]
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class DeliveryAttempt(Base):
    """One try at one message; append only."""

    __tablename__ = "delivery_attempts"

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    at: Mapped[Instant]
    outcome: Mapped[AttemptOutcome] = mapped_column(Coded(AttemptOutcome))
    detail: Mapped[Prose | None]


class DeliveryReceipt(Base):
    """What a provider said later about a message it took; one row a state, however often it is said.

    Kept before it is matched, so that a receipt that overtakes its message's own record is not lost.
    """

    __tablename__ = "delivery_receipts"
    __table_args__ = (UniqueConstraint("sender", "provider_reference", "state"),)

    id: Mapped[Key]
    sender: Mapped[Code]
    provider_reference: Mapped[Name]
    state: Mapped[ReceiptState] = mapped_column(Coded(ReceiptState))
    detail: Mapped[Name | None]  # the provider's own code, never an address
    received_at: Mapped[Instant]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
