"""Who is told on which channel: consent, texts' limits, the patient's own night, and the other channel."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.models import Clinic, Consent, Course, Message, Patient, Reminder, WorkItem
from clinic_scheduler.senders.base import SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from clinic_scheduler.services.messaging.reminder_planning import replan
from tests.integration.outbox.world import VISIT, Interrupting, World, local, open_world, queued

SEVEN = local(date(2026, 11, 30), 10)
ALL = ("visits", "booking", "follow_up")
NEVER = Failure(SendError("No such mailbox.", permanent=True))
PHONE = "+16025550000"


@pytest.fixture
def texts(senders: dict[str, MemorySender]) -> MemorySender:
    return senders["sms"]


def withdraw(world: World, channel: str, *purposes: str) -> None:
    person = world.people[0]
    world.change(
        lambda s: consents.withdraw(
            Change(s, world.actor, world.clock.now()), person, purposes, channel, "desk"
        )
    )


def items(world: World) -> list[tuple[Any, ...]]:
    return world.read(select(WorkItem.kind, WorkItem.dedupe_key).order_by(WorkItem.id))


def told(world: World) -> list[tuple[Any, ...]]:
    return world.read(select(Message.channel, Message.state, Message.reason).order_by(Message.id))


def test_nothing_goes_out_against_the_patients_word_and_the_desk_knows(
    world: World, mail: MemorySender
) -> None:
    world.book()
    withdraw(world, "email", "visits")
    world.at(SEVEN).dispatch()
    assert mail.sent == []
    assert ("visit-7", "suppressed", "opted_out") in world.reminders()
    ((kind, key),) = items(world)
    assert (kind, key.split(":")[0], "visit-7" in key) == ("no_way_to_reach", "no-way", True)


def test_another_purpose_or_channel_is_not_meant(world: World, mail: MemorySender) -> None:
    world.book()
    withdraw(world, "email", "booking")
    withdraw(world, "sms", *ALL)
    world.at(SEVEN).dispatch()
    assert len(mail.sent) == 1


def test_a_withdrawal_closes_what_waits_at_once_and_at_the_hand_over(
    world: World, mail: MemorySender
) -> None:
    world.book()
    queued(world.at(SEVEN))
    withdraw(world, "email", "visits")
    assert told(world) == [("email", "suppressed", "opted_out")]
    assert world.attempts() == ["refused"]


def test_a_withdrawal_between_connecting_and_the_hand_over_stops_it(world: World) -> None:
    world.book()
    sender = Interrupting(lambda: withdraw(world, "email", "visits"))
    world.with_senders({"email": sender}).at(SEVEN).dispatch()
    assert sender.sent == []
    assert told(world) == [("email", "suppressed", "opted_out")]


def test_what_may_have_been_sent_is_not_closed_as_untold_by_a_withdrawal(
    world: World, mail: MemorySender
) -> None:
    world.book()
    unclear = SendError("No clear answer.", permanent=False, ambiguous=True)
    mail.fail_next(Failure(unclear, after_hand_over=True))
    world.set_patient(fallback_channel="sms")
    world.at(SEVEN).dispatch()
    withdraw(world, "email", "visits")
    assert told(world) == [("email", "uncertain", "perhaps sent; then opted_out")]
    assert [kind for kind, _ in items(world)] == ["uncertain"]


REASONS = {"opted_out": {}, "no_address": {"email": None}, "failed": {}}


@pytest.mark.parametrize("why", REASONS)
def test_the_second_channel_takes_over_once(
    world: World, mail: MemorySender, texts: MemorySender, why: str
) -> None:
    world.book()
    world.set_patient(fallback_channel="sms", **REASONS[why])
    if why == "opted_out":
        withdraw(world, "email", *ALL)
    mail.fail_next(NEVER)
    world.at(SEVEN).dispatch()
    world.dispatch()
    assert [envelope.to for envelope in texts.sent] == [PHONE]
    assert [kind for kind, _ in items(world)] == (["not_delivered"] if why == "failed" else [])
    keys = [key for (key,) in world.read(select(Reminder.dedupe_key).where(Reminder.step == "visit-7"))]
    assert len({key.replace(":sms:", ":email:") for key in keys}) == 1
    # Planning anew, as any change to the course does, leaves what was told alone.
    world.change(lambda s: replan(s, s.get_one(Course, 1), world.clock.now(), "edited"))
    world.at(SEVEN + timedelta(hours=1)).dispatch()
    assert len(texts.sent) == 1


def test_the_second_channel_waits_for_the_morning_through_a_new_plan(
    world: World, mail: MemorySender, texts: MemorySender
) -> None:
    world.book()
    world.set_patient(fallback_channel="sms", email=None)
    world.at(local(date(2026, 11, 30), 21)).dispatch()
    world.change(lambda s: replan(s, s.get_one(Course, 1), world.clock.now(), "edited"))
    assert texts.sent == []
    world.at(local(date(2026, 12, 1), 9)).dispatch()
    assert len(texts.sent) == 1


def test_without_consent_on_the_second_channel_the_desk_is_asked(world: World, texts: MemorySender) -> None:
    world.book()
    world.set_patient(fallback_channel="sms", email=None)
    withdraw(world, "sms", *ALL)
    world.at(SEVEN).dispatch()
    assert texts.sent == []
    assert [kind for kind, _ in items(world)] == ["no_way_to_reach"]


def test_a_step_told_on_one_channel_is_not_told_on_the_other(
    world: World, mail: MemorySender, texts: MemorySender
) -> None:
    world.book()
    world.at(SEVEN).dispatch()
    assert len(mail.sent) == 1

    def again_by_text(session: Any) -> None:
        row = session.scalars(select(Reminder).where(Reminder.step == "visit-7")).one()
        values = {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key != "id"}
        own = {"channel": "sms", "state": "pending", "dedupe_key": row.dedupe_key.replace("email", "sms")}
        session.add(Reminder(**(values | own)))

    world.change(again_by_text)
    world.dispatch()
    assert texts.sent == []
    assert ("visit-7", "suppressed", "already_told") in world.reminders()


def by_text(app: Flask, people: int) -> World:
    """Everybody wants texts at one number, and has a visit at much the same time."""
    world = open_world(app, people=people)
    for number in range(people):
        world.set_patient(number, preferred_channel="sms", phone=PHONE)
        world.book(number, at=VISIT + timedelta(minutes=10 * number))
    return world


def test_a_number_gets_one_text_a_day_and_three_a_week(app: Flask, texts: MemorySender) -> None:
    world = by_text(app, 6)
    days = []
    for hours in range(0, 24 * 7, 3):
        world.at(SEVEN + timedelta(hours=hours)).dispatch()
        days += [world.clock.now().date()] * (len(texts.sent) - len(days))
    assert len(days) == len(set(days)) == 3
    world.at(VISIT + timedelta(hours=2)).dispatch()
    closed = {reason for _, state, reason in world.reminders() if state == "suppressed"}
    assert closed & {"too_many_texts", "expired"}
    assert "no_way_to_reach" in {kind for kind, _ in items(world)}


def test_a_text_that_may_have_gone_counts(app: Flask, texts: MemorySender) -> None:
    world = by_text(app, 2)
    unclear = SendError("No clear answer.", permanent=False, ambiguous=True)
    texts.fail_next(Failure(unclear, after_hand_over=True, delivered=True))
    world.at(SEVEN).dispatch()
    assert len(texts.sent) == 1
    assert sorted(state for state, _, _ in world.messages()) == ["pending", "pending"]


def test_quiet_hours_are_the_patients_own(world: World, mail: MemorySender) -> None:
    world.book()
    world.set_patient(zone="America/New_York")
    world.at(local(date(2026, 11, 30), 18)).dispatch()  # 21:00 in New York
    assert mail.sent == []
    world.at(local(date(2026, 12, 1), 5, 59)).dispatch()
    assert mail.sent == []
    world.at(local(date(2026, 12, 1), 6)).dispatch()
    assert len(mail.sent) == 1


def test_a_calendar_link_goes_to_a_patient_without_a_course(world: World, mail: MemorySender) -> None:
    """It is judged like any other notification; its words are another room's."""

    def ask(session: Any) -> Any:
        person = session.get_one(Patient, world.people[0])
        clinic = session.scalars(select(Clinic)).one()
        row = Reminder(
            clinic_id=clinic.id,
            patient_id=person.id,
            course_id=None,
            kind="calendar_link",
            step="calendar_link",
            channel="email",
            dedupe_key="9:calendar_link:email:1",
            due_at=world.clock.now(),
            expires_at=VISIT,
            created_at=world.clock.now(),
            updated_at=world.clock.now(),
        )
        session.add(row)
        session.flush()
        return notification_of(session, row.id, world.clock.now())

    notification = world.change(ask)
    assert (notification.purpose, notification.silenced, notification.holds) == ("visits", None, ())
    world.set_patient(do_not_contact=True)
    reminder = select(Reminder.id).where(Reminder.kind == "calendar_link")
    ((key,),) = world.read(reminder)
    assert world.change(lambda s: notification_of(s, key, VISIT)).silenced == "do_not_contact"


def test_statements_are_only_added_and_told_in_the_record(world: World) -> None:
    for _ in range(2):
        withdraw(world, "email", "visits")
    person = world.people[0]
    world.change(
        lambda s: consents.give(
            Change(s, world.actor, world.clock.now()), person, ["visits"], "email", "paper"
        )
    )
    rows = world.read(select(Consent.given, Consent.how).order_by(Consent.id))
    assert rows == [(False, "desk"), (True, "paper")]
