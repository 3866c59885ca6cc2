"""An answer goes by what the provider has looked at, and by what became of the visit since."""

from datetime import date

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment, Course
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.asking import ask, ask_to_move, booked
from tests.functional.web.conftest import Visitor, words

TRAVEL = {"reason-too_early": "travel", "note-too_early": ""}


def states(app: Flask) -> list[str]:
    with app.app_context(), unit_of_work() as session:
        return [row.state for row in session.query(Appointment).order_by(Appointment.id)]


def treat(app: Flask, cast: factories.Cast, clock: FrozenClock, course_id: int, given_on: date) -> None:
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, course_id)
        factories.treat(session, cast.actor, clock.now(), course, given_on, 5)


@pytest.mark.parametrize("what", ["booking", "move"])
def test_what_has_changed_since_the_page_was_opened_is_looked_at_first(
    desk: Visitor,
    provider: Visitor,
    cast: factories.Cast,
    app: Flask,
    early: int,
    clock: FrozenClock,
    what: str,
) -> None:
    if what == "move":
        booked(desk, cast, early)
        ask_to_move(desk, cast)
        waits, stands = ["booked", "pending"], ["booked", "cancelled"]
    else:
        ask(desk, cast, early)
        waits, stands = ["proposed"], ["booked"]
    assert "The earliest is Monday, January 25, 2027" in words(provider.get("/requests/1"))
    # Yesterday's treatment is entered, so that the day asked for is the 23rd after it, not the 43rd.
    treat(app, cast, clock, early, date(2026, 11, 22))
    refused = provider.post("/requests/1/allow", **TRAVEL)
    assert refused.status_code == 409
    assert "Something changed since this page was opened" in words(refused)
    assert "The earliest is Sunday, February 14, 2027" in words(refused)
    assert f"Nothing was {'moved' if what == 'move' else 'booked'}" in words(refused)
    assert states(app) == waits
    # The page answered with is the new one: who decides from it has seen what stands now.
    assert provider.post("/requests/1/allow", **TRAVEL).status_code == 302
    assert states(app) == stands


def test_a_page_without_what_stood_decides_nothing(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    ask(desk, cast, early)
    provider.get("/requests/1")
    assert provider.post("/requests/1/allow", **TRAVEL, stood="").status_code == 409
    assert states(app) == ["proposed"]
