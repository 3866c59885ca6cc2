"""What the machine has found, each as the few acts that show it, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import ALREADY_OVERDUE
from clinic_scheduler.models import Appointment, OverrideRequest, Treatment, VisitOverride
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.patients import merging
from clinic_scheduler.services.treatments import voiding
from clinic_scheduler.services.visits import appointments, override_requests, undo
from clinic_scheduler.services.visits.booking_rules import Question
from tests.factories import MIGRAINE, ONABOT
from tests.integration.safety.picks import EVERY_NAME
from tests.integration.safety.scripts import TOMORROW, book, hold, instant, plan, start, treat
from tests.integration.safety.world import TODAY, World, opened
from tests.shared import Shared


@pytest.fixture
def world(shared: Shared) -> World:
    return opened(shared.app)


def state(world: World, visit: int) -> str:
    return world.look(lambda s: s.get_one(Appointment, visit).state)


def stop(world: World) -> None:
    how = (world.courses[0], TODAY, "no benefit")
    world.change(lambda s: courses.stop(Change(s, world.desk, world.now), *how).id)


def test_a_visit_reopened_once_the_course_is_overdue_names_that_it_is_late(world: World) -> None:
    """Booked in time; an earlier treatment than thought makes the course overdue meanwhile."""
    visit = book(world, world.courses[0], TODAY + timedelta(3))
    world.change(lambda s: appointments.cancel(Change(s, world.desk, world.now), visit, "illness").id)
    given = world.look(lambda s: s.scalars(select(Treatment.id).order_by(Treatment.id)).first())
    world.change(lambda s: voiding.void(Change(s, world.provider, world.now), given, "wrong_details").id)
    treat(world, world.courses[0], TODAY - timedelta(95))
    world.change(lambda s: undo.reopen(Change(s, world.desk, world.now), visit).id)
    assert world.standing(visit) == "ok"
    assert world.faults() == []


def test_a_late_visit_reopened_keeps_one_name_for_it(world: World) -> None:
    world.later(days=5)  # overdue
    visit = book(world, world.courses[0], world.today + timedelta(2))
    world.change(lambda s: appointments.cancel(Change(s, world.desk, world.now), visit, "illness").id)
    world.change(lambda s: undo.reopen(Change(s, world.desk, world.now), visit).id)
    named = select(VisitOverride.name, VisitOverride.reason).where(VisitOverride.appointment_id == visit)
    assert [tuple(row) for row in world.look(lambda s: s.execute(named).all())] == [("late", ALREADY_OVERDUE)]


def test_nobody_is_checked_in_under_a_closed_course(world: World) -> None:
    visit = book(world, world.courses[0], TODAY)
    stop(world)
    for act in (
        appointments.arrive,
        lambda change, key: appointments.allow(change, key, EVERY_NAME),
    ):
        with pytest.raises(BookingRefused, match="This course is closed"):
            world.change(lambda s, act=act: act(Change(s, world.provider, world.now), visit))
    assert world.standing(visit) == "closed_course"
    assert world.faults() == []


def test_an_answer_books_nothing_under_a_closed_course(world: World) -> None:
    hold(world, TODAY)
    visit = book(world, world.courses[0], TOMORROW, question=Question(world.providers[0]))
    stop(world)
    (request,) = world.look(lambda s: s.scalars(select(OverrideRequest.id)).all())
    with pytest.raises(BookingRefused, match="closed"):
        world.change(
            lambda s: override_requests.allow(Change(s, world.provider, world.now), request, EVERY_NAME)
        )
    assert state(world, visit) == "proposed"


def test_records_with_a_proposed_time_each_are_not_made_one(world: World) -> None:
    other = start(world, world.patients[1], MIGRAINE, ONABOT, 100)
    hold(world, TODAY)
    book(world, world.courses[0], TOMORROW, question=Question(world.providers[0]))
    book(world, other, TOMORROW)
    keep, lose = world.patients[:2]
    with pytest.raises(InvalidInput, match="both have a visit booked"):
        world.change(lambda s: merging.merge(Change(s, world.desk, world.now), keep, lose).id)


def test_a_voided_treatment_leaves_its_visit_attended_where_a_time_is_proposed_by_now(world: World) -> None:
    visit = book(world, world.courses[0], TODAY)
    given = treat(world, world.courses[0], TODAY, visit=visit)
    book(world, world.courses[0], TOMORROW, question=Question(world.providers[0]))
    world.change(lambda s: voiding.void(Change(s, world.provider, world.now), given, "wrong_details").id)
    assert state(world, visit) == "fulfilled"


def test_a_voided_treatment_gives_back_its_authorization_before_the_visit_is_judged(world: World) -> None:
    plan(world, authorization_required=True)
    leave = (world.courses[0], TODAY, TODAY + timedelta(30))
    world.change(lambda s: courses.authorize(Change(s, world.desk, world.now), *leave, visits_left=1).id)
    visit = book(world, world.courses[0], TODAY)
    given = treat(world, world.courses[0], TODAY, visit=visit)
    world.change(lambda s: voiding.void(Change(s, world.provider, world.now), given, "was_not_given").id)
    assert state(world, visit) == "booked"
    assert world.standing(visit) == "ok"


def test_a_name_given_anew_for_another_day_takes_the_place_of_the_old_one(world: World) -> None:
    hold(world, TODAY)
    allowed = tuple(entry for entry in EVERY_NAME if entry.name == Against.ON_HOLD)
    where = (world.courses[0], world.providers[0], instant(TOMORROW, 9), allowed)
    visit = world.change(
        lambda s: (
            appointments.book(Change(s, world.provider, world.now), appointments.BookingRequest(*where)).id
        )
    )
    there = (visit, world.providers[0], instant(TODAY + timedelta(2), 9))
    world.change(lambda s: appointments.move(Change(s, world.provider, world.now), *there, allowed).id)
    assert world.standing(visit) == "ok"
    world.change(lambda s: undo.move_back(Change(s, world.desk, world.now), visit).id)
    assert world.standing(visit) == "ok"
    assert world.faults() == []
