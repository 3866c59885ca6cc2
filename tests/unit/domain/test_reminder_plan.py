"""Which notifications are planned for a course, and quiet hours."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import day, hold

from clinic_scheduler.domain.messaging.reminder_plan import (
    CourseState,
    Planned,
    allowed_from,
    plan,
)
from clinic_scheduler.domain.messaging.reminder_rules import Rule, shipped_rules

PACIFIC = ZoneInfo("America/Los_Angeles")
BEFORE_A_VISIT = {**shipped_rules(), "overdue": Rule(is_on=False, days=(1,))}


def at(text: str) -> datetime:
    """A wall clock in Los Angeles, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC).astimezone(UTC)


def state(**changes: Any) -> CourseState:
    values: dict[str, Any] = {"course_id": 7, "cycle": "2026-08-31"}
    dates = {
        "earliest_date": day("2026-11-23"),
        "overdue_date": day("2026-12-01"),
        "lapse_date": day("2027-03-01"),
    }
    return CourseState(**{**values, **dates, **changes})


def visit(starts: str = "2026-11-24T14:30", **changes: Any) -> CourseState:
    return state(appointment_id=3, starts_at=at(starts), **changes)


def steps(of: CourseState, now: str) -> list[tuple[str, datetime]]:
    """Of a visit and of the time to book alone."""
    return [(each.step, each.due_at) for each in plan(of, PACIFIC, at(now), BEFORE_A_VISIT)]


def test_a_visit_is_told_seven_three_and_one_days_before_at_ten() -> None:
    planned = plan(visit(), PACIFIC, at("2026-11-01T12:00"))
    assert [(each.step, each.due_at) for each in planned] == [
        ("visit-7", at("2026-11-17T10:00")),
        ("visit-3", at("2026-11-21T10:00")),
        ("visit-1", at("2026-11-23T10:00")),
    ]
    assert {each.kind for each in planned} == {"visit_reminder"}
    assert {each.expires_at for each in planned} == {at("2026-11-24T14:30")}


@pytest.mark.parametrize(
    ("starts", "told"), [("09:30", "09:30"), ("08:00", "09:00"), ("10:00", "10:00"), ("16:45", "10:00")]
)
def test_an_early_visit_is_told_at_its_own_hour_but_never_in_quiet_hours(starts: str, told: str) -> None:
    planned = steps(visit(f"2026-11-24T{starts}"), "2026-11-22T12:00")
    assert planned == [("visit-1", at(f"2026-11-23T{told}"))]


def test_a_step_whose_hour_has_passed_is_not_made_up_for() -> None:
    assert [step for step, _ in steps(visit(), "2026-11-21T10:00")] == ["visit-1"]
    assert [step for step, _ in steps(visit(), "2026-11-21T09:59")] == ["visit-3", "visit-1"]
    assert steps(visit(), "2026-11-23T10:00") == []


def test_tellings_keep_ten_oclock_across_the_end_of_summer_time() -> None:
    assert steps(visit("2026-11-03T11:00"), "2026-10-20T12:00") == [
        ("visit-7", datetime(2026, 10, 27, 17, tzinfo=UTC)),
        ("visit-3", datetime(2026, 10, 31, 17, tzinfo=UTC)),
        ("visit-1", datetime(2026, 11, 2, 18, tzinfo=UTC)),
    ]


def test_a_course_without_visit_is_told_once_when_it_is_due_soon() -> None:
    (only,) = plan(state(), PACIFIC, at("2026-11-01T12:00"), BEFORE_A_VISIT)
    expected = Planned("time_to_book", "time_to_book", at("2026-11-09T10:00"), at("2026-12-01T00:00"), "1")
    assert only == expected


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        ("2026-11-09T09:59", "2026-11-09T10:00"),
        ("2026-11-09T10:00", "2026-11-10T10:00"),
        ("2026-11-22T08:00", "2026-11-22T10:00"),
        ("2026-11-22T12:00", "2026-11-23T10:00"),
        ("2026-11-30T09:00", "2026-11-30T10:00"),
    ],
)
def test_a_missed_time_to_book_comes_the_next_morning(now: str, due_at: str) -> None:
    assert steps(state(), now) == [("time_to_book", at(due_at))]


@pytest.mark.parametrize("now", ["2026-11-30T10:00", "2026-12-01T09:00", "2027-06-01T09:00"])
def test_nobody_is_asked_to_book_once_overdue(now: str) -> None:
    assert steps(state(), now) == []


def test_a_silenced_course_is_told_nothing() -> None:
    assert steps(visit(silenced="deceased"), "2026-11-01T12:00") == []
    assert steps(state(silenced="stopped"), "2026-11-01T12:00") == []


def test_what_falls_within_a_hold_is_left_out() -> None:
    on_hold = (hold("2026-11-20", "2026-11-21"),)
    assert [step for step, _ in steps(visit(holds=on_hold), "2026-11-01T12:00")] == ["visit-7", "visit-1"]
    assert steps(state(holds=(hold("2026-11-09"),)), "2026-11-01T12:00") == []


def test_a_telling_is_the_same_until_its_visit_moves() -> None:
    def keys(of: CourseState) -> list[str]:
        told = plan(of, PACIFIC, at("2026-11-01T12:00"), BEFORE_A_VISIT)
        return [str(each.key(of, "sms")) for each in told]

    assert keys(visit())[0] == "7:2026-08-31:visit-7:sms:3@20261124T2230Z"
    assert keys(visit()) == keys(visit(overdue_date=day("2026-12-08")))
    assert not set(keys(visit())) & set(keys(visit("2026-11-24T09:45")))
    assert not set(keys(visit())) & set(keys(replace(visit(), appointment_id=4)))
    assert keys(state()) == ["7:2026-08-31:time_to_book:sms:1"]


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-11-22T08:59", "2026-11-22T09:00"),
        ("2026-11-22T00:00", "2026-11-22T09:00"),
        ("2026-11-22T09:00", "2026-11-22T09:00"),
        ("2026-11-22T19:59", "2026-11-22T19:59"),
        ("2026-11-22T20:00", "2026-11-23T09:00"),
        ("2026-11-30T23:30", "2026-12-01T09:00"),
        ("2026-10-31T21:00", "2026-11-01T09:00"),
        ("2026-03-07T21:00", "2026-03-08T09:00"),
        ("2026-03-08T01:30", "2026-03-08T09:00"),
    ],
)
def test_quiet_hours_are_the_clinics_evening_to_its_morning(now: str, allowed: str) -> None:
    assert allowed_from(at(now), PACIFIC) == at(allowed)


def test_quiet_hours_end_at_nine_local_on_days_the_clock_changes() -> None:
    assert allowed_from(at("2026-10-31T21:00"), PACIFIC) == datetime(2026, 11, 1, 17, tzinfo=UTC)
    assert allowed_from(at("2026-03-07T21:00"), PACIFIC) == datetime(2026, 3, 8, 16, tzinfo=UTC)


def test_a_key_says_its_cycle_and_is_the_same_on_any_channel_but_for_the_channel() -> None:
    told = plan(visit(), PACIFIC, at("2026-11-01T12:00"))[0]
    text, letter = (told.key(visit(), channel) for channel in ("sms", "email"))
    assert text.cycle == letter.cycle == "2026-08-31"
    assert text != letter == text.on("email")
