"""How many SQL statements the desk's presses take, signing in included. Who adds one raises a number and says why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from clinic_scheduler.db import db
from tests import factories
from tests.functional.web.conftest import Visitor
from tests.integration.house import TODAY, House, at

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


def panel(house: House, desk: Visitor) -> Press:
    return lambda: desk.get(f"/courses/{house.cast.course_id}/book").status_code


def book(house: House, desk: Visitor) -> Press:
    form = time_form(house, TODAY + timedelta(4), "09:00")
    return lambda: desk.post(f"/courses/{house.cast.course_id}/book", key="a-form", **form).status_code


def move(house: House, desk: Visitor) -> Press:
    visit, form = house.book(at(TODAY + timedelta(1), 9)), time_form(house, TODAY + timedelta(4), "14:00")
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


@pytest.mark.parametrize(("deed", "answer", "most"), [(book, 302, 22), (move, 302, 25), (record, 302, 23)])
def test_a_press_takes_no_more_statements(
    house: House, desk: Visitor, deed: Callable[[House, Visitor], Press], answer: int, most: int
) -> None:
    press = deed(house, desk)
    with counted(house) as statements:
        assert press() == answer
    assert len(statements) == most, "\n".join(" ".join(each.split())[:100] for each in statements)
