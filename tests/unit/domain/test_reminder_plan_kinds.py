"""Consultations and follow-ups are planned for beside the injection; an injection's keys stay as they were."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from builders import day

from clinic_scheduler.domain.messaging.reminder_plan import CourseState, Planned, VisitAhead, plan

PACIFIC = ZoneInfo("America/Los_Angeles")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC).astimezone(UTC)


def state(**changes: Any) -> CourseState:
    values: dict[str, Any] = {"course_id": 7, "cycle": "2026-08-31"}
    dates = {
        "earliest_date": day("2026-11-23"),
        "overdue_date": day("2026-12-01"),
        "lapse_date": day("2027-03-01"),
    }
    return CourseState(**{**values, **dates, **changes})


CONSULTATION = VisitAhead(5, at("2026-11-20T09:30"))
INJECTION = {"appointment_id": 3, "starts_at": at("2026-11-24T14:30")}


def planned(of: CourseState, now: str = "2026-11-01T12:00") -> list[Planned]:
    return plan(of, PACIFIC, at(now))


def test_a_consultation_is_reminded_of_and_the_time_to_book_stays() -> None:
    found = planned(state(others=[CONSULTATION]))
    assert [each.appointment_id for each in found if each.kind == "visit_reminder"] == [5, 5, 5]
    assert "time_to_book" in {each.kind for each in found}


def test_keys_of_an_injection_are_the_same_with_a_consultation_beside_it() -> None:
    alone, beside = state(**INJECTION), state(**INJECTION, others=[CONSULTATION])
    keys = [each.key(alone, "sms") for each in planned(alone)]
    assert str(keys[0]) == "7:2026-08-31:visit-7:sms:3@20261124T2230Z"
    both = [each.key(beside, "sms") for each in planned(beside)]
    assert set(keys) < set(both)
    assert len(set(both)) == len(both) == 6


def test_a_missed_consultation_is_told_the_next_morning_and_quiets_the_rest_for_a_week() -> None:
    found = planned(state(others_missed=[(5, day("2026-11-23"))]), "2026-11-23T09:00")
    assert [(each.kind, each.due_at) for each in found[:2]] == [
        ("missed_visit", at("2026-11-24T10:00")),
        ("overdue", at("2026-12-02T10:00")),
    ]
    assert found[0].revision == "5"
    beside = planned(state(**INJECTION, others_missed=[(5, day("2026-11-23"))]), "2026-11-23T09:00")
    assert [each.kind for each in beside].count("missed_visit") == 1


def test_the_end_of_a_course_silences_its_cycle_and_not_its_consultation() -> None:
    ended = state(ended="course_stopped", others=[CONSULTATION], reference_on=day("2026-08-31"))
    assert {(each.kind, each.appointment_id) for each in planned(ended)} == {("visit_reminder", 5)}
    assert planned(state(silenced="deceased", others=[CONSULTATION])) == []
