"""The last question put for several messages at once: each judged by itself, none twice to one patient or number."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from clinic_scheduler.db import db
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving
from clinic_scheduler.models import DeliveryAttempt, Message, Reminder
from clinic_scheduler.services.messaging import outbox
from clinic_scheduler.services.messaging.outbox_outcomes import Sent, record_sent
from tests.integration.outbox.world import VISIT, World, crowd, local, open_world, queued

SEVEN = local(date(2026, 11, 30), 10)
DUE = local(date(2026, 11, 24), 10)
NUMBER = "+16025550000"


def claimed(world: World, number: int) -> list[Claimed]:
    """So many messages in this worker's hands, the oldest first."""
    found = [world.change(lambda s: outbox.claim(s, world.clock.now())) for _ in range(number)]
    return [each for each in found if each is not None]


def address_of(world: World, each: Claimed) -> str:
    ((address,),) = world.read(select(Message.address).where(Message.id == each.message_id))
    return str(address)


def asked(world: World, mine: list[Claimed], channels: tuple[str, ...] = ("email", "sms")) -> list[bool]:
    leaving = [Leaving(each, address_of(world, each)) for each in mine]
    return world.change(lambda s: outbox.hand_over(s, leaving, world.clock.now(), channels))


@contextmanager
def statements_counted(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_each_is_judged_by_itself(app: Flask) -> None:
    world = open_world(app, people=4)
    for number in range(4):
        world.book(number, at=VISIT + timedelta(minutes=10 * number))
    mine = claimed(queued(world.at(SEVEN)), 4)
    world.cancel(2)
    world.set_patient(2, do_not_contact=True)
    assert asked(world, mine) == [True, False, False, True]
    assert world.read(select(Message.state, Message.maybe_sent, Message.reason).order_by(Message.id)) == [
        ("sending", True, None),
        ("suppressed", False, "cancelled"),
        ("suppressed", False, "do_not_contact"),
        ("sending", True, None),
    ]


def test_answers_come_in_the_order_of_the_questions(app: Flask) -> None:
    world = open_world(app, people=3)
    mine = claimed(queued(world.at(DUE)), 3)
    world.set_patient(0, do_not_contact=True)
    assert asked(world, [mine[2], mine[0], mine[1]]) == [True, False, True]


def test_two_texts_to_one_number_in_one_question_are_one(app: Flask) -> None:
    world = open_world(app, people=3)
    for number in range(3):
        world.set_patient(number, preferred_channel="sms", phone=NUMBER if number < 2 else "+16025550001")
        world.book(number, at=VISIT + timedelta(minutes=10 * number))
    mine = claimed(queued(world.at(SEVEN)), 3)
    assert asked(world, mine) == [True, False, True]
    assert [state for state, _, _ in world.messages()] == ["sending", "pending", "sending"]


def test_one_step_on_two_channels_in_one_question_is_told_once(app: Flask) -> None:
    """As it is where a reminder's first channel was tried and left in doubt, and its second opened meanwhile."""
    world = open_world(app)
    world.book()
    queued(world.at(SEVEN))
    (first,) = claimed(world, 1)
    world.change(lambda s: second_channel(s, first))
    (second,) = claimed(world, 1)
    assert asked(world, [first, second]) == [True, False]
    assert [reason for (reason,) in world.read(select(Message.reason).order_by(Message.id))] == [
        None,
        "already_told",
    ]


def second_channel(session, first: Claimed) -> None:  # type: ignore[no-untyped-def]
    """The same reminder's twin by text, its message waiting."""
    reminder = session.get_one(Reminder, first.reminder_id)
    values = {
        column.key: getattr(reminder, column.key)
        for column in Reminder.__table__.columns
        if column.key != "id"
    }
    values |= {"channel": "sms", "dedupe_key": reminder.dedupe_key.replace(":email:", ":sms:", 1)}
    twin = Reminder(**values)
    session.add(twin)
    session.flush()
    assert outbox.open_message(session, twin, "+16025550000", SEVEN, "clinic.example.org")


def test_a_bad_row_is_told_apart_from_the_good_ones(app: Flask) -> None:
    """The whole question fails, and is put again for each alone."""
    world = open_world(app, people=2)
    mine = claimed(queued(world.at(DUE)), 2)
    world.change(
        lambda s: s.execute(update(Reminder).where(Reminder.id == mine[0].reminder_id).values(kind="unheard"))
    )
    with pytest.raises(KeyError):
        asked(world, mine)
    assert [doubt for _, doubt, _ in world.messages()] == [False, False]
    assert asked(world, mine[1:]) == [True]


@pytest.mark.parametrize("several", [2, 8])
def test_several_are_asked_and_kept_in_as_many_statements_as_two(app: Flask, several: int) -> None:
    world = open_world(app)
    crowd(world, several - 1)
    mine = claimed(queued(world.at(DUE)), several)
    assert len(mine) == several
    leaving = [Leaving(each, address_of(world, each)) for each in mine]
    sent = [(each, Sent("q1", "accepted", "Subject", "Body", "smtp")) for each in mine]
    with statements_counted(app) as seen:
        world.change(lambda s: outbox.hand_over(s, leaving, DUE, ["email"]))
        world.change(lambda s: record_sent(s, sent, DUE))
    assert [state for state, _, _ in world.messages()] == ["sent"] * several
    assert len([each for each in seen if not each.startswith("BEGIN")]) == 8


def test_what_was_proved_before_keeps_its_first_record(app: Flask) -> None:
    world = open_world(app, people=2)
    mine = claimed(queued(world.at(DUE)), 2)
    first, later = (
        Sent("1", "accepted", "First", "Body", "smtp"),
        Sent("2", "accepted", "Later", "Body", "smtp"),
    )
    world.change(lambda s: record_sent(s, [(mine[0], first)], DUE))
    world.change(lambda s: record_sent(s, [(mine[0], later), (mine[1], later)], DUE + timedelta(minutes=1)))
    assert world.read(select(Message.subject, Message.provider_reference).order_by(Message.id)) == [
        ("First", "1"),
        ("Later", "2"),
    ]
    # Each try is on record all the same.
    assert len(world.read(select(DeliveryAttempt.id))) == 3
