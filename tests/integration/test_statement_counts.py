"""How many SQL statements the desk's deeds take. A change that must add one raises the number here and says why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from clinic_scheduler.db import db
from clinic_scheduler.models import Course
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments, override_requests
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question
from tests import factories
from tests.functional.web.conftest import Visitor
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
    return lambda s: appointments.book(Change(s, house.cast.actor, house.now), wanted).id


def move(house: House) -> Callable[[Session], object]:
    visit = house.book(at(TOMORROW, 9))
    how = (visit, house.cast.provider_id, at(TOMORROW, 14))
    return lambda s: appointments.move(Change(s, house.cast.actor, house.now), *how).id


def record(house: House) -> Callable[[Session], object]:
    house.book(at(TODAY, 10))
    course = house.cast.course_id
    return lambda s: factories.treat(s, house.cast.actor, house.now, s.get_one(Course, course), TODAY)


# One of a deed's writes down what it changes of the due list's counts, where it does.
@pytest.mark.parametrize(("deed", "most"), [(book, 35), (move, 40), (record, 57)])
def test_a_deed_takes_no_more_statements(
    house: House, deed: Callable[[House], Callable[[Session], object]], most: int
) -> None:
    done = deed(house)
    with counted(house) as statements:
        house.change(done)
    assert len(statements) == most, "\n".join(" ".join(each.split())[:100] for each in statements)


def test_a_page_of_the_due_list_takes_no_more_statements(house: House) -> None:
    """For the whole request, signing in included: one of each kind, however many rows and whatever is on them."""
    for n in range(3):
        house.another_course(f"P-{n}")
    other = house.another_course("P-9", treated_on=TODAY - timedelta(90))
    visit = house.book(at(TOMORROW, 9))
    attempt = ("phone", "no_answer")
    house.change(lambda s: contact_attempts.log(Change(s, house.cast.actor, house.now), other, *attempt).id)
    house.change(lambda s: factories.hold(s, house.cast.actor, house.now, house.cast.course_id, TOMORROW).id)
    question = Question(house.cast.provider_id, "Well again")
    house.change(
        lambda s: override_requests.ask_about(Change(s, house.cast.actor, house.now), visit, question).id
    )
    house.change(lambda s: factories.staff(s, house.cast.actor, house.now, "front_desk").id)
    desk = Visitor(house.app.test_client())
    assert desk.sign_in().status_code == 302
    for address in (
        "/due?tab=all",
        f"/due?tab=to_book&provider={house.cast.provider_id}",
        "/due?tab=contacted",
    ):
        with counted(house) as statements:
            page = desk.get(address)
        assert page.status_code == 200
        assert len(statements) <= 8, "\n".join(" ".join(each.split())[:100] for each in statements)
    assert "Waiting for Dr Amara Reid" in desk.get("/due?tab=all").text
