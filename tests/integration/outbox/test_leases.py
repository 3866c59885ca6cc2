"""Leases of a worker that waits for a mail server: kept for as long as it lives, given up where they were lost."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, RENEWED_EVERY
from clinic_scheduler.jobs import group_commit
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.models import Clinic, Message, StaffNotice
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.senders.smtp import SmtpSender
from clinic_scheduler.services.messaging.staff_mail import NoticeText, claim_notice, write_notice
from tests.integration.outbox.world import (
    NOW,
    Interrupting,
    StandingClock,
    World,
    crowd,
    local,
    open_world,
    queued,
)
from tests.unit.senders.relay import Relay, running

DUE = local(date(2026, 11, 24), 10)
NINE_MINUTES = timedelta(minutes=9)
SECONDS = 60  # a limit for what does not happen


@pytest.fixture(autouse=True)
def looks_up_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands until a test moves it, so what hangs on it need not take its time."""
    monkeypatch.setattr(group_commit, "LOOKS_UP_EVERY", 0.01)


def other_worker(world: World) -> World:
    """On another host: its own clock and sender, the same database."""
    clock, mail = StandingClock(world.clock.instant), MemorySender("email")
    tools = replace(world.tools, clock=clock, senders={"email": mail}, stopping=lambda: False)
    return replace(world, tools=tools, clock=clock)


def nothing_for_others(world: World) -> None:
    """Whatever the others look for, they find nothing of it."""
    other = other_worker(world)
    assert not any(other.reconcile().values())
    assert not any(other.dispatch().values())


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.005)


def leased_until(world: World, lease: "type[Message] | type[StaffNotice]") -> list[object]:
    return [at for (at,) in world.read(select(lease.lease_until).where(lease.state == "sending"))]


def waited(
    world: World, lease: "type[Message] | type[StaffNotice]", length: timedelta = NINE_MINUTES
) -> None:
    """So long in the worker's life, looked at after each renewal."""
    end = world.clock.instant + length
    while world.clock.instant < end:
        now = world.at(world.clock.instant + RENEWED_EVERY).clock.instant
        until(lambda now=now: set(leased_until(world, lease)) == {now + LEASE})  # type: ignore[misc]
        nothing_for_others(world)


class SlowRelay(Relay):
    """A mail server that has the message at the dot, and says so after something else was done."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    async def act(self, server: SMTP, stage: str, usual: str) -> str:
        if stage == "END":
            await asyncio.get_running_loop().run_in_executor(None, self.meanwhile)
        return await super().act(server, stage, usual)


@contextmanager
def slow_server(world: World, meanwhile: Callable[[], None]) -> Iterator[SlowRelay]:
    """The world's mail goes to it."""
    with running(SlowRelay(meanwhile)) as relay:
        assert isinstance(relay, SlowRelay)
        sender = SmtpSender(
            "127.0.0.1",
            relay.port,
            from_address="clinic@example.org",
            security="none",
            local_hostname="c.example",
        )
        world.with_senders({"email": sender})
        yield relay


def test_a_server_that_answers_nine_minutes_after_the_dot_gets_the_message_once(world: World) -> None:
    with slow_server(world, lambda: waited(world, Message)) as relay:
        assert world.at(DUE).dispatch()["sent"] == 1
    assert world.clock.instant == DUE + NINE_MINUTES
    assert len(relay.received) == 1
    assert world.messages() == [("sent", False, 1)]
    assert world.attempts() == ["sent"]


def test_what_waits_behind_a_slow_message_is_kept_as_well(app: Flask) -> None:
    world = open_world(app)
    crowd(world, 3)
    slow = Interrupting(lambda: waited(world, Message, 2 * RENEWED_EVERY))
    queued(world.at(DUE))
    assert world.with_senders({"email": slow}).dispatch()["sent"] == 4
    assert len({envelope.to for envelope in slow.sent}) == 4
    assert world.messages() == [("sent", False, 1)] * 4


def notice(world: World) -> None:
    """At an hour when no patient is told anything."""
    world.at(NOW)
    text = NoticeText("What waits", "Three replies.")

    def write(session) -> bool:  # type: ignore[no-untyped-def]
        return write_notice(session, session.scalars(select(Clinic)).one(), "digest", "key", text, NOW)

    assert world.change(write)


def mailed_to_staff(world: World) -> dict[str, int]:
    with world.app.app_context():
        return dict(send_notices(world.tools))


def test_mail_to_staff_goes_once_to_a_slow_server_too(world: World) -> None:
    notice(world)
    with slow_server(world, lambda: waited(world, StaffNotice)) as relay:
        assert mailed_to_staff(world) == {"staff_sent": 1}
    assert len(relay.received) == 1


def taken_from(world: World) -> World:
    """Another worker, whose clock is ahead, takes up what seems left behind."""
    other = other_worker(world)
    other.at(world.clock.instant + LEASE * 2).reconcile()
    return other


def renewed(world: World) -> None:
    """The worker has looked after its leases once more."""
    asked: list[object] = []
    work = world.tools.work

    def noted():  # type: ignore[no-untyped-def]
        asked.append(1)
        return work()

    object.__setattr__(world.tools, "work", noted)
    world.at(world.clock.instant + RENEWED_EVERY)
    until(lambda: bool(asked))
    object.__setattr__(world.tools, "work", work)


def test_a_lease_lost_before_the_last_question_leaves_the_message_to_the_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def lose() -> None:
        assert taken_from(world).read(select(Message.state)) == [("pending",)]
        renewed(world)

    slow = Interrupting(lose)
    assert world.with_senders({"email": slow}).at(DUE).dispatch() == {"queued": 1, "turned_back": 1}
    assert slow.sent == []
    assert "its lease had run out" in caplog.text
    other = other_worker(world)
    assert other.at(world.clock.instant + LEASE * 3).dispatch()["sent"] == 1
    assert world.messages() == [("sent", False, 1)]


def test_a_lease_lost_after_the_dot_is_a_doubt_on_record_and_the_proof_still_counts(world: World) -> None:
    def lose() -> None:
        taken_from(world)
        renewed(world)
        assert world.messages() == [("pending", True, 1)]

    with slow_server(world, lose) as relay:
        world.at(DUE).dispatch()
    assert len(relay.received) == 1
    assert world.attempts() == ["ambiguous", "sent"]
    assert world.messages()[0][0] == "sent"
    nothing_for_others(world.at(DUE + timedelta(hours=1)))


def test_mail_to_staff_that_another_worker_has_by_now_is_left_to_it(world: World) -> None:
    notice(world)
    slow = Interrupting(lambda: world.change(lambda s: claim_notice(s, NOW + LEASE * 2)))
    assert mailed_to_staff(world.with_senders({"email": slow})) == {"staff_turned_back": 1}
    assert slow.sent == []
