"""Consultations and follow-ups end with an outcome, are corrected and undone, and lift or put back the block."""

from datetime import timedelta

import pytest

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.models import Appointment, Patient
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.visits import appointments, consultations
from tests.integration.house import TODAY, House, at
from tests.integration.kinds import FRIDAY, TUESDAY, change_kind, conclude, desk_of, lapse, provider_of, undo


def test_only_injections_know_floors_and_a_lapsed_course_takes_a_consultation(house: House) -> None:
    lapse(house)
    with pytest.raises(BookingRefused) as refused:
        house.book(at(FRIDAY, 9))
    assert refused.value.rule in ("consultation_needed", "late")
    visit = house.row(Appointment, house.book(at(FRIDAY, 9), kind="consultation"))
    assert (visit["state"], visit["sequence"]) == ("booked", 0)
    assert visit["uid"] != house.course()["next_visit_uid"], "the due window keeps its own"
    assert house.course()["booked_on"] is None


def test_a_consultation_that_took_place_lifts_the_block_and_undo_puts_it_back(house: House) -> None:
    lapse(house)
    visit = house.book(at(TUESDAY, 9), kind="consultation")
    with pytest.raises(BookingRefused, match="has not come yet"):
        conclude(house, visit)
    house.later(days=1)
    conclude(house, visit)
    conclude(house, visit)
    row, course = house.row(Appointment, visit), house.course()
    assert (row["state"], row["outcome"], row["sequence"]) == ("fulfilled", "go_on", 1)
    assert course["consulted_on"] == TUESDAY
    assert "consultation_needed" not in course["blocks"]
    booked = house.book(at(FRIDAY, 9))
    assert house.course()["booking"] == "ok"
    undo(house, visit)
    assert house.course()["consulted_on"] is None
    assert house.course()["booking"] == "blocked", "a booking problem since the very commit"
    assert house.row(Appointment, visit)["state"] == "booked"
    assert house.row(Appointment, booked)["state"] == "booked"
    actions = [action for action, _ in house.audit("appointments")]
    assert actions == ["booked", "consulted", "booked", "not_taken_place"]


def test_an_outcome_is_corrected_and_the_day_stays(house: House) -> None:
    visit = house.book(at(TUESDAY, 9), kind="consultation")
    house.later(days=1)
    with pytest.raises(InvalidInput, match="outcome is one of"):
        conclude(house, visit, "better")
    conclude(house, visit, "stop")
    with pytest.raises(BookingRefused, match="already over"):
        conclude(house, visit, "go_on")
    house.change(lambda s: consultations.correct(Change(s, house.cast.actor, house.now), visit, "change").id)
    assert house.row(Appointment, visit)["outcome"] == "change"
    assert house.course()["consulted_on"] == TUESDAY
    assert house.audit("appointments")[-1] == (
        "outcome_corrected",
        {
            **house.audit("appointments")[0][1],
            "outcome": "change",
            "previous": "stop",
        },
    )


def test_who_is_checked_in_days_before_is_not_consulted_on_a_day_to_come(house: House) -> None:
    """Else a press would lift the block for the day ahead, with nobody seen."""
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    house.change(lambda s: appointments.arrive(Change(s, house.cast.actor, house.now), visit).id)
    with pytest.raises(BookingRefused, match="move it to today first"):
        conclude(house, visit)
    assert house.course()["consulted_on"] is None


def test_the_latest_of_several_consultations_counts(house: House) -> None:
    first = house.book(at(TUESDAY, 9), kind="consultation")
    house.later(days=1)
    conclude(house, first)
    second = house.book(at(FRIDAY, 9), kind="consultation")
    house.later(days=3)
    conclude(house, second, "change")
    assert house.course()["consulted_on"] == FRIDAY
    undo(house, second)
    assert house.course()["consulted_on"] == TUESDAY
    with pytest.raises(BookingRefused, match="another consultation by now"):
        undo(house, first)


def test_a_follow_up_ends_as_seen_and_consults_nobody(house: House) -> None:
    visit = house.book(at(TUESDAY, 9), kind="follow_up")
    house.later(days=1)
    with pytest.raises(BookingRefused, match="no consultation"):
        conclude(house, visit)
    house.change(lambda s: appointments.arrive(Change(s, house.cast.actor, house.now), visit).id)
    for _ in range(2):
        house.change(
            lambda s: consultations.seen_at_follow_up(Change(s, house.cast.actor, house.now), visit).id
        )
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert house.course()["consulted_on"] is None
    undo(house, visit)
    assert house.row(Appointment, visit)["state"] == "arrived"


def test_seen_without_an_appointment_is_a_providers_word(house: House) -> None:
    lapse(house)

    def seen(by: Actor, outcome: str = "go_on") -> int:
        return house.change(
            lambda s: (
                consultations.seen_without_appointment(
                    Change(s, by, house.now), house.cast.course_id, house.cast.provider_id, outcome
                ).id
            )
        )

    with pytest.raises(BookingRefused, match="Only a provider"):
        seen(desk_of(house))
    taken = house.book(house.now + timedelta(minutes=15), kind="follow_up")
    visit = seen(provider_of(house))
    assert seen(provider_of(house)) == visit, "twice is once"
    row = house.row(Appointment, visit)
    assert (row["state"], row["kind"], row["outcome"]) == ("fulfilled", "consultation", "go_on")
    assert row["ends_at"] <= house.now
    assert house.course()["consulted_on"] == TODAY
    assert "consultation_needed" not in house.course()["blocks"]
    undo(house, visit)
    assert house.row(Appointment, visit)["state"] == "entered-in-error"
    assert house.course()["consulted_on"] is None
    assert house.row(Appointment, taken)["state"] == "booked"


def test_seen_today_ends_the_consultation_that_was_booked_for_today(house: House) -> None:
    visit = house.book(house.now + timedelta(minutes=30), kind="consultation")
    seen = house.change(
        lambda s: (
            consultations.seen_without_appointment(
                Change(s, provider_of(house), house.now), house.cast.course_id, house.cast.provider_id, "stop"
            ).id
        )
    )
    assert seen == visit
    assert house.row(Appointment, visit)["state"] == "fulfilled"


def test_a_stopped_course_takes_consultations_and_no_injection(house: House) -> None:
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "declined").id
        )
    )
    with pytest.raises(BookingRefused, match="course is closed"):
        house.book(at(FRIDAY, 9))
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    assert house.reminders(kinds=("visit_reminder",)) == [
        ("visit-3", "pending", None),
        ("visit-1", "pending", None),
    ]
    with pytest.raises(BookingRefused, match="course is closed"):
        change_kind(house, visit, "injection")
    house.cancel(visit)
    house.set(Patient, house.cast.patient_id, moved_on=TODAY)
    with pytest.raises(BookingRefused, match="course is closed"):
        house.book(at(FRIDAY, 10), kind="consultation")


def test_a_consultation_under_a_stopped_course_counts_for_the_one_opened_after_it(house: House) -> None:
    lapse(house)
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "declined").id
        )
    )
    visit = house.book(at(TUESDAY, 9), kind="consultation")
    house.later(days=1)
    conclude(house, visit)
    entry = courses.CourseEntry(house.cast.patient_id, "chronic_migraine", "onabotulinumtoxinA", TUESDAY)
    again = house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)
    assert "consultation_needed" not in house.course(again)["blocks"]
    undo(house, visit)
    assert "consultation_needed" in house.course(again)["blocks"]
