"""What is told, when, once, and what is not told and why: from a booking to the sender's hands."""

import re
from collections import Counter
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select, update

from clinic_scheduler.models import Appointment, Clinic, Course, Hold, Message, Patient, Reminder
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.courses import courses
from tests.integration.outbox.world import FAMILY_NAME, NOW, VISIT, World, local, open_world

SEVEN, THREE, ONE = local(date(2026, 11, 30), 10), local(date(2026, 12, 4), 10), local(date(2026, 12, 6), 10)


def test_a_booked_visit_is_told_of_seven_three_and_one_days_before(world: World, mail: MemorySender) -> None:
    world.book()
    subjects = []
    for due in (SEVEN, THREE, ONE):
        world.at(due - timedelta(seconds=1)).dispatch()
        before = len(mail.sent)
        world.at(due).dispatch()
        world.at(due + timedelta(seconds=3)).dispatch()
        assert len(mail.sent) == before + 1
        subjects.append(mail.sent[-1].subject)
    assert [state for _, state, _ in world.reminders() if state == "sent"] == ["sent"] * 3
    assert {envelope.to for envelope in mail.sent} == {"peregrine0@example.org"}
    assert len({envelope.message_id for envelope in mail.sent}) == 3
    assert not any(FAMILY_NAME in subject or "Peregrine" in subject for subject in subjects)


def test_a_visit_reminder_carries_the_visit_as_a_calendar_file(world: World, mail: MemorySender) -> None:
    visit = world.book()
    world.at(SEVEN).dispatch()
    (envelope,) = mail.sent
    (attachment,) = envelope.attachments
    ((uid,),) = world.read(select(Appointment.uid).where(Appointment.id == visit))
    assert uid.encode() in attachment.content.replace(b"\r\n ", b"")
    assert b"METHOD" not in attachment.content
    assert envelope.reply_to == "desk@example.org"


def test_what_was_sent_is_kept_as_sent(world: World, mail: MemorySender) -> None:
    world.book()
    world.at(SEVEN).dispatch()
    ((state, subject, body, sent_at, reference, message_id),) = world.read(
        select(
            Message.state,
            Message.subject,
            Message.body,
            Message.sent_at,
            Message.provider_reference,
            Message.message_id,
        )
    )
    assert (state, sent_at, reference) == ("sent", SEVEN, "memory-1")
    assert (subject, body) == (mail.sent[0].subject, mail.sent[0].text)
    assert re.fullmatch(r"<[\w-]{22}@clinic\.example\.org>", message_id)
    assert message_id == mail.sent[0].message_id
    assert world.attempts() == ["sent"]


def test_a_course_with_no_visit_is_told_to_book_once(world: World, mail: MemorySender) -> None:
    for hours in range(0, 96, 6):
        world.at(NOW + timedelta(hours=hours)).dispatch()
    assert [envelope.subject for envelope in mail.sent] == ["Time to book your next visit"]
    assert mail.sent[0].attachments == ()


PATIENTS = {
    "deceased": {"deceased_on": date(2026, 11, 25)},
    "do_not_contact": {"do_not_contact": True},
    "no_address": {"email": None},
}
COURSES = {"course_stopped": {"stopped_on": date(2026, 11, 25)}}
VISITS = {"arrived": {"state": "arrived"}, "moved": {}}


def test_reminders_overtaken_by_events_are_closed_with_the_reason(app: Flask, mail: MemorySender) -> None:
    """The rows alone are changed, as though the plan had been made before; one person for each reason."""
    reasons = [*PATIENTS, *COURSES, *VISITS, "on_hold"]
    world = open_world(app, people=len(reasons) + 1)
    for number, reason in enumerate([*reasons, "told"]):
        visit = world.book(number, at=VISIT + timedelta(minutes=10 * number))
        person = world.people[number]
        course = world.course_of[person]
        shift = {"starts_at": VISIT + timedelta(minutes=10 * number - 1)} if reason == "moved" else {}
        for statement in (
            update(Patient).where(Patient.id == person).values(PATIENTS.get(reason, {"weight_kg": None})),
            update(Course).where(Course.id == course).values(COURSES.get(reason, {"provider_id": None})),
            update(Appointment)
            .where(Appointment.id == visit)
            .values(VISITS.get(reason, {"cancel_reason": None}) | shift),
        ):
            world.change(lambda s, statement=statement: s.execute(statement))
        if reason == "on_hold":
            hold = Hold(patient_id=person, starts_on=date(2026, 11, 25), ends_on=None, reason="away")
            world.change(lambda s, hold=hold: s.add(hold))
    world.at(SEVEN).dispatch()
    closed = world.read(
        select(Reminder.suppressed_reason).where(Reminder.step == "visit-7").order_by(Reminder.patient_id)
    )
    assert closed == [(reason,) for reason in reasons] + [(None,)]
    assert [envelope.to for envelope in mail.sent] == [f"peregrine{len(reasons)}@example.org"]
    assert world.messages() == [("sent", False, 1)]


def test_without_a_sender_nothing_is_told_and_without_the_clinics_phone_the_words_do(
    world: World, mail: MemorySender
) -> None:
    world.book()
    world.with_senders({}).at(SEVEN).dispatch()
    assert ("visit-7", "suppressed", "no_sender") in world.reminders()
    world.change(lambda s: s.execute(update(Clinic).values(phone=" ")))
    world.with_senders({"email": mail}).at(THREE).dispatch()
    assert ["at the clinic." in envelope.text for envelope in mail.sent] == [True]


def test_time_to_book_is_not_told_once_a_visit_is_booked(world: World, mail: MemorySender) -> None:
    # The reminder is brought back by hand: planning would have closed it when the visit was booked.
    world.book()
    again = update(Reminder).where(Reminder.step == "time_to_book").values(state="pending")
    world.change(lambda s: s.execute(again))
    world.at(local(date(2026, 11, 24), 10)).dispatch()
    assert mail.sent == []
    assert ("time_to_book", "suppressed", "booked") in world.reminders()


def test_time_to_book_is_not_told_when_the_next_cycle_is_far_off(world: World, mail: MemorySender) -> None:
    world.change(lambda s: s.execute(update(Course).values(earliest_date=date(2027, 2, 20))))
    world.at(local(date(2026, 11, 24), 10)).dispatch()
    assert mail.sent == []
    assert ("time_to_book", "suppressed", "not_due") in world.reminders()


def test_nothing_is_told_in_quiet_hours_but_after_them(world: World, mail: MemorySender) -> None:
    evening = local(date(2026, 11, 24), 20)
    assert world.at(evening).dispatch() == {"quiet": 1}
    assert world.at(local(date(2026, 11, 25), 8, 59)).dispatch() == {}
    assert mail.sent == []
    world.at(local(date(2026, 11, 25), 9)).dispatch()
    assert len(mail.sent) == 1


def test_a_reminder_whose_time_is_over_after_the_quiet_hours_is_closed(
    world: World, mail: MemorySender
) -> None:
    early = local(date(2026, 12, 7), 8, 30)
    world.book(at=early)
    world.at(local(date(2026, 12, 7), 7)).dispatch()
    assert mail.sent == []
    assert ("visit-1", "suppressed", "expired") in world.reminders()


def test_after_an_outage_of_two_days_each_telling_in_time_is_sent_once_outside_quiet_hours(
    app: Flask, mail: MemorySender
) -> None:
    world = open_world(app, people=12)
    for person in range(12):
        world.book(person, at=VISIT + timedelta(hours=4 * person))
    hours: dict[str, int] = {}
    world.at(THREE - timedelta(hours=1)).dispatch()
    before = len(mail.sent)
    back_up = THREE + timedelta(days=2, hours=11, minutes=30)  # Sunday 21:30, the day before the visits
    for minutes in range(0, 60 * 24, 60):
        world.at(back_up + timedelta(minutes=minutes)).dispatch()
        for envelope in mail.sent[before:]:
            hours.setdefault(envelope.message_id, (world.clock.instant - timedelta(hours=8)).hour)
    assert all(9 <= hour < 20 for hour in hours.values())
    ids = [envelope.message_id for envelope in mail.sent]
    assert len(ids) == len(set(ids))
    # Of the two steps that fell into the outage one goes out, the later one.
    assert max(Counter(envelope.to for envelope in mail.sent[before:]).values()) == 1
    told_late = world.read(
        select(Message.sent_at, Appointment.starts_at)
        .join(Reminder, Reminder.id == Message.reminder_id)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
    )
    assert all(sent < starts for sent, starts in told_late if sent)
    owed = world.read(
        select(Reminder.state, Appointment.starts_at)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.step == "visit-1", Reminder.due_at < back_up + timedelta(days=1))
    )
    morning = local(date(2026, 12, 7), 9)
    assert owed
    assert all((state == "sent") == (starts > morning) for state, starts in owed)


def test_a_visit_that_took_place_during_an_outage_is_told_of_no_more(
    world: World, mail: MemorySender
) -> None:
    world.book()
    world.at(THREE).dispatch()
    before = len(mail.sent)
    world.at(VISIT + timedelta(minutes=1)).dispatch()
    world.at(VISIT + timedelta(days=1)).dispatch()
    assert len(mail.sent) == before
    assert ("visit-1", "suppressed", "expired") in world.reminders()


def test_a_closed_telling_planned_anew_goes_out(world: World, mail: MemorySender) -> None:
    (course_id,) = world.course_of.values()
    world.at(local(date(2026, 11, 24), 10)).with_senders({})
    world.dispatch()
    assert ("time_to_book", "suppressed", "no_sender") in world.reminders()
    world.with_senders({"email": mail})
    world.change(lambda s: courses.settle(s, s.get_one(Course, course_id), world.clock.now(), "released"))
    world.at(local(date(2026, 11, 25), 10)).dispatch()
    assert len(mail.sent) == 1
