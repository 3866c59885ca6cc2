"""The record of who changed what; rows are only ever added."""

from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import ClinicKey, Code, Instant, Key, Name


class AuditEvent(Base):
    __tablename__ = "audit_events"

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    at: Mapped[Instant]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[Name]  # the person's name then, or the command or job
    action: Mapped[Code]
    subject: Mapped[Code]  # table name
    subject_id: Mapped[int | None]
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
