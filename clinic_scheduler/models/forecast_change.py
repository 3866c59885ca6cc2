"""What a new edition of the date rules changed of a course: its dates, its blocks, how its visit stands.

Kept so that staff can look it through; one row a course and edition.
"""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import Instant, Key


class ForecastChange(Base):
    __tablename__ = "forecast_changes"
    __table_args__ = (Index(None, "clinic_id", "id"), UniqueConstraint("course_id", "edition"))

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    edition: Mapped[int]  # domain/forecast/rules_edition.py
    made_at: Mapped[Instant]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    because: Mapped[list[Any]] = mapped_column(JSON)
