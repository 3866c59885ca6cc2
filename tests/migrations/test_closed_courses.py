"""Courses that were there before they said when they close are given it from their stop and their patient."""

from datetime import timedelta

import flask_migrate
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Course
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.patients import status
from tests import databases, factories


def end_two_of_three(session, now):
    """A course stopped, another of a patient who moved away, and one that goes on."""
    cast = factories.cast(session, now)
    stopped, gone = (
        factories.migraine(session, cast.actor, now, factories.person(session, cast.actor, now, mrn=mrn))
        for mrn in ("A-200", "A-300")
    )
    today = factories.local_day(now)
    courses.stop(Change(session, cast.actor, now), stopped.id, today + timedelta(3), "another product")
    status.mark_moved(Change(session, cast.actor, now), gone.patient_id, today)


def test_courses_that_were_there_are_closed_as_their_stop_and_patient_say(app, clock):
    with unit_of_work() as session:
        end_two_of_three(session, clock.now())
    kept = select(Course.id, Course.closed_from).order_by(Course.id)
    before = db.session.execute(kept).all()
    db.session.remove()
    databases.downgrade("0001")
    flask_migrate.upgrade(str(databases.MIGRATIONS))
    assert db.session.execute(kept).all() == before
    assert [row.closed_from is None for row in before] == [True, False, False]
