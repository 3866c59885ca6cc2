"""A small clinic for the outbox's tests: invented people, their visits, and the worker's tools. No tests here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving
from clinic_scheduler.jobs.context import Counts, Tools, tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.jobs.expire import expire
from clinic_scheduler.jobs.reconcile import reconcile
from clinic_scheduler.models import Course, DeliveryAttempt, Message, Patient, Reminder
from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.messaging import outbox
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.appointments import BookingRequest
from tests.factories import ANYWAY
from tests.kept_rows import begin_with

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)  # Monday 09:00 in Los Angeles
VISIT = datetime(2026, 12, 7, 18, tzinfo=UTC)  # Monday 10:00, two weeks later
BEFORE_A_VISIT = ("visit_reminder", "time_to_book")
FAMILY_NAME = "Quillfeather"
EVERY_HOUR = tuple((weekday, time(0), time(23, 59)) for weekday in range(7))
PHONE = "+1 602 555 0100"
Given = TypeVar("Given")
Made = tuple[Actor, int, dict[int, int]]  # who does things, the provider, patient -> course


@dataclass
class StandingClock:
    """Shows one instant until a test sets another."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant


@dataclass
class World:
    """One clinic with one provider; `people` are the ids of patients, `course_of` of their courses."""

    app: Flask
    tools: Tools
    clock: StandingClock
    actor: Actor
    provider_id: int
    people: list[int]
    course_of: dict[int, int]

    def change(self, work: Callable[[Session], Given]) -> Given:
        with self.app.app_context(), unit_of_work() as session:
            return work(session)

    def read(self, statement: Any) -> list[Any]:
        return self.change(lambda session: [tuple(row) for row in session.execute(statement)])

    def at(self, instant: datetime) -> "World":
        self.clock.instant = instant
        return self

    def book(self, patient: int = 0, at: datetime = VISIT) -> int:
        request = BookingRequest(self.course_of[self.people[patient]], self.provider_id, at, ANYWAY)
        return self.change(lambda s: appointments.book(Change(s, self.actor, self.clock.now()), request).id)

    def cancel(self, visit: int) -> None:
        self.change(
            lambda s: appointments.cancel(Change(s, self.actor, self.clock.now()), visit, "patient_asked")
        )

    def move(self, visit: int, to: datetime) -> None:
        now = self.clock.now()
        self.change(
            lambda s: appointments.move(Change(s, self.actor, now), visit, self.provider_id, to, ANYWAY)
        )

    def set_patient(self, patient: int = 0, **values: Any) -> None:
        def change(session: Session) -> None:
            row = session.get_one(Patient, self.people[patient])
            for name, value in values.items():
                setattr(row, name, value)

        self.change(change)

    def hand_over(self, claimed: Claimed, address: str, *, channel: str = "email") -> bool:
        """The last question about one message, by the clock."""
        leaving, now = [Leaving(claimed, address)], self.clock.now()
        return self.change(lambda s: outbox.hand_over(s, leaving, now, [channel]))[0]

    def dispatch(self) -> Counts:
        with self.app.app_context():
            return dispatch(self.tools)

    def reconcile(self) -> Counts:
        with self.app.app_context():
            return reconcile(self.tools)

    def expire(self) -> Counts:
        with self.app.app_context():
            return expire(self.tools)

    def reminders(self) -> list[tuple[str, str, str | None]]:
        """(step, state, reason) of the time to book and of visits ahead, in the order they are due."""
        return self.read(
            select(Reminder.step, Reminder.state, Reminder.suppressed_reason)
            .where(Reminder.kind.in_(BEFORE_A_VISIT))
            .order_by(Reminder.due_at, Reminder.id)
        )

    def messages(self) -> list[tuple[str, bool, int]]:
        """(state, maybe_sent, attempt), the oldest first."""
        return self.read(select(Message.state, Message.maybe_sent, Message.attempt).order_by(Message.id))

    def attempts(self) -> list[str]:
        return [
            outcome for (outcome,) in self.read(select(DeliveryAttempt.outcome).order_by(DeliveryAttempt.id))
        ]

    def with_senders(self, senders: Mapping[str, Any]) -> "World":
        self.tools = replace(self.tools, senders=senders)
        return self


def open_world(app: Flask, people: int = 1, *, phone: str = PHONE) -> World:
    """A clinic open at all hours, at NOW; every person has a migraine course that was never treated."""
    with app.app_context(), unit_of_work() as session:
        made = _made(session, people, phone)
    return _world(app, *made)


def world_of_one(app: Flask) -> World:
    """open_world's, in a database that is empty."""
    return _world(app, *begin_with(app, _one_person, NOW))


def _one_person(session: Session, _now: datetime) -> Made:
    return _made(session, 1, PHONE)


def _made(session: Session, people: int, phone: str) -> Made:
    entry = clinics.ClinicEntry("Saguaro clinic", "America/Los_Angeles", phone, "desk@example.org")
    actor = Actor("test", clinics.open_clinic(session, "test", entry, NOW).id)
    change = Change(session, actor, NOW)
    provider = clinics.add_provider(change, "Dr. Vega", hours=EVERY_HOUR, visit_minutes=5)
    course_of = {}
    for number in range(people):
        patient = records.add_patient(change, _person(number))
        wanted = courses.CourseEntry(patient.id, "chronic_migraine", "onabotulinumtoxinA", date(2026, 11, 20))
        course = courses.open_course(change, wanted)
        courses.settle(session, course, NOW, "opened")
        course_of[patient.id] = course.id
    return actor, provider.id, course_of


def _world(app: Flask, actor: Actor, provider_id: int, course_of: dict[int, int]) -> World:
    clock = StandingClock()
    tools = replace(tools_of(app, clock=clock), jitter=lambda: 1.0)
    return World(app, tools, clock, actor, provider_id, list(course_of), dict(course_of))


def _person(number: int) -> records.PatientEntry:
    return records.PatientEntry(
        mrn=f"M{number:04}",
        family_name=FAMILY_NAME,
        given_name=f"Peregrine{number}",
        birth_date=date(1980, 5, 17),
        phone=f"+1602555{number:04}",
        email=f"peregrine{number}@example.org",
    )


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of November or December on the clinic's wall (UTC-8), as an instant."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(hours=8)


class Interrupting:
    """Does something between the sender's start and its question, as another process might."""

    channel, name, idempotent = "email", "interrupting", False

    def __init__(self, act: Callable[[], object]) -> None:
        self.act, self.sent = act, list[Envelope]()

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        self.act()
        if not hand_over():
            raise HandOverRefused
        self.sent.append(envelope)
        return Receipt(None, "taken")

    def close(self) -> None:
        """Nothing is held open."""


def queued(world: World) -> World:
    with world.app.app_context(), unit_of_work() as session:
        outbox.queue_due(session, world.clock.now(), world.tools.senders, "clinic.example.org", 50)
    return world


def crowd(world: World, number: int) -> None:
    """So many more people, each owed a call to book, written without the services for speed."""
    with world.app.app_context(), unit_of_work() as session:
        models = (Patient, Course, Reminder)
        # In order: PostgreSQL gives rows as they lie, and a row that was changed lies elsewhere.
        pattern = [session.scalars(select(model).order_by(model.id).limit(1)).one() for model in models]
        values = [{c.key: getattr(row, c.key) for c in row.__table__.columns} for row in pattern]
        first = 1_000
        for model, same in zip(models, values, strict=True):
            rows = [_another(model, same, first + n) for n in range(number)]
            session.execute(insert(model), rows)


def _another(model: type[Any], same: dict[str, Any], number: int) -> dict[str, Any]:
    if model is Patient:
        return same | {"id": number, "mrn": f"C{number}", "email": f"crowd{number}@example.org"}
    if model is Course:
        own = {"uid": f"course-{number}", "next_visit_uid": f"visit-{number}"}
        return same | own | {"id": number, "patient_id": number}
    own = {"patient_id": number, "course_id": number, "dedupe_key": f"{number}:first:crowd:email:1"}
    return same | own | {"id": number}
