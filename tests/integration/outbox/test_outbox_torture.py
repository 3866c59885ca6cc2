"""Cancelling, moving and opting out race the hand-over: what was committed before it began is never told.

TORTURE_ROUNDS asks for more rounds than a test run has time for.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, Claimed
from clinic_scheduler.models import Appointment, Consent, Message, Reminder
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents, outbox
from tests.integration.outbox.world import VISIT, World, local, open_world, queued

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "40"))
SEVEN = local(date(2026, 11, 30), 10)
ADDRESS = "peregrine0@example.org"


def opt_out(world: World) -> None:
    person, now = world.people[0], world.clock.now()
    world.change(
        lambda s: consents.withdraw(
            Change(s, world.actor, now), person, ["visits"], "email", "unsubscribe_link"
        )
    )


CHANGES: dict[str, Callable[[World], None]] = {
    "cancelled": lambda world: world.cancel(1),
    "moved": lambda world: world.move(1, VISIT + timedelta(days=1)),
    "opted_out": opt_out,
}


@pytest.fixture
def held(world: World) -> tuple[World, Claimed]:
    """A reminder of a visit in the hands of a worker that is about to ask."""
    world.book()
    queued(world.at(SEVEN))
    claimed = world.change(lambda s: outbox.claim(s, SEVEN))
    assert claimed is not None
    return world, claimed


def as_it_was(world: World, claimed: Claimed) -> None:
    held = {"state": "sending", "lease_token": claimed.token, "lease_until": SEVEN + LEASE}
    statements = (
        update(Message).values(**held, maybe_sent=False, reason=None),
        update(Reminder).where(Reminder.id == claimed.reminder_id).values(state="queued"),
        update(Appointment).values(
            state="booked",
            starts_at=VISIT,
            ends_at=VISIT + timedelta(minutes=5),
            local_date=date(2026, 12, 7),
        ),
        delete(Consent),
    )
    world.change(lambda s: [s.execute(statement) for statement in statements])


def race(world: World, claimed: Claimed, change: Callable[[World], None], rounds: int) -> Counter[str]:
    """How the rounds ended; "!" marks what must never be."""
    chance, tally = random.Random(rounds), Counter[str]()

    def changed() -> float:
        change(world)
        return time.monotonic()

    def asked(delay: float | None, changing: "Future[float]") -> tuple[float, bool]:
        """After a delay, or None: as soon as the change is committed."""
        if delay is None:
            changing.result()
        else:
            time.sleep(delay)
        began = time.monotonic()
        return began, world.hand_over(claimed, ADDRESS)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            as_it_was(world, claimed)
            changing = pool.submit(changed)
            asking = pool.submit(asked, chance.choice((None, 0, 0.005, 0.02)), changing)
            committed, (began, agreed) = changing.result(), asking.result()
            ((state, maybe_sent, reason),) = world.read(
                select(Message.state, Message.maybe_sent, Message.reason)
            )
            tally[_verdict(agreed, committed < began, state, maybe_sent, reason)] += 1
    return tally


def _verdict(agreed: bool, too_late: bool, state: str, maybe_sent: bool, reason: Any) -> str:
    if agreed and too_late:
        return "! handed over after the change"
    if agreed != maybe_sent:
        return "! the mark says otherwise"
    if agreed:
        return "told before" if state == "sending" else f"! told, then {state}"
    return "refused" if (state, bool(reason)) == ("suppressed", True) else f"! refused, then {state}"


@pytest.mark.parametrize("reason", CHANGES)
def test_what_changed_before_the_hand_over_is_never_told(held: tuple[World, Claimed], reason: str) -> None:
    tally = race(*held, CHANGES[reason], ROUNDS)
    assert not [ended for ended in tally if ended.startswith("!")], tally
    assert tally["refused"]


@pytest.mark.parametrize("reason", CHANGES)
def test_a_hand_over_that_does_not_ask_again_is_caught(
    held: tuple[World, Claimed], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "judge", lambda *_: None)
    tally = race(*held, CHANGES[reason], 12)
    assert tally["! handed over after the change"], tally


def test_two_texts_to_one_number_at_once_are_one(app: Flask) -> None:
    world = open_world(app, people=2)
    for number in range(2):
        world.set_patient(number, preferred_channel="sms", phone="+16025550000")
        world.book(number, at=VISIT + timedelta(minutes=10 * number))
    queued(world.at(SEVEN))
    claimed = [world.change(lambda s: outbox.claim(s, SEVEN)) for _ in range(2)]

    def ask(one: Any) -> bool:
        return world.hand_over(one, "+16025550000", channel="sms")

    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS // 4):
            for one in claimed:
                assert one is not None
                again = {"state": "sending", "lease_token": one.token, "lease_until": SEVEN + LEASE}
                values = update(Message).where(Message.id == one.message_id).values(**again, maybe_sent=False)
                world.change(lambda s, values=values: s.execute(values))
            assert sorted(pool.map(ask, claimed)) == [False, True]
