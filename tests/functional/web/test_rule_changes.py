"""The report of what new date rules changed: who may read it, its words, and where it is linked from."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.jobs.adopt import adopt_clinics
from clinic_scheduler.models import Clinic, Course, VisitOverride
from clinic_scheduler.services.change import Change
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def adopted(app: Flask, cast: factories.Cast, clock: FrozenClock) -> None:
    """The cast's visit is on 24-Nov, by a plan over the cap that the former rules did not mind."""
    with app.app_context(), unit_of_work() as session:
        day = factories.local_day(clock.now()) + timedelta(1)
        factories.book(session, cast.actor, clock.now(), cast.course_id, cast.provider_id, day, time(10, 15))
        course = session.get_one(Course, cast.course_id)
        course.planned_units = 500
        course.earliest_date, course.rules_edition = date(2026, 11, 2), 1
        session.get_one(Clinic, cast.clinic_id).rules_edition = 1
    with app.app_context():
        adopt_clinics(unit_of_work, clock.now())


def test_before_any_change_the_page_says_so_kindly(desk: Visitor) -> None:
    page = words(desk.get("/rule-changes"))
    assert "No date has changed." in page
    assert "New date rules changed" not in words(desk.get("/due"))


@pytest.mark.parametrize("role", ["front_desk", "provider", "admin", "read_only"])
def test_everybody_reads_what_changed_and_why(
    visitor: Visitor, cast: factories.Cast, adopted: None, role: str
) -> None:
    visitor.sign_in(role)
    answer = visitor.get("/rule-changes")
    page = words(answer)
    assert "OKONKWO, Adaeze" in page
    assert f'href="/patients/{cast.patient_id}"' in answer.text
    assert "Earliest date was 02-Nov-2026 , is 23-Nov-2026" in page
    assert "12 weeks (84 days) after 31-Aug-2026" in page
    assert "Visit was in order, is booked while blocked" in page
    assert "500 U are planned; the cap is 400 U" in page
    assert "Tue 24-Nov-2026" in page
    assert "Booking problems (1)" in page
    assert 'href="/due?tab=booking_problem"' in answer.text


def test_the_due_list_points_to_it_while_it_is_fresh(
    desk: Visitor, adopted: None, clock: FrozenClock, app: Flask
) -> None:
    assert 'href="/rule-changes"' in desk.get("/due").text
    clock.move(timedelta(15))
    desk.sign_in()
    assert 'href="/rule-changes"' not in desk.get("/due").text


def test_settings_point_to_it_always(visitor: Visitor, cast: factories.Cast) -> None:
    visitor.sign_in("admin")
    assert 'href="/rule-changes"' in visitor.get("/settings").text


def test_an_older_page_of_nothing_and_nonsense_are_shown_calmly(desk: Visitor, adopted: None) -> None:
    assert "Nothing older changed." in words(desk.get("/rule-changes?older_than=1"))
    assert "OKONKWO" in desk.get("/rule-changes?older_than=x").text
    assert "OKONKWO" in desk.get(f"/rule-changes?older_than={2**40}").text


def test_another_clinics_changes_are_not_shown(
    desk: Visitor, other_cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, other_cast.course_id)
        course.earliest_date, course.rules_edition = date(2026, 11, 2), 1
        session.get_one(Clinic, other_cast.clinic_id).rules_edition = 1
    with app.app_context():
        adopt_clinics(unit_of_work, clock.now())
    assert "No date has changed." in words(desk.get("/rule-changes"))


def test_the_due_list_turns_the_day_without_a_worker(
    desk: Visitor, booked: int, app: Flask, clock: FrozenClock
) -> None:
    assert "Booking problems 0" in words(desk.get("/due"))
    clock.move(timedelta(2))
    desk.sign_in()
    page = words(desk.get("/due?tab=booking_problem"))
    assert "Booking problems 1" in page
    assert "Not recorded" in page


def test_a_visit_under_a_closed_course_is_listed_with_a_way_to_cancel_it(
    desk: Visitor, booked: int, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    from clinic_scheduler.services.courses import courses

    with app.app_context(), unit_of_work() as session:
        today = factories.local_day(clock.now())
        courses.stop(Change(session, cast.actor, clock.now()), cast.course_id, today, "switch")
        assert session.scalars(select(VisitOverride)).all() == []
    answer = desk.get("/due?tab=booking_problem")
    assert "Booked under a closed course" in words(answer)
    assert f'href="/appointments/{booked}/cancel"' in answer.text
    assert f"/appointments/{booked}/move" not in answer.text
    assert "Booked under a closed course" in words(desk.get("/due?tab=all"))
    assert "Nothing under" in words(desk.get("/due?tab=booked"))
