"""How many SQL statements the desk's presses take, signing in included. Who adds one raises a number and says why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from clinic_scheduler.db import db
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.clinics import add_provider
from clinic_scheduler.services.visits import override_requests
from clinic_scheduler.services.visits.booking_rules import Question
from tests import factories
from tests.functional.web.conftest import Visitor
from tests.integration.house import TODAY, House, at

TOMORROW = TODAY + timedelta(1)
Press = Callable[[], int]


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements asked within, without those that begin a transaction."""
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


@pytest.fixture
def desk(house: House) -> Visitor:
    """Signed in, with a minute gone by since the clinic was made: what was planned then is planned anew."""
    house.change(lambda s: factories.staff(s, house.cast.actor, house.now, "front_desk").id)
    visitor = Visitor(house.app.test_client())
    assert visitor.sign_in().status_code == 302
    house.later(minutes=1)
    return visitor


def time_form(house: House, day: date, at: str) -> dict[str, object]:
    return {"provider": house.cast.provider_id, "day": day.isoformat(), "at": at}


def book(house: House, desk: Visitor) -> Press:
    form = time_form(house, TODAY + timedelta(4), "09:00")
    return lambda: desk.post(f"/courses/{house.cast.course_id}/book", key="a-form", **form).status_code


def move(house: House, desk: Visitor) -> Press:
    visit, form = house.book(at(TOMORROW, 9)), time_form(house, TODAY + timedelta(4), "14:00")
    house.later(minutes=1)
    return lambda: desk.post(f"/appointments/{visit}/move", **form).status_code


def record(house: House, desk: Visitor) -> Press:
    house.book(at(TODAY, 10))
    house.later(minutes=1)
    given = {
        "given_on": TODAY.isoformat(),
        "units": "155",
        "product": factories.ONABOT,
        "provider": house.cast.provider_id,
        "outcome": "complete",
        "kind": "cycle",
        "vials-0-lot": "C1234",
    }
    address = f"/courses/{house.cast.course_id}/treatments"
    return lambda: desk.post(address, key="a-form", **given).status_code


@pytest.mark.parametrize(("deed", "answer", "most"), [(book, 302, 21), (move, 302, 24), (record, 302, 22)])
def test_a_press_takes_no_more_statements(
    house: House, desk: Visitor, deed: Callable[[House, Visitor], Press], answer: int, most: int
) -> None:
    press = deed(house, desk)
    with counted(house) as statements:
        assert press() == answer
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
        # The ninth asks whether sending is held, which every staff page says.
        assert len(statements) <= 9, "\n".join(" ".join(each.split())[:100] for each in statements)
    assert "Waiting for Dr Amara Reid" in desk.get("/due?tab=all").text


def test_the_booking_panel_takes_no_more_statements(house: House, desk: Visitor) -> None:
    """A day with room for all the suggestions is all that is read of the diaries, however many providers there are."""
    for n in range(9):
        house.change(lambda s, n=n: add_provider(Change(s, house.cast.actor, house.now), f"Dr {n}").id)
    blocked = house.another_course("P-9", treated_on=TODAY - timedelta(90))
    house.change(lambda s: factories.hold(s, house.cast.actor, house.now, blocked, TODAY).id)
    house.book(at(TODAY + timedelta(1), 9))
    numbers = []
    for course in (house.cast.course_id, house.another_course("P-8"), blocked):
        with counted(house) as statements:
            assert desk.get(f"/courses/{course}/book").status_code == 200
        numbers.append(len(statements))
    assert numbers == [20, 19, 18]
