"""How many courses the due list has under what, by day: kept, so that no page counts a clinic's courses."""

from datetime import date

from sqlalchemy import ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import ClinicKey, Code, Key


class DueCount(Base):
    """So many courses more (or fewer) stand so from `starts_on` on: the sum up to a day is what stands so that day.

    Days that are well past are one day, date.min, so that a sum has some days to go through and no more. Only the
    folding of DueCountChange writes here; services/due_counts.py says when.
    """

    __tablename__ = "due_counts"
    __table_args__ = (
        PrimaryKeyConstraint("clinic_id", "starts_on", "provider_id", "bucket", "resting", "tries"),
        # The key is the table there: a sum then reads one stretch of it.
        {"sqlite_with_rowid": False},
    )

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    starts_on: Mapped[date]
    provider_id: Mapped[int]  # 0 is nobody's
    bucket: Mapped[Code]
    resting: Mapped[bool]  # as domain/forecast/due_steps.py says
    tries: Mapped[int]
    number: Mapped[int]


class DueCountChange(Base):
    """A change that is not in DueCount yet: added with the course's row, so that no writer waits for another."""

    __tablename__ = "due_count_changes"

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    starts_on: Mapped[date]
    provider_id: Mapped[int]
    bucket: Mapped[Code]
    resting: Mapped[bool]
    tries: Mapped[int]
    number: Mapped[int]
