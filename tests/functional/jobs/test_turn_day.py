"""What turns with the day: bookings gone by, stops that take effect, questions nobody answered."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from clinic_scheduler.db import db
from clinic_scheduler.jobs import turn_day as job
from clinic_scheduler.jobs.adopt import adopt
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.turn_day import turn_day
from clinic_scheduler.models import Clinic, Course, OverrideRequest
from clinic_scheduler.queries.due.rows import due_page
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.visits.appointments import BookingRequest, book
from clinic_scheduler.services.visits.booking_rules import Question
from tests import factories
from tests.conftest import FrozenClock
from tests.integration.house import TODAY, House, at


@pytest.fixture
def house(app, clock: FrozenClock) -> House:
    with app.app_context():
        from clinic_scheduler.db import unit_of_work

        with unit_of_work() as session:
            cast = factories.cast(session, clock.now())
    return House(app, clock, cast)


def turn(house: House) -> dict[str, int]:
    with house.app.app_context():
        return dict(turn_day(tools_of(house.app, clock=house.clock)))


def problems(house: House) -> int:
    today = factories.local_day(house.now)
    counts = house.look(lambda s: due_page(s, house.cast.clinic_id, today, bucket="booking_problem").counts)
    return counts["booking_problem"]


def test_a_visit_that_went_by_unrecorded_is_a_problem_from_the_next_day_of_the_clinic(house: House) -> None:
    house.book(at(TODAY, 14))
    house.later(hours=14)  # 23:00 in Los Angeles, the next day in UTC
    assert turn(house) == {"turned": 0, "expired": 0}
    assert (house.course()["booking"], problems(house)) == ("ok", 0)
    house.later(hours=1)
    assert turn(house) == {"turned": 1, "expired": 0}
    assert (house.course()["booking"], problems(house)) == ("past", 1)
    assert turn(house) == {"turned": 0, "expired": 0}


def test_a_stop_set_for_a_day_to_come_leaves_its_visit_under_booking_problems(house: House) -> None:
    house.book(at(TODAY + timedelta(3), 14))
    stop_on = TODAY + timedelta(2)
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, stop_on, "switch").id
        )
    )
    assert (house.course()["booking"], problems(house)) == ("ok", 0)
    house.later(days=2)
    assert turn(house)["turned"] == 1
    assert (house.course()["booking"], problems(house)) == ("closed_course", 1)


def test_many_are_turned_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        house.another_course(f"A-20{number}")
    house.change(lambda s: s.execute(update(Course).values(turns_on=TODAY)).close())
    monkeypatch.setattr(
        job, "refresh_turned", lambda *arguments, whole=job.refresh_turned: whole(*arguments, limit=2)
    )
    assert turn(house)["turned"] == 5
    assert house.course()["turns_on"] != TODAY


def test_a_question_nobody_answered_frees_its_time_after_a_day(house: House) -> None:
    desk = Actor("Desk", house.cast.clinic_id, None, frozenset({"front_desk"}))
    early = house.another_course("A-300", treated_on=TODAY - timedelta(80))
    request = BookingRequest(
        early,
        house.cast.provider_id,
        at(TODAY + timedelta(2), 14),
        question=Question(house.cast.provider_id, "She travels"),
    )
    house.change(lambda s: book(Change(s, desk, house.now), request).id)
    assert turn(house)["expired"] == 0
    house.later(days=1, minutes=1)
    assert turn(house)["expired"] == 1
    assert house.row(OverrideRequest, 1)["state"] == "expired"
    assert turn(house)["expired"] == 0


def test_a_minute_in_which_nothing_turned_is_cheap(house: House) -> None:
    house.book(at(TODAY, 14))
    turn(house)  # the minute before
    seen: list[str] = []
    with house.app.app_context():
        tools = tools_of(house.app, clock=house.clock)

        def listener(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            turn_day(tools)
            adopt(tools)
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
    # One of them asks which clinics wait for their time zone to be known again.
    assert len(seen) <= 6, seen


def test_the_worker_adopts_new_rules_where_the_upgrade_could_not(house: House) -> None:
    house.set(Clinic, house.cast.clinic_id, rules_edition=1)
    with house.app.app_context():
        tools = tools_of(house.app, clock=house.clock)
        assert adopt(tools) == {"adopted": 1}
        assert adopt(tools) == {"adopted": 0}
