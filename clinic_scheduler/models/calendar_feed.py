"""Calendar links: who sees whose calendar, by the hash of an unguessable token."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.models.columns import ClinicKey, Code, Instant, Key, Name


class CalendarFeed(Base):
    __tablename__ = "calendar_feeds"
    __table_args__ = (CheckConstraint("(patient_id IS NULL) <> (provider_id IS NULL)", name="one_subject"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"), index=True)
    name: Mapped[Name]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    reveal: Mapped[Code] = mapped_column(default="neutral")
    created_at: Mapped[Instant]
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
