"""What a person decided against the date rules: overrides of a visit, requests for them, standing decisions."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.visits.override_requests import RequestState
from clinic_scheduler.models.column_types import Code, Coded, Instant, Key, Name, Prose

_WAITING = text("state = 'waiting'")


class VisitOverride(Base):
    """One thing that would forbid a visit, allowed by name; it allows nothing else."""

    __tablename__ = "visit_overrides"
    __table_args__ = (UniqueConstraint("appointment_id", "name"),)

    id: Mapped[Key]
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    name: Mapped[Code]  # too_early, over_cap, a block's own name, late, outside_authorization
    reason: Mapped[Code]
    note: Mapped[Prose | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[Name]  # that person's name then
    decided_at: Mapped[Instant]


class OverrideRequest(Base):
    """The desk asks a provider to allow a visit; the time is kept as proposed until an answer or `expires_at`."""

    __tablename__ = "override_requests"
    __table_args__ = (
        Index(
            "ix_override_requests_waiting",
            "clinic_id",
            "expires_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "uq_override_requests_waiting",
            "appointment_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    names: Mapped[list[str]] = mapped_column(JSON)  # the overrides asked for, as VisitOverride names them
    day: Mapped[date]  # what the answer is of, wherever the visit goes later
    note: Mapped[Prose | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_by: Mapped[Name]
    asked_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    # Changed by services/visits/request_states.py alone.
    state: Mapped[RequestState] = mapped_column(Coded(RequestState))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_by: Mapped[Name | None]
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    answer_note: Mapped[Prose | None]


class StandingDecision(Base):
    """A provider takes a block off a course up to a day, whatever is booked meanwhile."""

    __tablename__ = "standing_decisions"

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    block: Mapped[Code]
    until: Mapped[date]
    reason: Mapped[Code]
    note: Mapped[Prose | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[Name]
    decided_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class OverrideReason(Base):
    """A reason a clinic offers for overriding one block."""

    __tablename__ = "override_reasons"
    __table_args__ = (UniqueConstraint("clinic_id", "block", "code"),)

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    block: Mapped[Code]
    code: Mapped[Code]
    text: Mapped[Name]
    is_active: Mapped[bool] = mapped_column(default=True)
