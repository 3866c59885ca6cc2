"""The people who are treated: identity, reach and what they allow."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.columns import ClinicKey, Code, Instant, Key, Name


class Patient(Base):
    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("clinic_id", "mrn"),
        Index(None, "clinic_id", "family_name", "given_name"),
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
    phone: Mapped[Code | None]  # E.164
    email: Mapped[Name | None]
    preferred_channel: Mapped[Code] = mapped_column(default="email")
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
