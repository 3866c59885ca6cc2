"""The clinic of factories.py on a database, and short ways to change and to look: each in a context of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import RowMapping, Select, select
from sqlalchemy.orm import Session

from clinic_scheduler.db import Base, db, unit_of_work
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.models import Appointment, AuditEvent, Course, Reminder, VisitOverride
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.treatments import treatments
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.appointments import BookingRequest
from tests import factories
from tests.conftest import FrozenClock
from tests.factories import ZONE, Cast

T = TypeVar("T")
TODAY = date(2026, 11, 23)  # earliest and due date of the cast's course, a Monday
OVERDUE = date(2026, 12, 1)
BEFORE_A_VISIT = ("visit_reminder", "time_to_book")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour on the clinic's wall, as an instant."""
    return to_utc(day, time(hour, minute), ZONE)


@dataclass
class House:
    """Every change is one committed unit of work; what comes back are plain values."""

    app: Flask
    clock: FrozenClock
    cast: Cast

    @property
    def database_url(self) -> str:
        address: str = self.app.config["SQLALCHEMY_DATABASE_URI"]
        return address

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def later(self, **by: float) -> None:
        self.clock.move(timedelta(**by))

    def change(self, work: Callable[[Session], T]) -> T:
        with self.app.app_context(), unit_of_work() as session:
            return work(session)

    def look(self, query: Callable[[Session], T]) -> T:
        with self.app.app_context():
            return query(db.session())

    def rows(self, statement: Select[Any]) -> list[Any]:
        return self.look(lambda session: list(session.execute(statement)))

    def row(self, table: type[Base], key: int) -> RowMapping:
        wanted = select(table.__table__).where(table.__table__.c.id == key)
        return self.look(lambda session: session.execute(wanted).mappings().one())

    def course(self, course_id: int | None = None) -> RowMapping:
        return self.row(Course, course_id or self.cast.course_id)

    def set(self, table: type[Base], key: int, **values: Any) -> None:
        def work(session: Session) -> None:
            row = session.get_one(table, key)
            for name, value in values.items():
                setattr(row, name, value)

        self.change(work)

    def book(self, starts_at: datetime, *, by: Actor | None = None, **request: Any) -> int:
        wanted = BookingRequest(
            **({"course_id": self.cast.course_id, "provider_id": self.cast.provider_id} | request),
            starts_at=starts_at,
        )
        return self.change(lambda s: appointments.book(Change(s, by or self.cast.actor, self.now), wanted).id)

    def book_anyway(self, starts_at: datetime, **request: Any) -> int:
        """Whatever stands against the day."""
        return self.book(starts_at, overrides=factories.ANYWAY, **request)

    def move(self, visit: int, starts_at: datetime, **how: Any) -> None:
        by = how.pop("by", self.cast.actor)
        provider = how.pop("provider_id", self.cast.provider_id)
        self.change(
            lambda s: appointments.move(Change(s, by, self.now), visit, provider, starts_at, **how).id
        )

    def cancel(self, visit: int, reason: str = "patient_asked") -> None:
        self.change(lambda s: appointments.cancel(Change(s, self.cast.actor, self.now), visit, reason).id)

    def treat(self, given_on: date, units: int = 155, *, by: Actor | None = None, **entry: Any) -> int:
        values = {
            "course_id": self.cast.course_id,
            "product": factories.ONABOT,
            "fingerprint": f"{given_on}:{units}",
            "seen": ACCEPTS_ALL,
        }
        wanted = TreatmentEntry(given_on=given_on, units=factories.Decimal(units), **(values | entry))
        return self.change(lambda s: treatments.record(Change(s, by or self.cast.actor, self.now), wanted).id)

    def another_course(self, mrn: str = "A-200", *, treated_on: date | None = None) -> int:
        """A second patient's migraine course, due when the first's is unless said otherwise."""

        def work(session: Session) -> int:
            actor = self.cast.actor
            patient = factories.person(session, actor, self.now, mrn=mrn, given_name="Bruno")
            course = factories.migraine(session, actor, self.now, patient, provider_id=self.cast.provider_id)
            factories.treat(session, actor, self.now, course, treated_on or TODAY - timedelta(84))
            return course.id

        return self.change(work)

    def reminders(
        self, course_id: int | None = None, *, kinds: Sequence[str] = BEFORE_A_VISIT
    ) -> list[tuple[str, str, str | None]]:
        """(step, state, why suppressed) of these kinds in the order they are due."""
        wanted = select(Reminder.step, Reminder.state, Reminder.suppressed_reason)
        mine = wanted.where(
            Reminder.course_id == (course_id or self.cast.course_id), Reminder.kind.in_(kinds)
        )
        return [tuple(row) for row in self.rows(mine.order_by(Reminder.due_at, Reminder.id))]

    def send_due(self) -> int:
        """Mark what is due now as sent, as the worker would."""

        def work(session: Session) -> int:
            due = select(Reminder).where(Reminder.state == "pending", Reminder.due_at <= self.now)
            rows = session.scalars(due).all()
            for row in rows:
                row.state = "sent"
            return len(rows)

        return self.change(work)

    def audit(self, subject: str) -> list[tuple[str, dict[str, Any]]]:
        """(action, details), the oldest first."""
        wanted = select(AuditEvent.action, AuditEvent.details).where(AuditEvent.subject == subject)
        return [tuple(row) for row in self.rows(wanted.order_by(AuditEvent.id))]

    def overrides(self, visit: int) -> list[tuple[str, str, str]]:
        """(name, reason, who decided) of what was overridden for a visit, in the rule's order."""
        wanted = select(VisitOverride.name, VisitOverride.reason, VisitOverride.decided_by)
        mine = wanted.where(VisitOverride.appointment_id == visit).order_by(VisitOverride.id)
        return [tuple(row) for row in self.rows(mine)]

    def occupied(self) -> list[tuple[int, datetime, datetime]]:
        """(provider, start, end) of every visit that takes time, in order."""
        wanted = select(Appointment.provider_id, Appointment.starts_at, Appointment.ends_at)
        taken = wanted.where(Appointment.state.in_(("booked", "arrived", "fulfilled")))
        return [tuple(row) for row in self.rows(taken.order_by(Appointment.starts_at))]


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
