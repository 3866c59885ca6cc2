"""The other channel: tried in time where the first keeps refusing, and stopped where staff stopped the first."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Message, Patient, Reminder
from clinic_scheduler.senders.base import Envelope, HandOver, Receipt, SendError
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import message_actions
from clinic_scheduler.services.messaging.reminder_planning import replan_all
from tests.factories import ZONE
from tests.integration.outbox.world import World, local

SEVEN = local(date(2026, 11, 30), 10)
HOUR = timedelta(hours=1)


class Refusing:
    """A service that says `later` for ever."""

    name, idempotent = "refusing", False

    def __init__(self, channel: str = "email") -> None:
        self.channel, self.tries = channel, 0

    def send(self, _envelope: Envelope, _hand_over: HandOver) -> Receipt:
        self.tries += 1
        raise SendError("451 Try again later.", permanent=False)

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def texts(senders: dict[str, MemorySender]) -> MemorySender:
    return senders["sms"]


def told(world: World) -> list[tuple[Any, ...]]:
    return world.read(select(Message.channel, Message.state, Message.reason).order_by(Message.id))


def waits(world: World) -> tuple[int, str]:
    """The reminder of a week before the visit: (its id, its state)."""
    row = world.read(
        select(Reminder.id, Reminder.state).where(Reminder.step == "visit-7").order_by(Reminder.id)
    )[0]
    return row[0], row[1]


def stop(world: World, reminder_id: int) -> None:
    world.change(
        lambda s: message_actions.stop_planned(Change(s, world.actor, world.clock.now()), reminder_id)
    )


def prefer(world: World, channel: str) -> None:
    def change(session: Any) -> None:
        patient = session.get_one(Patient, world.people[0])
        patient.preferred_channel, patient.fallback_channel = channel, None
        replan_all(session, patient.id, world.clock.now(), SuppressionReason.PATIENT_EDITED, ZONE)

    world.change(change)


def test_an_address_refused_for_a_day_is_not_waited_for_alone(world: World, texts: MemorySender) -> None:
    refusing = Refusing()
    world.set_patient(fallback_channel="sms")
    world.book()
    world.with_senders({"email": refusing, "sms": texts})
    for hours in range(24):
        world.at(SEVEN + hours * HOUR).dispatch()
    assert texts.sent == []
    assert refusing.tries > 5
    for hours in range(24, 49):
        world.at(SEVEN + hours * HOUR).dispatch()
    assert len(texts.sent) == 1
    assert told(world) == [("email", "suppressed", "already_told"), ("sms", "sent", None)]
    tries = refusing.tries
    for hours in range(49, 96):
        world.at(SEVEN + hours * HOUR).dispatch()
    assert (len(texts.sent), refusing.tries) == (1, tries)


def test_where_time_is_short_half_of_it_is_patience_enough(world: World, texts: MemorySender) -> None:
    world.set_patient(fallback_channel="sms")
    visit = local(date(2026, 11, 25), 18)
    world.book(at=visit)
    world.with_senders({"email": Refusing(), "sms": texts})
    for hours in range(33):
        world.at(local(date(2026, 11, 24), 9) + hours * HOUR).dispatch()
    assert len(texts.sent) == 1
    assert visit - texts.sent[0].date == timedelta(hours=9)  # as early as may be texted that morning


def test_without_another_way_it_is_tried_to_its_end_and_the_desk_learns_it(world: World) -> None:
    world.book()
    world.with_senders({"email": Refusing()})
    for hours in range(24 * 8):
        world.at(SEVEN + hours * HOUR).dispatch()
        world.expire()
    assert ("email", "expired", "expired") in told(world)


def test_what_the_desk_stopped_is_told_on_no_other_channel(
    world: World, mail: MemorySender, texts: MemorySender
) -> None:
    world.book()
    reminder_id, _ = waits(world)
    stop(world, reminder_id)
    prefer(world, "sms")
    world.at(SEVEN).dispatch()
    prefer(world, "email")
    world.at(SEVEN + HOUR).dispatch()
    assert (mail.sent, texts.sent) == ([], [])


def test_a_stop_takes_along_what_waits_on_the_other_channel(world: World, texts: MemorySender) -> None:
    world.set_patient(fallback_channel="sms")
    world.book()
    world.with_senders({"email": Refusing(), "sms": Refusing("sms")})
    for hours in range(27):
        world.at(SEVEN + hours * HOUR).dispatch()
    waiting = world.read(select(Message.uid, Message.channel, Message.state).order_by(Message.id))
    assert [(channel, state) for _, channel, state in waiting] == [("email", "pending"), ("sms", "pending")]
    world.change(lambda s: message_actions.stop(Change(s, world.actor, world.clock.now()), waiting[0][0]))
    assert told(world) == [(channel, "suppressed", "stopped_by_staff") for channel in ("email", "sms")]
    world.with_senders({"email": Refusing(), "sms": texts})
    for hours in range(27, 72):
        world.at(SEVEN + hours * HOUR).dispatch()
    assert texts.sent == []


def test_what_is_let_go_after_all_may_go_either_way(world: World, mail: MemorySender) -> None:
    world.book()
    prefer(world, "sms")
    prefer(world, "email")
    on_mail = world.read(select(Reminder.id).where(Reminder.step == "visit-7", Reminder.channel == "email"))[
        0
    ][0]
    stop(world, on_mail)
    reasons = select(Reminder.channel, Reminder.suppressed_reason).where(Reminder.step == "visit-7")
    assert set(world.read(reasons)) == {("email", "stopped_by_staff"), ("sms", "stopped_by_staff")}
    world.change(lambda s: message_actions.let_go(Change(s, world.actor, world.clock.now()), on_mail))
    prefer(world, "email")  # a plan made anew leaves it as it is
    world.at(SEVEN).dispatch()
    assert len(mail.sent) == 1
