"""Providers (FHIR: Practitioner), the hours they inject, and the days nobody does."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import ClinicKey, Instant, Key, Name


class Provider(Base):
    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    name: Mapped[Name]
    email: Mapped[Name | None]
    visit_minutes: Mapped[int] = mapped_column(default=30)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]


class ProviderHours(Base):
    """One stretch of a weekday in which a provider injects, in the clinic's local time."""

    __tablename__ = "provider_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_monday_is_0"),
        CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        UniqueConstraint("provider_id", "weekday", "starts_at"),
    )

    id: Mapped[Key]
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    weekday: Mapped[int]
    starts_at: Mapped[time]
    ends_at: Mapped[time]


class Closure(Base):
    """Days the clinic (no provider) or one provider is away, both ends included."""

    __tablename__ = "closures"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="starts_before_end"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[Name]
