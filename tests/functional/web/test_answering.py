"""An answer goes by what the provider has looked at, and by what became of the visit since."""

from datetime import date

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment, Course
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.asking import DAY, ask, ask_to_move, booked
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
    assert "This page had not shown what stands against the day now: Too early" in words(refused)
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


def test_the_answer_keeps_its_day_and_says_what_became_of_the_visit(
    desk: Visitor, provider: Visitor, cast: factories.Cast, early: int
) -> None:
    booked(desk, cast, early)
    ask_to_move(desk, cast)
    provider.get("/requests/1")
    provider.post("/requests/1/allow", **TRAVEL)
    desk.get("/schedule")
    back = desk.post("/appointments/1/undo", what="moved", place="day_2026-12-15_")
    assert back.status_code == 302
    assert "Provider allowed" not in words(desk.get("/work-list"))
    settled = words(desk.get("/work-list?tab=closed"))
    assert "Provider allowed Tue 15-Dec-2026: GARRIDO, Lucia" in settled
    assert "The visit changed since" in settled
    page = words(desk.get("/requests/1"))
    assert "Asked about Tue 15-Dec-2026" in page
    assert "The visit was moved to another day since" in page
    desk.get("/appointments/1/cancel")
    desk.post("/appointments/1/cancel", reason="patient_asked")
    page = words(desk.get("/requests/1"))
    assert "The visit was called off since" in page
    assert "is booked" not in page


def test_no_other_day_is_offered_where_the_course_is_stopped(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int, clock: FrozenClock
) -> None:
    ask(desk, cast, early)
    provider.get("/requests/1")
    provider.post("/requests/1/decline", **{"decline-note": "Too soon"})
    assert "Book another day" in words(desk.get("/work-list"))
    with app.app_context(), unit_of_work() as session:
        courses.stop(Change(session, cast.actor, clock.now()), early, date(2026, 11, 23), "patient_stopped")
    listed = words(desk.get("/work-list"))
    assert "Book another day" not in listed
    assert "the course is closed by now" in listed


def test_a_held_time_on_a_closed_day_leads_to_its_request(
    desk: Visitor, provider: Visitor, cast: factories.Cast, early: int
) -> None:
    booked(desk, cast, early)
    ask_to_move(desk, cast)
    desk.get("/closures")
    desk.post("/closures", starts_on=DAY, ends_on=DAY, reason="Training", provider="0")
    page = desk.get("/schedule/closed-days")
    assert "GARRIDO, Lucia" in words(page)
    assert "Proposed move Tue 15-Dec-2026 09:00" in words(page)
    assert 'href="/requests/1"' in page.text
    assert "/appointments/2/move" not in page.text
    provider.get("/requests/1")
    refused = words(provider.post("/requests/1/allow", **TRAVEL))
    assert "is closed (Training). Nothing was moved." in refused
    assert "Nothing was booked" not in refused


def test_the_same_question_twice_is_one_and_another_says_once_that_nothing_was_moved(
    desk: Visitor, cast: factories.Cast, app: Flask, early: int
) -> None:
    booked(desk, cast, early)
    assert ask_to_move(desk, cast).status_code == 302
    wanted = {"provider": cast.provider_id, "day": DAY, "at": "09:00", "ask": cast.provider_id}
    assert desk.post("/appointments/1/move", **wanted).location == f"/schedule?day={DAY}"
    other = desk.post("/appointments/1/move", **wanted | {"at": "14:00"})
    assert other.status_code == 409
    assert words(other).count("This visit is being asked about already. Nothing was changed.") == 1
    assert "Nothing was changed. Nothing was" not in words(other)
    assert states(app) == ["booked", "pending"]


def test_a_held_time_can_neither_be_moved_nor_cancelled_and_says_so_at_once(
    desk: Visitor, cast: factories.Cast, early: int
) -> None:
    booked(desk, cast, early)
    ask_to_move(desk, cast)
    for what in ("move", "cancel"):
        page = desk.get(f"/appointments/2/{what}")
        assert page.status_code == 409
        assert f"there is no visit to {what} yet" in words(page)
        assert 'href="/requests/1"' in page.text
        assert f'href="/appointments/1/{what}"' in page.text
        assert 'action="/appointments/' not in page.text
    for what in ("arrived", "noshow", "cancelled"):
        undone = desk.post("/appointments/2/undo", what=what, place=f"day_{DAY}_")
        assert "is only a proposed move" in words(undone)


@pytest.mark.parametrize("nobody", ["-5", "9" * 30, "99999", "nobody"])
def test_a_question_to_nobody_keeps_what_was_typed(
    desk: Visitor, cast: factories.Cast, app: Flask, early: int, booked: int, clock: FrozenClock, nobody: str
) -> None:
    wanted = {"provider": cast.provider_id, "day": DAY, "at": "09:00", "question": "Away in January"}
    desk.get(f"/courses/{early}/book")
    refused = desk.post(f"/courses/{early}/book", **wanted, key=desk.key, ask=nobody)
    assert refused.status_code == 422
    assert "Choose the provider who is to be asked. Nothing was booked." in words(refused)
    assert "Away in January" in refused.text
    with app.app_context(), unit_of_work() as session:
        factories.hold(session, cast.actor, clock.now(), cast.course_id, date(2026, 11, 23))
    about = desk.post(
        f"/appointments/{booked}/ask", ask=nobody, question="Feels well", place="day_2026-11-24_"
    )
    assert about.status_code == 409
    assert "choose the provider who is to be asked" in words(about).lower()
    assert "Feels well" in about.text
