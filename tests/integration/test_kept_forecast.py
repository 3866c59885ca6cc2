"""The dates kept on rows are what the rules say, whatever was done in whatever order; and what differs is found."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason
from clinic_scheduler.models import Appointment, Course, Hold, Reminder, Treatment
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, forecasting
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.messaging import reminder_planning
from clinic_scheduler.services.patients import holds
from clinic_scheduler.services.visits import appointments
from tests import factories
from tests.integration.house import TODAY, House, at

STEPS = 30


def found(house: House, today: date) -> list[str]:
    return house.look(lambda s: list(forecasting.differences(s, house.cast.clinic_id, today)))


def random_change(house: House, chance: Random, course: int) -> None:
    """One thing that may happen to a course at a clinic, whether or not it is allowed now."""
    today, actor = house.now.date(), house.cast.actor
    day = today + timedelta(chance.randrange(-40, 140))
    held = select(Hold.id).join(Course, Course.patient_id == Hold.patient_id).where(Course.id == course)
    visit = house.rows(
        select(Appointment.id).where(Appointment.course_id == course, Appointment.state == "booked")
    )
    if visit and chance.random() < 0.4:
        key = visit[0].id
        change = chance.choice(
            (
                lambda: house.move(key, at(day, 10)),
                lambda: house.cancel(key, chance.choice(sorted(CancelReason))),
                lambda: house.change(lambda s: appointments.arrive(Change(s, actor, house.now), key).id),
            )
        )
    else:
        change = chance.choice(
            (
                lambda: house.book_anyway(at(day, 9), course_id=course),
                lambda: house.book_anyway(at(day, 9), course_id=course),
                lambda: house.treat(
                    day,
                    chance.choice((0, 50, 155, 300)),
                    course_id=course,
                    outcome=chance.choice(("complete", "complete", "partial")),
                ),
                lambda: house.change(
                    lambda s: (
                        factories.hold(
                            s,
                            actor,
                            house.now,
                            course,
                            day,
                            chance.choice((None, day)),
                            every=chance.random() < 0.3,
                        ).id
                    )
                ),
                lambda: house.change(
                    lambda s: [
                        holds.release(Change(s, actor, house.now), key, today).id for key in s.scalars(held)
                    ]
                ),
                lambda: house.change(
                    lambda s: (
                        courses.authorize(Change(s, actor, house.now), course, today, day, visits_left=1).id
                    )
                ),
                lambda: house.later(days=chance.randrange(1, 30)),
            )
        )
    change()


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_sequence_of_changes_there_is_no_difference(house: House, seed: int) -> None:
    chance = Random(seed)
    entry = CourseEntry(
        house.cast.patient_id,
        "spasticity_upper_limb",
        "onabotulinumtoxinA",
        TODAY,
        authorization_required=True,
    )
    second = house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)
    done = refused = 0
    for _ in range(STEPS):
        try:
            random_change(house, chance, chance.choice((house.cast.course_id, second)))
            done += 1
        except (BookingRefused, InvalidInput):
            refused += 1
        assert found(house, house.now.date()) == []
    assert min(done, refused) > 0
    assert_planning_again_changes_nothing(house)


def assert_planning_again_changes_nothing(house: House) -> None:
    def plan_all(session):
        for course in session.scalars(select(Course).order_by(Course.id)):
            reminder_planning.replan(session, course, house.now, "replanned")

    every = select(Reminder.__table__).order_by(Reminder.id)
    house.change(plan_all)
    before = house.rows(every)
    house.change(plan_all)
    assert house.rows(every) == before


def test_a_tampered_row_is_found_and_set_right(house: House) -> None:
    tamper = (
        update(Course).values(due_date=date(2020, 1, 1), blocks="cap_exceeded"),
        update(Treatment).values(evaluation="late", days_late=3),
    )
    right = house.course()
    for statement in tamper:
        house.change(lambda s, wrong=statement: s.execute(wrong).close())
    course, (treatment,) = house.cast.course_id, house.rows(select(Treatment.id))
    assert found(house, TODAY) == [
        f"course {course}: due_date is 2020-01-01, should be 2026-11-23",
        f"course {course}: blocks is cap_exceeded, should be ",
        f"treatment {treatment.id}: evaluation is late, should be valid",
        f"treatment {treatment.id}: days_late is 3, should be 0",
    ]
    house.change(lambda s: forecasting.refresh_clinic(s, house.cast.clinic_id, TODAY, house.now))
    assert found(house, TODAY) == []
    assert {k: v for k, v in house.course().items() if k != "forecast_sequence"} == {
        k: v for k, v in right.items() if k != "forecast_sequence"
    }


def test_refreshing_what_is_right_publishes_nothing(house: House) -> None:
    before = house.course()
    house.later(hours=1)
    house.change(lambda s: forecasting.refresh_clinic(s, house.cast.clinic_id, TODAY, house.now))
    assert house.course() == before
