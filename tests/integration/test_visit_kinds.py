"""Consultations and follow-ups beside the injection: booked, ended, corrected, undone, and changed into one another."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.models import Appointment, Course, Patient, Reminder, Treatment
from clinic_scheduler.queries.calendars import patient_feed_rows
from clinic_scheduler.services import (
    appointments,
    clinics,
    consultations,
    courses,
    patient_merge,
    treatment_void,
    visit_kinds,
)
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.tellings import telling_of
from clinic_scheduler.services.visit_guard import OverrideEntry
from tests.integration.house import TODAY, House, at

TUESDAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)
LAPSED = 400


def provider_of(house: House) -> Actor:
    return replace(house.cast.actor, name="Dr Reid", roles=frozenset({"provider"}))


def desk_of(house: House) -> Actor:
    return replace(house.cast.actor, name="Desk", roles=frozenset({"front_desk"}))


def lapse(house: House) -> None:
    """Nothing was given for so long that the patient is seen first."""
    house.set(Treatment, 1, given_on=TODAY - timedelta(LAPSED))
    house.set(Course, house.cast.course_id, started_on=TODAY - timedelta(LAPSED + 10))
    house.change(lambda s: courses.settle(s, s.get_one(Course, house.cast.course_id), house.now, "opened"))
    assert "consultation_needed" in house.course()["blocks"]


def conclude(house: House, visit: int, outcome: str = "go_on") -> None:
    house.change(lambda s: consultations.conclude(s, house.cast.actor, visit, outcome, house.now).id)


def undo(house: House, visit: int) -> None:
    house.change(lambda s: consultations.undo(s, house.cast.actor, visit, house.now).id)


def change_kind(house: House, visit: int, kind: str, by: Actor | None = None, **how: Any) -> None:
    house.change(
        lambda s: visit_kinds.change_kind(s, by or house.cast.actor, visit, kind, house.now, **how).id
    )


def set_length(house: House, **minutes: int | None) -> None:
    house.change(lambda s: clinics.set_procedure_lengths(s, house.cast.actor, minutes, house.now))


def test_a_course_has_one_open_visit_of_each_kind(house: House) -> None:
    house.book(at(FRIDAY, 9))
    house.book(at(FRIDAY, 10), kind="consultation")
    house.book(at(FRIDAY, 11), kind="follow_up")
    with pytest.raises(BookingRefused, match="already has a consultation on 27-Nov-2026 at 10:00"):
        house.book(at(FRIDAY, 14), kind="consultation")
    with pytest.raises(InvalidInput, match="kind is one of"):
        house.book(at(FRIDAY, 15), kind="chat")
    assert house.course()["booked_on"] == FRIDAY


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
    with pytest.raises(BookingRefused, match="already fulfilled"):
        conclude(house, visit, "go_on")
    house.change(lambda s: consultations.correct(s, house.cast.actor, visit, "change", house.now).id)
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
    house.change(lambda s: appointments.arrive(s, house.cast.actor, visit, house.now).id)
    for _ in range(2):
        house.change(lambda s: consultations.seen_at_follow_up(s, house.cast.actor, visit, house.now).id)
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
                    s, by, house.cast.course_id, house.cast.provider_id, outcome, house.now
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
                s, provider_of(house), house.cast.course_id, house.cast.provider_id, "stop", house.now
            ).id
        )
    )
    assert seen == visit
    assert house.row(Appointment, visit)["state"] == "fulfilled"


def test_a_stopped_course_takes_consultations_and_no_injection(house: House) -> None:
    house.change(
        lambda s: courses.stop(s, house.cast.actor, house.cast.course_id, TODAY, "declined", house.now).id
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
        lambda s: courses.stop(s, house.cast.actor, house.cast.course_id, TODAY, "declined", house.now).id
    )
    visit = house.book(at(TUESDAY, 9), kind="consultation")
    house.later(days=1)
    conclude(house, visit)
    entry = courses.CourseEntry(house.cast.patient_id, "chronic_migraine", "onabotulinumtoxinA", TUESDAY)
    again = house.change(lambda s: courses.start_course(s, house.cast.actor, entry, house.now).id)
    assert "consultation_needed" not in house.course(again)["blocks"]
    undo(house, visit)
    assert "consultation_needed" in house.course(again)["blocks"]


def test_a_consultation_becomes_an_injection_only_past_the_guard(house: House) -> None:
    lapse(house)
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    before = house.row(Appointment, visit)
    with pytest.raises(BookingRefused, match="Nothing was changed") as refused:
        change_kind(house, visit, "injection")
    assert refused.value.rule == "consultation_needed"
    assert house.row(Appointment, visit) == before
    late = OverrideEntry("late", "patient_wish")
    names = (OverrideEntry("consultation_needed", "other", "Seen by telephone"), late)
    with pytest.raises(BookingRefused, match="Only a provider"):
        change_kind(house, visit, "injection", desk_of(house), overrides=names)
    change_kind(house, visit, "injection", provider_of(house), overrides=names)
    after = house.row(Appointment, visit)
    assert (after["uid"], after["sequence"]) == (before["uid"], before["sequence"] + 1)
    assert [name for name, _, _ in house.overrides(visit)][:1] == ["consultation_needed"]
    assert house.course()["booked_on"] == FRIDAY


def test_an_injection_becomes_a_consultation_and_back_under_one_uid(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    uid = house.row(Appointment, visit)["uid"]
    change_kind(house, visit, "consultation")
    window = house.course()["next_visit_uid"]
    assert window != uid, "the window that opens again is another event"
    assert house.course()["booked_on"] is None
    shown = house.look(lambda s: [row.id for row in patient_feed_rows(s, house.cast.patient_id, house.now)])
    assert sorted(shown[:2]) == sorted([uid, window])
    injection = house.book(at(FRIDAY, 10))
    assert house.row(Appointment, injection)["uid"] == window
    with pytest.raises(BookingRefused, match="already has a visit"):
        change_kind(house, visit, "injection")
    house.cancel(injection)
    change_kind(house, visit, "injection")
    row = house.row(Appointment, visit)
    assert (row["uid"], row["kind"], row["sequence"]) == (uid, "injection", 3)
    assert house.audit("appointments")[1][1]["previous"] == "injection"


def test_an_override_goes_when_the_visit_is_an_injection_no_more(house: House) -> None:
    visit = house.book(at(date(2026, 12, 7), 9), overrides=(OverrideEntry("late", "patient_wish"),))
    change_kind(house, visit, "follow_up")
    assert house.overrides(visit) == []
    (kept,) = house.audit("appointments")[-1][1]["previous_overrides"]
    assert kept["name"] == "late"
    with pytest.raises(BookingRefused, match="Nothing was changed"):
        change_kind(house, visit, "injection")


def test_lengths_are_each_kinds_own(house: House) -> None:
    set_length(house, consultation=20, follow_up=15, chronic_migraine=45)
    assert house.audit("procedure_lengths") == [
        ("changed", {"consultation": 20, "follow_up": 15, "chronic_migraine": 45})
    ]
    minutes = {}
    for hour, kind in ((9, "injection"), (10, "consultation"), (11, "follow_up")):
        row = house.row(Appointment, house.book(at(FRIDAY, hour), kind=kind))
        minutes[kind] = (row["ends_at"] - row["starts_at"]) // timedelta(minutes=1)
    assert minutes == {"injection": 45, "consultation": 20, "follow_up": 15}
    set_length(house, consultation=None)
    assert house.audit("procedure_lengths")[-1] == ("changed", {"consultation": None})
    with pytest.raises(InvalidInput, match="5 to 480"):
        set_length(house, follow_up=2)


def test_a_longer_kind_needs_the_room(house: House) -> None:
    set_length(house, consultation=15, chronic_migraine=45)
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    other = house.book(at(FRIDAY, 9, 30), course_id=house.another_course(), kind="consultation")
    with pytest.raises(BookingRefused, match="would take 45 minutes"):
        change_kind(house, visit, "injection")
    assert house.row(Appointment, visit)["kind"] == "consultation"
    house.cancel(other)
    change_kind(house, visit, "injection")
    row = house.row(Appointment, visit)
    assert row["ends_at"] - row["starts_at"] == timedelta(minutes=45)


def test_a_treatment_fulfils_the_injection_alone(house: House) -> None:
    follow_up = house.book(at(TUESDAY, 9), kind="follow_up")
    injection = house.book(at(TUESDAY, 10))
    house.later(days=1)
    with pytest.raises(BookingRefused, match="is a follow-up"):
        house.treat(TUESDAY, appointment_id=follow_up)
    treatment = house.treat(TUESDAY)
    assert house.row(Treatment, treatment)["appointment_id"] == injection
    assert house.row(Appointment, follow_up)["state"] == "booked"


def test_rows_of_one_day_are_parts_of_one_visit(house: House) -> None:
    injection = house.book(at(TUESDAY, 10))
    house.later(days=1)
    first, second = house.treat(TUESDAY, 100), house.treat(TUESDAY, 55)
    assert [house.row(Treatment, key)["appointment_id"] for key in (first, second)] == [injection] * 2
    provider = provider_of(house)
    house.later(minutes=1)
    house.change(lambda s: treatment_void.void(s, provider, first, "wrong_patient", house.now).id)
    assert house.row(Appointment, injection)["state"] == "fulfilled", "the other part was given"
    house.change(lambda s: treatment_void.undo_void(s, provider, first, house.now).id)
    assert house.row(Treatment, first)["appointment_id"] == injection
    house.later(minutes=1)
    for key in (first, second):
        house.change(lambda s, key=key: treatment_void.void(s, provider, key, "wrong_patient", house.now).id)
    assert house.row(Appointment, injection)["state"] == "booked"


def test_reminders_of_each_kind_name_their_own_visit(house: House) -> None:
    injection = house.book(at(date(2026, 12, 7), 9), overrides=(OverrideEntry("late", "patient_wish"),))
    consultation = house.book(at(date(2026, 12, 7), 10), kind="consultation")
    wanted = select(Reminder.dedupe_key, Reminder.appointment_id).where(Reminder.kind == "visit_reminder")
    rows = house.rows(wanted.order_by(Reminder.id))
    assert {row.appointment_id for row in rows} == {injection, consultation}
    assert len({row.dedupe_key for row in rows}) == len(rows) == 6
    for row in rows:
        assert f":{row.appointment_id}@" in row.dedupe_key


def test_who_has_only_a_consultation_is_still_asked_to_book_and_a_missed_one_is_told_once(
    house: House,
) -> None:
    visit = house.book(house.now + timedelta(minutes=30), kind="consultation")
    asked = house.reminders(kinds=("time_to_book",))
    assert [state for _, state, _ in asked] == ["pending"]
    house.later(hours=2)
    house.change(lambda s: appointments.no_show(s, house.cast.actor, visit, house.now).id)
    assert house.reminders(kinds=("missed_visit",)) == [("missed-1", "pending", None)]
    again = house.book(at(FRIDAY, 9), kind="consultation")
    assert house.reminders(kinds=("missed_visit",)) == [("missed-1", "suppressed", "booked")]
    assert again != visit


def test_the_due_window_stays_in_the_feed_while_only_a_consultation_is_booked(house: House) -> None:
    house.book(at(FRIDAY, 9), kind="consultation")
    rows = house.look(lambda s: patient_feed_rows(s, house.cast.patient_id, house.now))
    kinds = [type(row).__name__ for row in rows]
    assert kinds[:2] == ["Visit", "DueWindow"]
    assert rows[0].kind == "consultation"  # type: ignore[union-attr]


def test_what_the_outbox_judges_looks_at_visits_of_the_same_kind_and_past_the_courses_end(
    house: House,
) -> None:
    house.set(Patient, house.cast.patient_id, calendar_by="invitations")
    consultation = house.book(at(FRIDAY, 9), kind="consultation")
    asked = select(Reminder.id).where(Reminder.kind == "time_to_book")
    (row,) = house.rows(asked)
    assert not house.look(lambda s: telling_of(s, row.id, house.now)).has_open_visit
    house.change(
        lambda s: courses.stop(s, house.cast.actor, house.cast.course_id, TODAY, "declined", house.now).id
    )
    told = select(Reminder.id, Reminder.state).where(Reminder.appointment_id == consultation)
    rows = house.rows(told.order_by(Reminder.id))
    assert {each.state for each in rows} == {"pending"}
    for each in rows:
        telling = house.look(lambda s, key=each.id: telling_of(s, key, house.now))
        assert telling.silenced is None
        assert telling.visit is not None
        assert telling.visit.kind == "consultation"
    assert house.look(lambda s: telling_of(s, row.id, house.now)).silenced == "course_stopped"


def test_a_changed_kind_is_told_by_invitation_alone(house: House) -> None:
    house.set(Patient, house.cast.patient_id, calendar_by="invitations")
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    house.change(lambda s: s.execute(update(Reminder).values(state="sent")).rowcount)
    change_kind(house, visit, "injection")
    told = select(Reminder.kind, Reminder.step).where(
        Reminder.appointment_id == visit, Reminder.state == "pending"
    )
    assert ("visit_booked", "invitation") in [tuple(row) for row in house.rows(told)]


def test_two_records_with_a_consultation_each_are_not_merged_until_one_is_cancelled(house: House) -> None:
    other = house.another_course()
    lose = house.course(other)["patient_id"]
    house.book(at(FRIDAY, 9), kind="consultation")
    second = house.book(at(FRIDAY, 11), kind="consultation", course_id=other)
    house.book(at(FRIDAY, 14), kind="follow_up", course_id=other)

    def merge() -> int:
        return house.change(
            lambda s: patient_merge.merge(s, house.cast.actor, house.cast.patient_id, lose, house.now).id
        )

    with pytest.raises(InvalidInput, match="both have a consultation booked"):
        merge()
    house.cancel(second)
    house.set(Course, other, consulted_on=TUESDAY)
    merge()
    assert house.course()["consulted_on"] == TUESDAY
    assert house.course(other)["consulted_on"] is None
