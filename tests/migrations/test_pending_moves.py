"""An older service knows no pending time: going back, the question ends and the visit stays where it is."""

from datetime import timedelta

import flask_migrate
from sqlalchemy import select, text

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import OverrideRequest
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import Question
from tests import databases, factories
from tests.integration.house import TODAY, House, at

BEFORE = "0008"


def visits():
    with db.engine.connect() as connection:
        asked = "SELECT state, cancel_reason FROM appointments ORDER BY id"
        return [tuple(row) for row in connection.execute(text(asked))]


def asked_to_move(house):
    """A visit tomorrow, and a provider asked about the day after, which is on hold; the question's id."""
    on_hold = TODAY + timedelta(2)
    booked = house.book(at(TODAY + timedelta(1), 9))
    house.change(lambda s: factories.hold(s, house.cast.actor, house.now, house.cast.course_id, on_hold).id)
    desk = Actor("Desk", house.cast.clinic_id, None, frozenset({"front_desk"}))
    how = (booked, house.cast.provider_id, at(on_hold, 9))
    asked = Question(house.cast.provider_id)
    house.change(lambda s: appointments.move(Change(s, desk, house.now), *how, question=asked).id)
    ((request,),) = house.rows(select(OverrideRequest.id))
    return request


def test_a_time_held_for_a_move_is_let_go_on_the_way_back(app, clock):
    with unit_of_work() as session:
        cast = factories.cast(session, clock.now())
    request = asked_to_move(House(app, clock, cast))
    db.session.remove()
    assert visits() == [("booked", None), ("pending", None)]
    databases.downgrade(BEFORE)
    assert visits() == [("booked", None), ("cancelled", "question_withdrawn")]
    with db.engine.connect() as connection:
        state = text("SELECT state FROM override_requests WHERE id = :id")
        assert connection.scalar(state, {"id": request}) == "withdrawn"
    flask_migrate.upgrade(str(databases.MIGRATIONS))
    assert visits() == [("booked", None), ("cancelled", "question_withdrawn")]
