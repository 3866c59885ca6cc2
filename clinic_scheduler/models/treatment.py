"""Treatments: injection visits that happened, here or elsewhere."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.models.column_types import (
    ClinicKey,
    Code,
    Coded,
    Instant,
    Key,
    Name,
    Prose,
    Units,
    opaque_id,
)


class Treatment(Base):
    __tablename__ = "treatments"
    __table_args__ = (
        UniqueConstraint("clinic_id", "fingerprint"),
        Index(None, "patient_id", "given_on"),
    )

    id: Mapped[Key]
    # The sentinel: by it rows written together are told apart, so that hundreds take one statement.
    uid: Mapped[Code] = mapped_column(default=opaque_id, unique=True, insert_sentinel=True)
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    course_id: Mapped[int | None] = mapped_column(
        ForeignKey("courses.id"), index=True
    )  # none: given elsewhere
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointments.id"), index=True
    )  # rows of one day are one visit
    given_on: Mapped[date]
    units: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))  # none: given elsewhere, and nobody knows
    units_wasted: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    product: Mapped[Code | None]  # none: given elsewhere, and nobody knows
    # Of one given elsewhere: what it was for (an indication's code, 'other', none where nobody knows), where, from
    # whom that is known, and whether the day is a guess: it is entered as the last possible one.
    indication: Mapped[Code | None]
    given_at: Mapped[Name | None]
    known_from: Mapped[KnownFrom | None] = mapped_column(Coded(KnownFrom))
    is_approximate: Mapped[bool] = mapped_column(default=False)
    lot: Mapped[Code | None]
    lot_expires_on: Mapped[date | None]
    outcome: Mapped[Code] = mapped_column(default="complete")
    kind: Mapped[Code] = mapped_column(default="cycle")
    sites: Mapped[Prose | None]
    notes: Mapped[Prose | None]
    # Where the row came from: an imported row's own key, or the form's, so that twice is once.
    fingerprint: Mapped[Name]
    recorded_at: Mapped[Instant]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # Entered in error: kept for the record, counted for nothing.
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    void_reason: Mapped[Name | None]
    # How it was judged (DD-8), written with the forecast.
    evaluation: Mapped[EvaluationStatus | None] = mapped_column(Coded(EvaluationStatus))
    days_late: Mapped[int] = mapped_column(default=0)
    payer_too_soon: Mapped[bool] = mapped_column(default=False)
    # A treatment earlier than allowed, taken as it is by a named person (DD-8).
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_reason: Mapped[Name | None]
    # What was taken off an authorization, so that voiding gives back just that.
    authorization_id: Mapped[int | None] = mapped_column(ForeignKey("authorizations.id"), index=True)
    authorization_visits: Mapped[int | None]
    authorization_units: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))


class TreatmentVial(Base):
    """One vial used in a treatment, for the lot's sake; units given and discarded add up to the treatment's."""

    __tablename__ = "treatment_vials"

    id: Mapped[Key]
    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatments.id"), index=True)
    lot: Mapped[Code]
    expires_on: Mapped[date | None]
    units: Mapped[Units]
    units_wasted: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
