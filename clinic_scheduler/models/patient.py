"""The people who are treated: identity, reach and what they allow."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.domain.messaging.kinds import Channel
from clinic_scheduler.models.column_types import ClinicKey, Code, Coded, Instant, Key, Name


class Patient(Base):
    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("clinic_id", "mrn"),
        Index(None, "clinic_id", "family_name", "given_name"),
        Index(None, "phone"),
    )

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    mrn: Mapped[Code]  # the clinic's medical record number
    family_name: Mapped[Name]
    given_name: Mapped[Name]
    birth_date: Mapped[date]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    weighed_on: Mapped[date | None]
    deceased_on: Mapped[date | None]
    moved_on: Mapped[date | None]  # left for another clinic
    # Found to be the same person as another row, which took everything over.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    phone: Mapped[Code | None]  # E.164
    email: Mapped[Name | None]
    preferred_channel: Mapped[Channel] = mapped_column(Coded(Channel), default=Channel.EMAIL)
    # Tried when the preferred one fails for good.
    fallback_channel: Mapped[Channel | None] = mapped_column(Coded(Channel))
    language: Mapped[Code] = mapped_column(default="en")  # BCP 47, of what is written to them
    zone: Mapped[Code | None]  # IANA name where they live, if not the clinic's: quiet hours are theirs
    # How visits reach their calendar: feed, invitations or both.
    calendar_by: Mapped[Code] = mapped_column(default="feed")
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class PatientSearchKey(Base):
    """What a name may be typed as: each word, and each with a letter left out (domain/search/name_matching.py)."""

    __tablename__ = "patient_search_keys"
    __table_args__ = (Index(None, "clinic_id", "key", "patient_id"),)

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    key: Mapped[Code]
