"""Consents: what a patient agreed to be told and how, in the order they said so; the last word counts."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import ClinicKey, Code, Instant, Key, Name


class Consent(Base):
    """One statement; append only."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "patient_id", "purpose", "channel", "id"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    purpose: Mapped[Code]  # visits, booking, follow_up
    channel: Mapped[Code]  # email, sms
    given: Mapped[bool]
    at: Mapped[Instant]
    # desk, paper, phone, text_reply, unsubscribe_link, patient_page, import, provider, merged_record
    how: Mapped[Code]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[Name | None]
