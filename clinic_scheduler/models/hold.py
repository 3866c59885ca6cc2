"""Holds: days on which a patient must not be treated, for anything or for one indication."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.patients.holds import HoldReason
from clinic_scheduler.models.column_types import Code, Coded, Key, Name


class Hold(Base):
    """Both ends included; no end means until further notice, no indication whatever is treated.

    Of an indication rather than a course, so that neither a stop nor another product ends it.
    """

    __tablename__ = "holds"
    # The due list asks every day who is held; those few are found by their days.
    __table_args__ = (Index(None, "ends_on", "starts_on", "patient_id", "indication"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    indication: Mapped[Code | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[HoldReason] = mapped_column(Coded(HoldReason))
    note: Mapped[Name | None]
    # Whose word it is: what a provider set, a provider ends.
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    set_by: Mapped[Name | None]  # that person's name then
    set_by_provider: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
