"""A small clinic open all week, its people and its patients: where the deeds of deeds.py are done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.errors import (
    ActionRefused,
    BookingRefused,
    ChangedMeanwhile,
    InvalidInput,
    NotFound,
)
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.services import due_counts
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, forecasting
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.practice.clinics import ClinicEntry, add_provider, open_clinic
from clinic_scheduler.services.visits import override_requests
from tests import factories
from tests.factories import MIGRAINE, ONABOT, ZONE
from tests.integration.safety.invariant import faults, standing, standings
from tests.kept_rows import begin_with

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OTHER_TOXIN = "abobotulinumtoxinA"
UPPER_LIMB = "spasticity_upper_limb"
LOWER_LIMB = "spasticity_lower_limb"
ALL_WEEK = [(weekday, time(7), time(19)) for weekday in range(7)]
# Staff are told these in words; anything else is a fault of ours.
REFUSALS = (BookingRefused, InvalidInput, ActionRefused, ChangedMeanwhile, NotFound)


@dataclass
class World:
    """Every change is one committed unit of work; `now` moves by hand. What comes back are plain values."""

    app: Flask
    clinic_id: int
    providers: tuple[int, int]
    desk: Actor
    provider: Actor
    patients: tuple[int, ...]
    courses: tuple[int, ...]
    now: datetime = MONDAY
    made: int = 0

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def staff(self) -> tuple[Actor, Actor]:
        return self.desk, self.provider

    def number(self) -> int:
        """One that was not used before."""
        self.made += 1
        return self.made

    def change(self, work: Callable[[Session], T]) -> T:
        with self.app.app_context(), unit_of_work() as session:
            return work(session)

    def look(self, query: Callable[[Session], T]) -> T:
        with self.app.app_context():
            return query(db.session())

    def faults(self) -> list[str]:
        return self.look(lambda session: faults(session, self.now))

    def standing(self, visit_id: int) -> str:
        return self.look(lambda session: standing(session, visit_id, self.now))

    def standings(self) -> dict[int, str]:
        return self.look(lambda session: standings(session, self.now))

    def later(self, **by: float) -> None:
        """Time passes, and the worker does what turns with it."""
        self.now += timedelta(**by)
        self.change(lambda s: override_requests.end_expired(s, self.clinic_id, self.now))
        self.change(lambda s: forecasting.refresh_turned(s, self.clinic_id, self.today, self.now))
        self.change(lambda s: due_counts.fold(s, self.clinic_id, self.today))


def opened(app: Flask) -> World:
    """An adult due for migraine, overdue in four days; her twin record, for spasticity; a child of nine."""
    return World(app, **begin_with(app, _people, MONDAY))


def _people(session: Session, now: datetime) -> dict[str, Any]:
    """The fields of a World."""
    entry = ClinicEntry("Harbor Neurology", ZONE.key, "+12065550100", "desk@example.org")
    clinic_id = open_clinic(session, "test", entry, now).id
    boss = Actor("Test", clinic_id, None, frozenset({"admin"}))
    names = ("Dr Amara Reid", "Dr Ben Sato")
    reid, sato = (add_provider(Change(session, boss, now), name, hours=ALL_WEEK).id for name in names)
    desk, provider = (_actor(session, boss, now, role) for role in ("front_desk", "provider"))
    adult = factories.person(session, boss, now, mrn="A-100")
    twin = factories.person(session, boss, now, mrn="A-101")
    child = factories.person(session, boss, now, mrn="A-102", given_name="Chidi", birth_date=date(2017, 5, 4))
    course_ids = []
    for patient, indication, units in (
        (adult, MIGRAINE, 155),
        (twin, UPPER_LIMB, 200),
        (child, LOWER_LIMB, 100),
    ):
        wanted = CourseEntry(patient.id, indication, ONABOT, TODAY - timedelta(200), provider_id=reid)
        course = courses.start_course(Change(session, boss, now), wanted)
        factories.treat(session, boss, now, course, TODAY - timedelta(88), units)
        course_ids.append(course.id)
    return {
        "clinic_id": clinic_id,
        "providers": (reid, sato),
        "desk": desk,
        "provider": provider,
        "patients": (adult.id, twin.id, child.id),
        "courses": tuple(course_ids),
    }


def _actor(session: Session, boss: Actor, now: datetime, role: str) -> Actor:
    user = factories.staff(session, boss, now, role)
    return Actor(user.name, boss.clinic_id, user.id, frozenset({role}))


def instant(day: date, hour: int) -> datetime:
    return to_utc(day, time(hour), ZONE)


def is_told(work: Callable[[], Any], but: Sequence[type[Exception]] = REFUSALS) -> str | None:
    """What staff are told where it is refused; None where it is done."""
    try:
        work()
    except tuple(but) as refusal:
        return str(refusal)
    return None
