"""What is planned to be told: around a visit, when it is time to book, and what changes of a course do to it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.models import Course, Patient, Reminder, Treatment
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.messaging import reminder_planning
from clinic_scheduler.services.patients import holds
from clinic_scheduler.services.treatments import voiding
from tests import factories
from tests.integration.house import BEFORE_A_VISIT, TODAY, House, at

MONDAY = date(2026, 12, 7)
STEPS = ["visit-7", "visit-3", "visit-1"]


def due(house: House, kind: str = "visit_reminder") -> list:
    wanted = select(Reminder.due_at).where(Reminder.kind == kind, Reminder.state == "pending")
    return [row.due_at for row in house.rows(wanted.order_by(Reminder.due_at))]


def pending(house: House) -> list[str]:
    return [step for step, state, _ in house.reminders() if state == "pending"]


def everything(house: House) -> list:
    return house.rows(select(Reminder.__table__).order_by(Reminder.id))


def evaluations(house: House) -> list[tuple[date, str]]:
    wanted = select(Treatment.given_on, Treatment.evaluation).order_by(Treatment.given_on)
    return [tuple(row) for row in house.rows(wanted)]


def replan(house: House) -> None:
    def work(session):
        row = session.get_one(Course, house.cast.course_id)
        reminder_planning.replan(session, row, house.now, "replanned")

    house.change(work)


def test_a_visit_is_told_of_at_ten_local_seven_three_and_one_days_before(house: House) -> None:
    house.book_anyway(at(MONDAY, 14))
    assert due(house) == [at(MONDAY - timedelta(days), 10) for days in (7, 3, 1)]


def test_ten_local_stays_ten_local_when_the_clocks_change_in_between(house: House) -> None:
    """The clocks go forward on 14-Mar-2027, between the first and the last notification."""
    house.book_anyway(at(date(2027, 3, 16), 14))
    assert [when.hour for when in due(house)] == [18, 18, 17]


def test_steps_already_past_are_not_made_up_for(house: House) -> None:
    house.book_anyway(at(date(2026, 11, 27), 9))
    assert [step for step in pending(house) if step in STEPS] == ["visit-3", "visit-1"]


def test_time_to_book_is_planned_withdrawn_by_a_booking_and_planned_again_after_cancelling(
    house: House,
) -> None:
    assert house.reminders() == [("time_to_book", "pending", None)]
    visit = house.book_anyway(at(date(2026, 11, 30), 9))
    assert ("time_to_book", "suppressed", "booked") in house.reminders()
    house.cancel(visit)
    assert pending(house) == ["time_to_book"]


def test_who_was_asked_to_book_is_not_asked_twice_in_a_cycle(house: House) -> None:
    house.later(days=1)
    assert house.send_due() == 1
    house.cancel(house.book_anyway(at(date(2026, 12, 9), 9)))
    replan(house)
    assert [state for step, state, _ in house.reminders() if step == "time_to_book"] == ["sent"]


def test_a_treatment_ends_the_cycles_tellings_and_begins_the_next(house: House) -> None:
    house.treat(TODAY)
    assert house.reminders() == [
        ("time_to_book", "suppressed", "treated"),
        ("time_to_book", "pending", None),
    ]
    assert due(house, "time_to_book") == [at(date(2027, 2, 1), 10)]


def test_a_hold_silences_and_its_release_speaks_again(house: House) -> None:
    actor, course = house.cast.actor, house.cast.course_id
    house.book_anyway(at(MONDAY, 9))
    house.change(lambda s: factories.hold(s, actor, house.now, course, date(2026, 12, 1)).id)
    assert pending(house) == ["visit-7"]
    assert ("visit-1", "suppressed", "on_hold") in house.reminders()
    house.change(lambda s: holds.release(Change(s, actor, house.now), 1, date(2026, 12, 5)).id)
    assert pending(house) == ["visit-7", "visit-1"]


def test_stopping_a_course_silences_it_for_good(house: House) -> None:
    house.book_anyway(at(MONDAY, 9))
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "moved").id
        )
    )
    assert pending(house) == []
    assert {why for _, _, why in house.reminders()} == {"booked", "course_stopped"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [({"deceased_on": TODAY}, "deceased"), ({"do_not_contact": True}, "do_not_contact")],
)
def test_who_died_or_wants_no_contact_is_told_nothing(house: House, value: dict, reason: str) -> None:
    house.book_anyway(at(MONDAY, 9))
    house.set(Patient, house.cast.patient_id, **value)
    replan(house)
    assert pending(house) == []
    assert {why for step, _, why in house.reminders() if step in STEPS} == {reason}


def test_a_step_whose_hour_has_come_unsent_is_not_withdrawn_by_another_change(house: House) -> None:
    """The worker was down at ten; at five past, the course is authorized. The telling still goes out."""
    house.book_anyway(at(MONDAY, 14))
    house.clock.move(at(date(2026, 11, 30), 10, 5) - house.now)
    house.change(
        lambda s: (
            courses.authorize(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, MONDAY).id
        )
    )
    assert pending(house) == STEPS
    assert due(house)[0] == at(date(2026, 11, 30), 10)


def test_a_treatment_inserted_between_two_others_judges_the_later_ones_anew_and_repeats_no_telling(
    house: House,
) -> None:
    """V15."""
    house.later(days=1)
    assert house.send_due() == 1
    before = house.course()
    house.treat(date(2026, 7, 1))
    assert evaluations(house) == [(date(2026, 7, 1), "valid"), (date(2026, 8, 31), "too_soon")]
    assert house.course()["earliest_date"] == before["earliest_date"]
    assert house.reminders() == [("time_to_book", "sent", None)]
    replan(house)
    assert house.reminders() == [("time_to_book", "sent", None)]


def test_a_treatment_corrected_by_a_day_renames_the_cycle_and_repeats_no_telling(house: House) -> None:
    house.later(days=1)
    assert house.send_due() == 1
    wrong = house.rows(select(Treatment.id))[0].id
    house.change(lambda s: voiding.void(Change(s, house.cast.actor, house.now), wrong, "wrong_details").id)
    house.treat(date(2026, 9, 1))
    assert house.course()["reference_on"] == date(2026, 9, 1)
    assert house.reminders(kinds=("time_to_book",)) == [("time_to_book", "sent", None)]
    # A cycle later it is told again.
    house.treat(TODAY + timedelta(1))
    assert pending(house) == ["time_to_book"]


def test_dedupe_keys_name_course_cycle_step_channel_and_revision(house: House) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    course = house.cast.course_id
    wanted = select(Reminder.dedupe_key).where(Reminder.kind.in_(BEFORE_A_VISIT))
    keys = {row.dedupe_key for row in house.rows(wanted)}
    assert keys == {
        f"{course}:2026-08-31:time_to_book:email:1",
        *(f"{course}:2026-08-31:{step}:email:{visit}@20261207T1700Z" for step in STEPS),
    }


def test_planning_again_changes_nothing(house: House) -> None:
    steps = (
        lambda: None,
        lambda: house.book_anyway(at(MONDAY, 9)),
        lambda: house.later(days=8),
        house.send_due,
        lambda: house.treat(date(2026, 12, 1)),
    )
    for step in steps:
        step()
        replan(house)
        before = everything(house)
        replan(house)
        house.later(minutes=1)
        replan(house)
        assert everything(house) == before


def test_what_an_import_left_unplanned_is_planned_once(house: House) -> None:
    house.set(Course, house.cast.course_id, reminders_planned_at=None)
    assert house.change(lambda s: reminder_planning.replan_unplanned(s, house.now)) == 1
    assert house.change(lambda s: reminder_planning.replan_unplanned(s, house.now)) == 0
    assert house.reminders() == [("time_to_book", "pending", None)]
