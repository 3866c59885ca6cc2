"""How many SQL statements the desk's deeds take. A change that must add one raises the number here and says why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from clinic_scheduler.db import db
from clinic_scheduler.models import Course
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests import factories
from tests.integration.house import TODAY, House, at

TOMORROW = TODAY + timedelta(1)


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements asked within, without those that begin a unit of work."""
    seen: list[str] = []

    def listener(*arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with house.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listener)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", listener)


def book(house: House) -> Callable[[Session], object]:
    wanted = BookingRequest(house.cast.course_id, house.cast.provider_id, at(TOMORROW, 9))
    return lambda s: appointments.book(s, house.cast.actor, wanted, house.now).id


def move(house: House) -> Callable[[Session], object]:
    visit = house.book(at(TOMORROW, 9))
    how = (visit, house.cast.provider_id, at(TOMORROW, 14), house.now)
    return lambda s: appointments.move(s, house.cast.actor, *how).id


def record(house: House) -> Callable[[Session], object]:
    house.book(at(TODAY, 10))
    course = house.cast.course_id
    return lambda s: factories.treat(s, house.cast.actor, house.now, s.get_one(Course, course), TODAY)


@pytest.mark.parametrize(("deed", "most"), [(book, 34), (move, 40), (record, 57)])
def test_a_deed_takes_no_more_statements(
    house: House, deed: Callable[[House], Callable[[Session], object]], most: int
) -> None:
    done = deed(house)
    with counted(house) as statements:
        house.change(done)
    assert len(statements) == most, "\n".join(" ".join(each.split())[:100] for each in statements)
