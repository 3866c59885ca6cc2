"""Courses that were there before the due list's counts were kept are counted as they are from then on."""

from datetime import time, timedelta

import flask_migrate
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Course
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.patients import status
from tests import databases, factories
from tests.integration.due_counting import miscounts

BEFORE = "0009"


def a_busy_list(session, now):
    """Courses held, tried in vain, booked, to be stopped and of nobody; one whose patient moved away."""
    cast, today = factories.cast(session, now), factories.local_day(now)
    made = []
    for n in range(8):
        patient = factories.person(session, cast.actor, now, mrn=f"B-{n}")
        owner = (cast.provider_id, cast.other_provider_id, None)[n % 3]
        course = factories.migraine(session, cast.actor, now, patient, provider_id=owner)
        factories.treat(session, cast.actor, now, course, today - timedelta(84 + 9 * n))
        made.append(course)
    factories.hold(session, cast.actor, now, made[0].id, today + timedelta(3), today + timedelta(9))
    factories.hold(session, cast.actor, now, made[1].id, today, every=True)
    for _ in range(4):
        contact_attempts.log(Change(session, cast.actor, now), made[2].id, "phone", "no_answer")
    rests = today + timedelta(5)
    contact_attempts.log(
        Change(session, cast.actor, now), made[3].id, "text", "left_message", hide_until=rests
    )
    tomorrow = today + timedelta(1)
    factories.book(session, cast.actor, now, cast.course_id, cast.provider_id, tomorrow, time(9))
    courses.stop(Change(session, cast.actor, now), made[4].id, today + timedelta(20), "another product")
    status.mark_moved(Change(session, cast.actor, now), made[5].patient_id, today)
    return cast.clinic_id


def test_what_was_there_is_counted(empty_database_url, tmp_path, clock):
    today = factories.local_day(clock.now())
    counted = select(Course.id, Course.counted).order_by(Course.id)
    with databases.opened(empty_database_url, tmp_path / "data") as app, app.app_context():
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        with unit_of_work() as session:
            clinic_id = a_busy_list(session, clock.now())
        before = [tuple(row) for row in db.session.execute(counted)]
        assert list(miscounts(db.session(), clinic_id, today)) == []
        db.session.remove()
        databases.downgrade(BEFORE)
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        assert [tuple(row) for row in db.session.execute(counted)] == before
        assert list(miscounts(db.session(), clinic_id, today)) == []
        db.session.remove()
