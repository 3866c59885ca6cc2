"""A clinic as the tables and rules of 0005 had it, and patients whose courses read otherwise by the rules since."""

from datetime import date, time, timedelta
from decimal import Decimal

import flask_migrate
from sqlalchemy import select, text

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.models import (
    Appointment,
    Course,
    Patient,
)
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from tests import databases, factories

BEFORE = "0005"
BOTOX, DYSPORT = factories.ONABOT, "abobotulinumtoxinA"
SPASTIC = "spasticity_upper_limb"
TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


def upgrade(revision="head"):
    db.session.remove()
    flask_migrate.upgrade(str(databases.MIGRATIONS), revision)


def written(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


class FormerClinic:
    """A clinic as the tables and rules of 0005 had it, put together patient by patient."""

    def __init__(self, clock):
        self.now = clock.now()
        with unit_of_work() as session:
            self.cast = factories.cast(session, self.now)
            self.user_id = factories.staff(session, self.cast.actor, self.now, "provider").id
        self.slot = 0
        self.statements = []

    def course(self, mrn, indication=factories.MIGRAINE, product=BOTOX, *, started, plan=None, given=()):
        """Of a patient who may be there already; treated on these days, so many units."""
        with unit_of_work() as session:
            patient = session.scalar(select(Patient).where(Patient.mrn == mrn))
            patient = patient or factories.person(session, self.cast.actor, self.now, mrn=mrn)
            planned = Decimal(plan) if plan else None
            entry = CourseEntry(
                patient.id, indication, product, started, self.cast.provider_id, planned_units=planned
            )
            course = start_course(Change(session, self.cast.actor, self.now), entry)
            for day, units in given:
                factories.treat(session, self.cast.actor, self.now, course, day, units)
            return course.id

    def visit(self, course_id, day):
        """Written past every guard, as the former rules let it."""
        self.slot += 1
        starts_at = to_utc(day, time(8), factories.ZONE) + self.slot * HOUR
        with unit_of_work() as session:
            course = session.get_one(Course, course_id)
            session.add(
                Appointment(
                    uid=opaque_id(),
                    clinic_id=course.clinic_id,
                    patient_id=course.patient_id,
                    course_id=course_id,
                    provider_id=self.cast.provider_id,
                    local_date=day,
                    local_time=(starts_at.astimezone(factories.ZONE)).time(),
                    zone=factories.ZONE.key,
                    starts_at=starts_at,
                    ends_at=starts_at + HOUR / 2,
                    state="booked",
                    created_at=self.now,
                    updated_at=self.now,
                )
            )
        self.sql("UPDATE courses SET booking = 'ok', booked_on = :day WHERE id = :id", day=day, id=course_id)

    def kept(self, course_id, **columns):
        """What the former rules had computed."""
        for name, value in columns.items():
            self.sql(f"UPDATE courses SET {name} = :value WHERE id = :id", value=value, id=course_id)

    def sql(self, statement, **values):
        """To be done once the tables are the former ones."""
        self.statements.append((statement, values))

    def becomes_former(self):
        db.session.remove()
        databases.downgrade(BEFORE)
        for statement, values in self.statements:
            written(statement, **values)


def reopened(former):
    """Stopped and opened again within 84 days: to the former rules the new course had nothing behind it."""
    day = date(2026, 11, 2)
    old = former.course("R-1", started=date(2026, 1, 5), given=[(date(2026, 10, 20), 155)])
    with unit_of_work() as session:
        course = session.get_one(Course, old)
        course.stopped_on, course.closed_from = date(2026, 11, 1), date(2026, 11, 1)
    new = former.course("R-1", started=day)
    former.kept(
        new,
        earliest_date=day,
        due_date=day,
        overdue_date=date(2026, 12, 3),
        lapse_date=date(2027, 5, 3),
    )
    former.visit(new, TODAY + timedelta(1))
    return new


def over_cap_together(former):
    """195 U and 300 U of one product on one day, each within its own cap."""
    day = date(2026, 12, 28)
    one = former.course("C-1", started=date(2026, 11, 1), plan=195)
    other = former.course("C-1", SPASTIC, started=date(2026, 11, 1), plan=300)
    for course_id in (one, other):
        former.visit(course_id, day)
    return one, other


def other_toxin(former):
    """Botox elsewhere in the record eight weeks before a visit with Dysport, of which the former rules knew a block."""
    former.course("T-1", started=date(2026, 1, 5), given=[(date(2026, 10, 5), 155)])
    dysport = former.course("T-1", SPASTIC, DYSPORT, started=date(2026, 11, 1), plan=500)
    former.visit(dysport, date(2026, 12, 1))
    return dysport


def held(former):
    course = former.course("H-1", started=date(2026, 11, 1), plan=155)
    former.visit(course, date(2026, 12, 1))
    former.sql(
        "INSERT INTO holds (course_id, starts_on, ends_on, reason) VALUES (:id, :day, NULL, 'Surgery')",
        id=course,
        day=date(2026, 11, 30),
    )
    return course


def overridden(former):
    """On day 71 with 455 U of 400: one reason of a provider covered both."""
    course = former.course("O-1", started=date(2026, 1, 5), plan=300, given=[(date(2026, 9, 14), 155)])
    former.kept(course, earliest_date=date(2026, 12, 7))
    former.visit(course, TODAY + timedelta(1))
    former.sql(
        "UPDATE appointments SET override_reason = 'provider_decision', override_by_id = :by"
        " WHERE course_id = :id",
        by=former.user_id,
        id=course,
    )
    return course
