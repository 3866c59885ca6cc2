"""The life of each kind of notification: planned, overtaken by what happens, told once; and rules that are edited."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.messaging.dispatch_rules import Stop, judge
from clinic_scheduler.domain.messaging.reminder_rules import Rule
from clinic_scheduler.models import Reminder
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import reminder_planning, reminder_rules
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from clinic_scheduler.services.messaging.reminder_planning import replan_unplanned
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits import undo as appointment_undo
from tests.integration.house import OVERDUE, TODAY, House, at

MONDAY = date(2026, 12, 7)
CHANGES = ("visit_booked", "visit_moved", "visit_cancelled")


def lives(house: House, *kinds: str) -> list[tuple[str, str, str | None]]:
    return house.reminders(kinds=kinds)


def verdicts(house: House, *kinds: str) -> list[object]:
    """What the outbox would say now of everything of these kinds, whatever its state."""
    wanted = select(Reminder.id).where(Reminder.kind.in_(kinds)).order_by(Reminder.id)
    keys = [row.id for row in house.rows(wanted)]
    return [
        house.look(lambda s, key=key: judge(notification_of(s, key, house.now), house.now, {"email"}))
        for key in keys
    ]


def plan_again(house: House) -> int:
    return house.change(lambda s: replan_unplanned(s, house.now))


def save(house: House, kind: str, rule: Rule, indication: str = "") -> int | None:
    return house.change(
        lambda s: reminder_rules.save_rule(Change(s, house.cast.actor, house.now), kind, indication, rule)
    )


def undo(house: House, what: str, visit: int) -> None:
    house.change(lambda s: getattr(appointment_undo, what)(Change(s, house.cast.actor, house.now), visit).id)


# --- overdue ----------------------------------------------------------------------------------------------


def test_overdue_is_told_three_times_a_cycle_and_a_booking_holds_it_back_meanwhile(house: House) -> None:
    house.clock.move(at(OVERDUE + timedelta(1), 10) - house.now)
    house.send_due()
    visit = house.book_anyway(at(MONDAY, 9))
    waiting = ("suppressed", "booked")
    assert lives(house, "overdue")[1:] == [("overdue-2", *waiting), ("overdue-3", *waiting)]
    house.cancel(visit)
    house.later(days=14)
    assert house.send_due() == 1
    house.later(days=40)
    house.send_due()
    assert [state for _, state, _ in lives(house, "overdue")] == ["sent"] * 3
    house.later(days=20)
    plan_again(house)
    assert len(lives(house, "overdue")) == 3


def test_overdue_is_stopped_at_the_hand_over_once_booked_or_treated(house: House) -> None:
    house.clock.move(at(OVERDUE + timedelta(1), 10) - house.now)
    assert verdicts(house, "overdue")[0] is None
    visit = house.book_anyway(at(MONDAY, 9))
    assert verdicts(house, "overdue")[0] == Stop("booked")
    house.cancel(visit)
    house.treat(OVERDUE)
    assert verdicts(house, "overdue")[0] == Stop("treated")


# --- after a visit ----------------------------------------------------------------------------------------


def test_milestones_are_asked_about_until_the_next_treatment_or_the_voiding_of_theirs(house: House) -> None:
    house.treat(TODAY)
    assert lives(house, "after_visit")[-2:] == [
        ("onset_check", "pending", None),
        ("peak_review", "pending", None),
    ]
    house.clock.move(at(TODAY + timedelta(14), 10) - house.now)
    assert verdicts(house, "after_visit")[-2] is None
    house.send_due()
    house.treat(TODAY + timedelta(14), units=10, kind="touch_up")
    assert lives(house, "after_visit")[-1] == ("peak_review", "pending", None)
    house.treat(TODAY + timedelta(13), units=50)
    assert ("peak_review", "suppressed", "treated") in lives(house, "after_visit")
    assert Stop("cycle_over") in verdicts(house, "after_visit")


# --- missed visits ----------------------------------------------------------------------------------------


def test_a_missed_visit_is_told_the_next_morning_once_unless_the_patient_is_booked_again(
    house: House,
) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    house.clock.move(at(MONDAY, 15) - house.now)
    house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), visit).id)
    assert lives(house, "missed_visit") == [("missed-1", "pending", None)]
    (due,) = house.rows(select(Reminder.due_at).where(Reminder.kind == "missed_visit"))
    assert due.due_at == at(MONDAY + timedelta(1), 10)
    house.later(days=1)
    assert verdicts(house, "missed_visit") == [None]
    again = house.book_anyway(at(date(2026, 12, 11), 9))
    assert lives(house, "missed_visit") == [("missed-1", "suppressed", "booked")]
    assert verdicts(house, "missed_visit") == [Stop("booked")]
    house.cancel(again)
    assert lives(house, "missed_visit") == [("missed-1", "suppressed", "booked")]


def test_a_missed_visit_marked_by_mistake_is_not_told(house: House) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    house.clock.move(at(MONDAY, 15) - house.now)
    house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), visit).id)
    undo(house, "reopen", visit)
    assert [state for _, state, _ in lives(house, "missed_visit")] == ["suppressed"]
    assert lives(house, *CHANGES) == []


# --- what is done to a visit ------------------------------------------------------------------------------


def test_a_move_and_a_cancellation_are_told_after_the_grace_and_a_booking_only_where_wanted(
    house: House,
) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    assert lives(house, *CHANGES) == []
    house.later(hours=1)
    house.move(visit, at(MONDAY, 11))
    house.move(visit, at(MONDAY, 14))
    assert lives(house, *CHANGES) == [
        ("visit_moved", "suppressed", "moved"),
        ("visit_moved", "pending", None),
    ]
    house.later(minutes=5)
    assert verdicts(house, *CHANGES) == [Stop("moved"), None]
    assert house.send_due() == 1
    house.cancel(visit)
    assert lives(house, "visit_cancelled") == [("visit_cancelled", "pending", None)]
    (row,) = house.rows(select(Reminder).where(Reminder.kind == "visit_cancelled"))
    assert (row[0].due_at, row[0].expires_at) == (house.now + timedelta(minutes=5), at(MONDAY, 14))
    assert verdicts(house, "visit_cancelled") == [None]
    save(house, "visit_booked", Rule())
    house.book_anyway(at(MONDAY, 9))
    assert lives(house, "visit_booked") == [("visit_booked", "pending", None)]
    assert verdicts(house, "visit_cancelled") == [Stop("booked")]


def test_what_is_undone_at_once_leaves_nothing_to_send(house: House) -> None:
    save(house, "visit_booked", Rule())
    house.cancel(house.book_anyway(at(MONDAY, 9)), "booked_in_error")
    visit = house.book_anyway(at(MONDAY, 9))
    house.later(hours=1)
    house.send_due()
    house.move(visit, at(MONDAY, 11))
    undo(house, "move_back", visit)
    house.later(minutes=1)
    house.cancel(visit)
    undo(house, "reopen", visit)
    house.later(hours=1)
    states = [state for step, state, _ in lives(house, *CHANGES)]
    assert sorted(states) == ["sent", "suppressed", "suppressed", "suppressed"]


def test_a_cancellation_that_was_told_and_then_undone_is_put_right(house: House) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    house.later(hours=1)
    house.cancel(visit)
    house.later(minutes=5)
    house.send_due()
    undo(house, "reopen", visit)
    assert lives(house, *CHANGES) == [("visit_cancelled", "sent", None), ("visit_moved", "pending", None)]
    assert verdicts(house, "visit_moved") == [None]


def test_a_visit_of_minutes_from_now_or_of_the_past_is_told_of_no_more(house: House) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    house.clock.move(at(MONDAY, 8, 56) - house.now)
    house.cancel(visit)
    assert lives(house, *CHANGES) == []


# --- rules that are edited --------------------------------------------------------------------------------


def test_an_edited_rule_is_planned_by_the_worker_and_nothing_told_is_told_again(house: House) -> None:
    house.book_anyway(at(MONDAY, 14))
    house.clock.move(at(MONDAY - timedelta(7), 10) - house.now)
    house.send_due()
    other = house.another_course()
    assert save(house, "visit_reminder", Rule(days=(7, 2)), "chronic_migraine") == 2
    assert ("visit-3", "pending", None) in house.reminders()
    assert plan_again(house) == 2
    visits = [row for row in house.reminders() if row[0].startswith("visit-")]
    assert sorted(visits) == [
        ("visit-1", "suppressed", "replanned"),
        ("visit-2", "pending", None),
        ("visit-3", "suppressed", "replanned"),
        ("visit-7", "sent", None),
    ]
    assert save(house, "visit_reminder", Rule(days=(2, 7)), "chronic_migraine") is None
    house.change(
        lambda s: reminder_rules.reset_rule(
            Change(s, house.cast.actor, house.now), "visit_reminder", "chronic_migraine"
        )
    )
    plan_again(house)
    assert [step for step, state, _ in house.reminders() if state == "pending"] == ["visit-3", "visit-1"]
    assert house.course(other)["reminders_planned_at"] == house.now


def test_a_rule_switched_off_silences_its_indication_alone_also_what_just_happened(house: House) -> None:
    visit = house.book_anyway(at(MONDAY, 9))
    house.later(hours=1)
    house.move(visit, at(MONDAY, 11))
    save(house, "visit_moved", Rule(is_on=False), "spasticity_upper_limb")
    plan_again(house)
    assert lives(house, *CHANGES) == [("visit_moved", "pending", None)]
    assert save(house, "visit_moved", Rule(is_on=False), "chronic_migraine") == 1
    plan_again(house)
    assert lives(house, *CHANGES) == [("visit_moved", "suppressed", "switched_off")]


def test_a_rule_that_cannot_be_is_refused_in_words(house: House) -> None:
    with pytest.raises(InvalidInput, match="7 to 90 days between two messages"):
        save(house, "overdue", Rule(days=(1,), repeat_days=3, most=3))
    with pytest.raises(InvalidInput, match="kind is one of"):
        save(house, "birthday", Rule())
    with pytest.raises(InvalidInput, match="unknown indication"):
        save(house, "overdue", Rule(days=(1,), repeat_days=14, most=3), "headache")


def test_a_course_that_cannot_be_planned_does_not_stop_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = house.cast.course_id, house.another_course()
    save(house, "visit_booked", Rule())
    genuine = reminder_planning.replan

    def failing(session, course, *rest):
        if course.id == bad:
            raise ValueError("a row that makes no sense")
        genuine(session, course, *rest)

    monkeypatch.setattr(reminder_planning, "replan", failing)
    house.later(minutes=1)
    assert plan_again(house) == 2
    assert plan_again(house) == 0
    assert house.course(good)["reminders_planned_at"] == house.now
