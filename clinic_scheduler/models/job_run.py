"""When each worker's jobs last ran and how it went: what /healthz reads."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.models.column_types import Code, Instant, Key, Name


class JobRun(Base):
    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "worker"),)

    id: Mapped[Key]
    job: Mapped[Code]
    worker: Mapped[Name]
    started_at: Mapped[Instant]
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    outcome: Mapped[Name | None]
