"""Questions from before they kept their day are given it: of an allowed move, the day of the time that was held."""

from datetime import date, timedelta

import flask_migrate
import pytest
from sqlalchemy import select, text

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import OverrideRequest
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments, override_requests
from clinic_scheduler.services.visits.booking_rules import Question
from tests import databases, factories
from tests.integration.house import TODAY, House, at

BEFORE = "0009"
ON_HOLD = TODAY + timedelta(2)


@pytest.fixture
def app(empty_database_url, tmp_path, clock):
    with databases.opened(empty_database_url, tmp_path / "data", clock=clock) as app, app.app_context():
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        yield app


def allowed_and_moved_on(house):
    """A visit a provider has let move to a day on hold, and which has moved on by a day since."""
    booked = house.book(at(TODAY + timedelta(1), 9))
    house.change(
        lambda s: factories.hold(s, house.cast.actor, house.now, house.cast.course_id, ON_HOLD, ON_HOLD).id
    )
    desk = Actor("Desk", house.cast.clinic_id, None, frozenset({"front_desk"}))
    how = (booked, house.cast.provider_id, at(ON_HOLD, 9))
    asked = Question(house.cast.provider_id)
    house.change(lambda s: appointments.move(Change(s, desk, house.now), *how, question=asked).id)
    ((request,),) = house.rows(select(OverrideRequest.id))
    reason = (factories.override("on_hold", "reason_ended"),)
    house.change(
        lambda s: override_requests.allow(Change(s, house.cast.actor, house.now), request, reason).id
    )
    house.later(minutes=1)
    house.move(booked, at(ON_HOLD + timedelta(1), 9))


def test_a_question_keeps_the_day_that_was_allowed(app, clock):
    with unit_of_work() as session:
        cast = factories.cast(session, clock.now())
    allowed_and_moved_on(House(app, clock, cast))
    db.session.remove()
    databases.downgrade(BEFORE)
    flask_migrate.upgrade(str(databases.MIGRATIONS))
    with db.engine.connect() as connection:
        kept = connection.execute(select(OverrideRequest.day)).scalars().all()
        (stands,) = connection.execute(
            text("SELECT local_date FROM appointments WHERE state = 'booked'")
        ).one()
    assert kept == [ON_HOLD]
    assert date.fromisoformat(str(stands)) == ON_HOLD + timedelta(1)
