"""Hours a provider is taken elsewhere, read from a calendar of theirs; they block suggestions, nothing else."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.models.column_types import ClinicKey, Instant, Key, Name, Prose


class BusyCalendar(Base):
    """Where the hours come from: an address read again and again, or a file handed in once."""

    __tablename__ = "busy_calendars"

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"), index=True)
    name: Mapped[Name]
    url: Mapped[Prose | None]  # a secret of the provider's; none for a file
    etag: Mapped[Name | None]
    created_at: Mapped[Instant]
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime())  # last time it was read whole
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    failure: Mapped[Name | None]  # why the last try failed; what was read before still counts


class BusyTime(Base):
    __tablename__ = "busy_times"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        Index(None, "provider_id", "starts_at"),
    )

    id: Mapped[Key]
    busy_calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendars.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
