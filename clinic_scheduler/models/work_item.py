"""What staff must see: replies, failures and doubts on one work list, what patients wrote back, mail to staff."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.messaging.inbound import InboundChannel
from clinic_scheduler.domain.messaging.reply_meaning import Meaning
from clinic_scheduler.domain.messaging.states import StaffMailState
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models.column_types import ClinicKey, Code, Coded, Instant, Key, Name, Prose


class InboundMessage(Base):
    """What a patient wrote back, and what it was taken to mean."""

    __tablename__ = "inbound_messages"
    __table_args__ = (UniqueConstraint("sender", "provider_reference"),)

    id: Mapped[Key]
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    sender: Mapped[Code]  # the provider it came through
    provider_reference: Mapped[Name]
    channel: Mapped[InboundChannel] = mapped_column(Coded(InboundChannel))
    from_address: Mapped[Name]
    body: Mapped[Prose]
    meaning: Mapped[Meaning] = mapped_column(Coded(Meaning))
    received_at: Mapped[Instant]


class WorkItem(Base):
    """One thing for the desk to settle; open until somebody closes it or its cause is gone."""

    __tablename__ = "work_items"
    __table_args__ = (
        Index(
            "ix_work_items_open",
            "clinic_id",
            "opened_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    inbound_message_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"), index=True)
    override_request_id: Mapped[int | None] = mapped_column(ForeignKey("override_requests.id"), index=True)
    kind: Mapped[WorkItemKind] = mapped_column(Coded(WorkItemKind))
    dedupe_key: Mapped[Name] = mapped_column(unique=True)
    opened_at: Mapped[Instant]
    # Where a colleague asks: who, and what they wrote.
    asked_by: Mapped[Name | None]
    note: Mapped[Name | None]
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[Name | None]


class StaffNotice(Base):
    """Mail to staff: the morning digest, alarms. services/messaging/staff_mail_states.py alone changes its state.

    A second copy does no harm here, a missing one does: it is marked sent only after it was.
    """

    __tablename__ = "staff_notices"
    __table_args__ = (
        Index(
            "ix_staff_notices_open",
            "next_attempt_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
    )

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    kind: Mapped[Code]  # digest, worker_was_gone
    dedupe_key: Mapped[Name] = mapped_column(unique=True)
    to_address: Mapped[Name]
    subject: Mapped[Name]
    body: Mapped[Prose]
    state: Mapped[StaffMailState] = mapped_column(Coded(StaffMailState), default=StaffMailState.PENDING)
    attempt: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[Instant]
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_at: Mapped[Instant]
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
