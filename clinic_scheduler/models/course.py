"""Courses (patient x indication x product), their authorizations, and the forecast kept on the row."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, and_, or_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.models.clinic import ProtocolVersion
from clinic_scheduler.models.column_types import Code, Duration, Instant, Key, Name, opaque_id
from clinic_scheduler.models.hold import Hold
from clinic_scheduler.models.override import StandingDecision
from clinic_scheduler.models.patient import Patient
from clinic_scheduler.models.provider import Provider

# All that a course's bucket is judged from, but for who is on hold or waited for.
_COUNTED = ("closed_from", "booking", "blocks", "earliest_date", "due_date", "overdue_date", "lapse_date")
_LISTED = (
    "booking",
    "overdue_date",
    "due_date",
    "id",
    "earliest_date",
    "lapse_date",
    "blocks",
    "closed_from",
)


class Course(Base):
    __tablename__ = "courses"
    __table_args__ = (
        Index(
            "uq_courses_open",
            "patient_id",
            "indication",
            "product",
            unique=True,
            sqlite_where=text("stopped_on IS NULL"),
            postgresql_where=text("stopped_on IS NULL"),
        ),
        Index(None, "provider_id", "due_date"),
        # The due list, of all and of one provider: counted from two, each bucket a stretch of them, and turned over
        # by the others, in its own order. They hold all that its buckets ask, so the table is read for a page alone.
        Index("ix_courses_counted", "clinic_id", *_COUNTED),
        Index("ix_courses_counted_by_provider", "clinic_id", "provider_id", *_COUNTED),
        Index("ix_courses_listed", "clinic_id", *_LISTED),
        Index("ix_courses_listed_by_provider", "clinic_id", "provider_id", *_LISTED),
        Index(
            "ix_courses_all_listed",
            "clinic_id",
            "overdue_date",
            "due_date",
            "id",
            "booking",
            "provider_id",
            "closed_from",
        ),
        Index(None, "reminders_planned_at"),
        Index(None, "clinic_id", "turns_on"),
    )

    id: Mapped[Key]
    uid: Mapped[Code] = mapped_column(default=opaque_id, unique=True, insert_sentinel=True)
    # No index of its own: those above begin with it, and SQLite would rather take it than go by ids.
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_versions.id"))
    indication: Mapped[Code]
    product: Mapped[Code]
    started_on: Mapped[date]
    stopped_on: Mapped[date | None]
    stop_reason: Mapped[Name | None]
    consulted_on: Mapped[date | None]  # of the last consultation
    planned_units: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    personal_interval: Mapped[Duration | None]
    payer_minimum_interval: Mapped[Duration | None]
    authorization_required: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]

    # The forecast, written by services/courses/forecasting.py whenever an input changes. Nothing else writes these.
    rules_edition: Mapped[int] = mapped_column(default=RULES_EDITION)  # by which it was computed
    cycles_given: Mapped[int] = mapped_column(default=0)
    reference_on: Mapped[date | None]
    earliest_date: Mapped[date]
    due_date: Mapped[date]
    overdue_date: Mapped[date]
    lapse_date: Mapped[date]
    # When it was stopped, or the first of all days where the patient died or moved away; none while it is open.
    closed_from: Mapped[date | None]
    blocks: Mapped[str] = mapped_column(
        String(240), default=""
    )  # space-separated; on_hold is judged when read
    booked_on: Mapped[date | None]
    booking: Mapped[Code] = mapped_column(default="none")
    # The patient's last exposure for the indication, wherever it was given (DD-2).
    exposed_on: Mapped[date | None]
    # From this day on blocks or booking may read otherwise with nothing new known: it is looked at anew then.
    turns_on: Mapped[date | None]
    # What of it is in the due list's counts; services/due_counts.py alone reads and writes it.
    counted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    # What a calendar shows of the next visit: one UID from due window to booked visit, and its revision.
    next_visit_uid: Mapped[Code] = mapped_column(default=opaque_id)
    forecast_sequence: Mapped[int] = mapped_column(default=0)
    forecast_changed_at: Mapped[Instant]
    reminders_planned_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    patient: Mapped[Patient] = relationship()
    provider: Mapped[Provider | None] = relationship()
    protocol_version: Mapped[ProtocolVersion] = relationship()
    # The patient's, but for those of another indication; read alone, since they are added to the patient.
    holds: Mapped[list[Hold]] = relationship(
        primaryjoin=lambda: and_(
            Course.patient_id == foreign(Hold.patient_id),
            or_(Hold.indication.is_(None), Hold.indication == Course.indication),
        ),
        order_by=lambda: (Hold.starts_on, Hold.id),
        viewonly=True,
    )
    authorizations: Mapped[list["Authorization"]] = relationship(order_by="Authorization.starts_on")
    # Those in force; who ended one stays in its row.
    decisions: Mapped[list["StandingDecision"]] = relationship(
        primaryjoin=lambda: and_(
            Course.id == foreign(StandingDecision.course_id), StandingDecision.ended_at.is_(None)
        ),
        order_by=lambda: StandingDecision.id,
        viewonly=True,
    )


class Authorization(Base):
    """A payer's leave to treat between two dates, perhaps for so many visits or units."""

    __tablename__ = "authorizations"

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    number: Mapped[Name | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    visits_left: Mapped[int | None]
    units_left: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
