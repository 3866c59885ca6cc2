"""Contact attempts: the desk's calls, texts and mails about one course, and what staff decided after enough of them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.contacts import ContactChannel, ContactOutcome
from clinic_scheduler.models.column_types import Coded, Instant, Key, Name, Prose


class ContactAttempt(Base):
    __tablename__ = "contact_attempts"
    __table_args__ = (
        Index(None, "clinic_id", "hide_until", "course_id"),
        Index(None, "clinic_id", "course_id"),
    )

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))  # those above begin with it
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[Instant]
    channel: Mapped[ContactChannel] = mapped_column(Coded(ContactChannel))
    outcome: Mapped[ContactOutcome] = mapped_column(Coded(ContactOutcome))
    hide_until: Mapped[date | None]
    # The rest that this attempt took the place of, for when it is taken back.
    hidden_before: Mapped[date | None]
    note: Mapped[Prose | None]
    # The form's own, so that sending it twice logs once.
    idempotency_key: Mapped[Name | None] = mapped_column(unique=True)
    # Logged in error: kept for the record, counted for nothing.
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
