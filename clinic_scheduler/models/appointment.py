"""Booked visits, guarded in the database against two people being given one hour."""

from datetime import date, datetime, time

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.visits.kinds_and_states import (
    CancelReason,
    ConsultationOutcome,
    VisitKind,
    VisitState,
)
from clinic_scheduler.models.column_types import ClinicKey, Code, Coded, Instant, Key, Name, opaque_id
from clinic_scheduler.models.course import Course
from clinic_scheduler.models.override import VisitOverride
from clinic_scheduler.models.patient import Patient
from clinic_scheduler.models.provider import Provider

_OCCUPYING_STATES = "('proposed', 'pending', 'booked', 'arrived', 'fulfilled')"
OCCUPYING = f"state IN {_OCCUPYING_STATES} AND NOT overbooked"
_AHEAD = text("state IN ('proposed', 'booked', 'arrived')")
_PENDING = text("state = 'pending'")


def no_overlap(owner: str) -> ExcludeConstraint:
    """One owner's occupying visits never share a moment (PostgreSQL; SQLite has the triggers below)."""
    return ExcludeConstraint(
        (func.int4range(text(owner), text(owner), text("'[]'")), "&&"),
        (func.tstzrange(text("starts_at"), text("ends_at")), "&&"),
        name=f"ex_appointments_{owner}_overlap",
        using="gist",
        where=text(OCCUPYING),
    ).ddl_if(dialect="postgresql")


class Appointment(Base):
    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        Index(None, "provider_id", "starts_at"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "clinic_id", "local_date"),
        Index(
            "uq_appointments_open_course",
            "course_id",
            "kind",
            unique=True,
            sqlite_where=_AHEAD,
            postgresql_where=_AHEAD,
        ),
        Index(
            "uq_appointments_pending_move",
            "replaces_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        no_overlap("provider_id"),
        no_overlap("patient_id"),
    )

    id: Mapped[Key]
    uid: Mapped[Code] = mapped_column(unique=True)
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    # What the patient was promised is a wall clock in a zone; the instants follow from it.
    local_date: Mapped[date]
    local_time: Mapped[time]
    zone: Mapped[Code]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    kind: Mapped[VisitKind] = mapped_column(Coded(VisitKind), default=VisitKind.INJECTION)
    outcome: Mapped[ConsultationOutcome | None] = mapped_column(Coded(ConsultationOutcome))
    # Changed by services/visits/visit_states.py alone.
    state: Mapped[VisitState] = mapped_column(Coded(VisitState))
    # FHIR R5 `replaces`: the visit that would move to this pending time.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    overbooked: Mapped[bool] = mapped_column(default=False)
    cancel_reason: Mapped[CancelReason | None] = mapped_column(Coded(CancelReason))
    idempotency_key: Mapped[Name] = mapped_column(default=opaque_id, unique=True)
    sequence: Mapped[int] = mapped_column(default=0)  # iCalendar SEQUENCE, +1 on every published change
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # The patient said they will come, to this time: by link, text or desk. A move asks again.
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    confirmed_by: Mapped[Code | None]

    course: Mapped[Course] = relationship()
    patient: Mapped[Patient] = relationship()
    provider: Mapped[Provider] = relationship()
    overrides: Mapped[list[VisitOverride]] = relationship(
        order_by=VisitOverride.id, cascade="all, delete-orphan"
    )


def _overlap_trigger(name: str, moment: str) -> DDL:
    return DDL(  # type: ignore[no-untyped-call]
        f"""
CREATE TRIGGER {name} {moment} ON appointments
WHEN NEW.state IN {_OCCUPYING_STATES} AND NOT NEW.overbooked
BEGIN
  SELECT RAISE(ABORT, 'appointment overlap') FROM appointments
  WHERE id IS NOT NEW.id AND {OCCUPYING}
    AND (provider_id = NEW.provider_id OR patient_id = NEW.patient_id)
    AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at;
END"""
    )


for _name, _moment in (
    ("tr_appointments_overlap_insert", "BEFORE INSERT"),
    ("tr_appointments_overlap_update", "BEFORE UPDATE"),
):
    event.listen(
        Appointment.__table__, "after_create", _overlap_trigger(_name, _moment).execute_if(dialect="sqlite")
    )
