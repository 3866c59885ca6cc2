"""Visits of three kinds beside each other: booked, told of, as long as their kind, and changed into one another."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.models import Appointment, Course, Patient, Reminder, Treatment
from clinic_scheduler.queries.calendars.rows import patient_feed_rows
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from clinic_scheduler.services.patients import merging
from clinic_scheduler.services.treatments import voiding
from clinic_scheduler.services.visits import appointments
from tests import factories
from tests.integration.house import TODAY, House, at
from tests.integration.kinds import FRIDAY, TUESDAY, change_kind, desk_of, lapse, provider_of, set_length


def test_a_course_has_one_open_visit_of_each_kind(house: House) -> None:
    house.book(at(FRIDAY, 9))
    house.book(at(FRIDAY, 10), kind="consultation")
    house.book(at(FRIDAY, 11), kind="follow_up")
    with pytest.raises(BookingRefused, match="already has a consultation on 27-Nov-2026 at 10:00"):
        house.book(at(FRIDAY, 14), kind="consultation")
    with pytest.raises(InvalidInput, match="kind is one of"):
        house.book(at(FRIDAY, 15), kind="chat")
    assert house.course()["booked_on"] == FRIDAY


def test_a_consultation_becomes_an_injection_only_past_the_guard(house: House) -> None:
    lapse(house)
    visit = house.book(at(FRIDAY, 9), kind="consultation")
    before = house.row(Appointment, visit)
    with pytest.raises(BookingRefused, match="Nothing was changed") as refused:
        change_kind(house, visit, "injection")
    assert refused.value.rule == "consultation_needed"
    assert house.row(Appointment, visit) == before
    late = factories.override("late", "patient_wish")
    names = (factories.override("consultation_needed", "other", "Seen by telephone"), late)
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
    visit = house.book(at(date(2026, 12, 7), 9), overrides=(factories.override("late", "patient_wish"),))
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
    house.change(lambda s: voiding.void(Change(s, provider, house.now), first, "wrong_patient").id)
    assert house.row(Appointment, injection)["state"] == "fulfilled", "the other part was given"
    house.change(lambda s: voiding.undo_void(Change(s, provider, house.now), first).id)
    assert house.row(Treatment, first)["appointment_id"] == injection
    house.later(minutes=1)
    for key in (first, second):
        house.change(lambda s, key=key: voiding.void(Change(s, provider, house.now), key, "wrong_patient").id)
    assert house.row(Appointment, injection)["state"] == "booked"


def test_reminders_of_each_kind_name_their_own_visit(house: House) -> None:
    injection = house.book(at(date(2026, 12, 7), 9), overrides=(factories.override("late", "patient_wish"),))
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
    house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), visit).id)
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
    assert not house.look(lambda s: notification_of(s, row.id, house.now)).has_open_visit
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "declined").id
        )
    )
    told = select(Reminder.id, Reminder.state).where(Reminder.appointment_id == consultation)
    rows = house.rows(told.order_by(Reminder.id))
    assert {each.state for each in rows} == {"pending"}
    for each in rows:
        notification = house.look(lambda s, key=each.id: notification_of(s, key, house.now))
        assert notification.silenced is None
        assert notification.visit is not None
        assert notification.visit.kind == "consultation"
    assert house.look(lambda s: notification_of(s, row.id, house.now)).silenced == "course_stopped"


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
            lambda s: merging.merge(Change(s, house.cast.actor, house.now), house.cast.patient_id, lose).id
        )

    with pytest.raises(InvalidInput, match="both have a consultation booked"):
        merge()
    house.cancel(second)
    house.set(Course, other, consulted_on=TUESDAY)
    merge()
    assert house.course()["consulted_on"] == TUESDAY
    assert house.course(other)["consulted_on"] is None
