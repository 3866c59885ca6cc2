"""Kinds of reminder a clinic switched off: nothing of them is planned or goes out, and all comes back."""

from datetime import date

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.messaging.dispatch_rules import Stop, judge
from clinic_scheduler.models import Course, Reminder
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from clinic_scheduler.services.messaging.reminder_planning import replan, replan_unplanned
from clinic_scheduler.services.practice import clinics
from tests.integration.house import House, at

MONDAY = date(2026, 12, 7)


def switch_off(house: House, *kinds: str) -> None:
    house.change(lambda s: clinics.switch_reminders(Change(s, house.cast.actor, house.now), kinds))


def plan_again(house: House) -> int:
    return house.change(lambda s: replan_unplanned(s, house.now))


def test_what_waits_is_suppressed_at_once_and_comes_back(house: House) -> None:
    assert house.reminders() == [("time_to_book", "pending", None)]
    switch_off(house, "time_to_book")
    assert house.reminders() == [("time_to_book", "suppressed", "switched_off")]
    switch_off(house)
    assert plan_again(house) == 1
    assert house.reminders() == [("time_to_book", "pending", None)]


def test_a_kind_that_is_off_is_not_planned_and_the_other_is(house: House) -> None:
    switch_off(house, "visit_reminder")
    house.book_anyway(at(MONDAY, 9))
    assert house.reminders() == [("time_to_book", "suppressed", "booked")]
    switch_off(house)
    assert plan_again(house) == 1
    assert [step for step, state, _ in house.reminders() if state == "pending"] == [
        "visit-7",
        "visit-3",
        "visit-1",
    ]


def test_planning_again_keeps_it_suppressed_under_its_own_reason(house: House) -> None:
    switch_off(house, "time_to_book")
    house.change(lambda s: replan(s, s.get_one(Course, house.cast.course_id), house.now, "moved"))
    assert house.reminders() == [("time_to_book", "suppressed", "switched_off")]


def test_one_planned_in_spite_of_the_switch_is_stopped_at_the_hand_over(house: House) -> None:
    switch_off(house, "time_to_book")
    key = house.rows(select(Reminder.id).where(Reminder.kind == "time_to_book"))[0].id
    house.set(Reminder, key, state="pending")
    notification = house.look(lambda s: notification_of(s, key, house.now))
    assert judge(notification, house.now, {"email"}) == Stop("switched_off")


def test_the_switch_is_audited_and_only_known_kinds_have_one(house: House) -> None:
    switch_off(house, "time_to_book")
    switch_off(house, "time_to_book")
    assert [details for _, details in house.audit("clinics")][1:] == [{"reminders_off": ["time_to_book"]}]
    with pytest.raises(InvalidInput, match="visit_reminder"):
        switch_off(house, "birthday")
