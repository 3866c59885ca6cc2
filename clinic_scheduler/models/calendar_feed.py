"""Calendar links: who sees whose calendar, by the hash of an unguessable token."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.calendars.links import LinkKind, Reveal
from clinic_scheduler.models.column_types import ClinicKey, Code, Coded, Instant, Key, Name

_ONE_SUBJECT = (
    "(kind = 'patient' AND patient_id IS NOT NULL AND provider_id IS NULL)"
    " OR (kind = 'provider' AND provider_id IS NOT NULL AND patient_id IS NULL)"
    " OR (kind IN ('clinic_day', 'due_windows') AND patient_id IS NULL AND provider_id IS NULL)"
)


class CalendarFeed(Base):
    __tablename__ = "calendar_feeds"
    __table_args__ = (CheckConstraint(_ONE_SUBJECT, name="one_subject"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    kind: Mapped[LinkKind] = mapped_column(Coded(LinkKind))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"), index=True)
    name: Mapped[Name]
    # The token is made from this id and the installation's key, so it can be written into a message later;
    # none on a link whose token was drawn at random and shown once.
    uid: Mapped[Code | None] = mapped_column(unique=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    reveal: Mapped[Reveal] = mapped_column(Coded(Reveal), default=Reveal.NEUTRAL)
    all_clinics: Mapped[bool] = mapped_column(default=False)  # a provider's, wherever they work
    cycles_ahead: Mapped[int] = mapped_column(default=0)  # projected cycles shown (DD-13)
    # Shown besides visits in a provider's calendar; a patient's has its windows and milestones anyway.
    due_windows: Mapped[bool] = mapped_column(default=False)
    milestones: Mapped[bool] = mapped_column(default=False)
    reviews: Mapped[bool] = mapped_column(default=False)
    alarms: Mapped[bool] = mapped_column(default=False)
    language: Mapped[Code] = mapped_column(default="en")  # of a patient's calendar, for the link's life
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
