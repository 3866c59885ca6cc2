"""Whose database this is, and whether what waits in it may be sent: one row, made at a worker's first claim."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.models.column_types import Code, Prose


class Installation(Base):
    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    # Who may send from here: made from the installation's secret, so that a copy elsewhere is known as one.
    mark: Mapped[Code | None]
    base_url: Mapped[Prose | None]
    # While sending is held: why (domain/sending_holds.py), since when, and from when on it is unknown what went out.
    held_reason: Mapped[Code | None]
    held_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    gap_from: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # What is known to have been sent before this and is not among the rows has been answered for.
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
