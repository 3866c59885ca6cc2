"""Consents: what a patient agreed to be told and how, in the order they said so; the last word counts."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.domain.messaging.consent import ConsentWay
from clinic_scheduler.domain.messaging.kinds import Channel, Purpose
from clinic_scheduler.models.column_types import ClinicKey, Coded, Instant, Key, Name


class Consent(Base):
    """One statement; append only."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "patient_id", "purpose", "channel", "id"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    purpose: Mapped[Purpose] = mapped_column(Coded(Purpose))
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    given: Mapped[bool]
    at: Mapped[Instant]
    how: Mapped[ConsentWay] = mapped_column(Coded(ConsentWay))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[Name | None]
