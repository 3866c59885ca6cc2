"""A storm over the outbox: workers killed and replaced at random moments, then each message's fate. No tests here.

Every worker is a process forked from one without a connection. Run as a program it has one storm and prints its
tally: DATABASE_URL, a folder, provider, messages, kills and, if wanted, the name of a mutant.
"""

import fcntl
import json
import os
import random
import signal
import sys
import termios
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.messaging.dispatch_rules import LEASE
from clinic_scheduler.jobs import dispatch as dispatching
from clinic_scheduler.jobs.context import Tools, tools_of
from clinic_scheduler.jobs.dispatch import dispatch, queue, send_next
from clinic_scheduler.jobs.reconcile import reconcile
from clinic_scheduler.models import DeliveryAttempt, Message
from clinic_scheduler.services.messaging import outbox
from tests import databases
from tests.integration.outbox.providers import PROVIDERS, LoggingProvider, LookUpProvider
from tests.integration.outbox.world import StandingClock, crowd, local, open_world

FIRST_DAY = date(2026, 11, 24)
START = local(FIRST_DAY, 10)
PROVIDER_LOG = "provider.log"
STEP = LEASE + timedelta(minutes=1)
STEPS_A_DAY = 50  # from ten in the morning until before the quiet hours
WORKERS = 6
ROUNDS_TO_THE_END = 30
OPEN = ("pending", "sending")
PEEK = os.WEXITED | os.WNOHANG | os.WNOWAIT


# --- mutants ----------------------------------------------------------------------------------------------


def _leased_without_doubt(message: Message, now: datetime) -> Any:
    message.maybe_sent = False
    return _LEASED(message, now)


def _handed_over_without_mark(session: Any, leaving: Any, *others: Any) -> list[bool]:
    agreed = _HAND_OVER(session, leaving, *others)
    for one, allowed in zip(leaving, agreed, strict=True):
        if allowed:
            session.get_one(Message, one.claimed.message_id).maybe_sent = one.claimed.doubtful
    return agreed


_LEASED, _HAND_OVER = outbox._leased, outbox.hand_over
MUTANTS = {
    "forgets-doubt": (outbox, "_leased", _leased_without_doubt),
    "never-marks": (outbox, "hand_over", _handed_over_without_mark),
}
"""Faults put in on purpose: a claim that clears the mark of an earlier try, a hand-over that leaves none."""
CAUGHT_BY = {"forgets-doubt": "look-up", "never-marks": "plain"}
"""With which provider a mutant does its harm."""


# --- the storm --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Storm:
    provider: str
    messages: int
    kills: int
    mutant: str | None = None


@dataclass(frozen=True)
class Tally:
    """`lost`: untold and no doubt on record; `doubled`: told twice and no doubt on record, or none allowed.

    `marked`: messages with a doubt on record; `twice`: told once more than once, each with such a doubt or counted
    as doubled. `kills` are those that hit a worker at work.
    """

    messages: int
    kills: int
    taken: int
    lost: int
    doubled: int
    marked: int
    twice: int
    stuck: int
    retries: int
    seconds: float

    @property
    def twice_a_kill(self) -> float:
        return round(self.twice / max(self.kills, 1), 2)

    @property
    def breached(self) -> bool:
        return bool(self.lost or self.doubled or self.stuck)


@dataclass(frozen=True)
class Site:
    """What every worker is forked with."""

    app: Flask
    tools: Tools
    provider: LoggingProvider


class Pace:
    """A pipe of permissions: all workers together take so many steps between two kills, fast machine or slow."""

    def __init__(self, storm: Storm, provider: LoggingProvider) -> None:
        self.taking, self._giving = os.pipe()
        self._ahead = provider.ahead
        # Six tenths of the messages go out under fire; the rest is there to be worked on until the last kill.
        self.steps = max(1, round(0.6 * provider.steps * storm.messages / storm.kills))

    def give_until_taken(self, steps: int, victim: int) -> None:
        """Waits for nothing more once the victim has nothing left to do."""
        os.write(self._giving, b"." * (steps + self._ahead - _waiting_in(self.taking)))
        while _waiting_in(self.taking) > self._ahead and not os.waitid(os.P_PID, victim, PEEK):
            time.sleep(0.001)

    def close(self) -> None:
        os.close(self.taking)
        os.close(self._giving)


def _waiting_in(pipe: int) -> int:
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def rage(site: Site, storm: Storm) -> int:
    """Epochs: workers killed and replaced, then all killed, then time moves on. Returns how many kills hit."""
    chance, pace, hits = random.Random(storm.kills), Pace(storm, site.provider), 0

    def kill(workers: list[int]) -> bool:
        victim = workers.pop(chance.randrange(len(workers)))
        pace.give_until_taken(chance.randint(0, 2 * pace.steps), victim)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(victim, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(victim, 0)[1])

    for epoch in range(storm.kills):
        workers = [_started(site, epoch, pace.taking) for _ in range(WORKERS)]
        for _ in range(WORKERS):
            hits += kill(workers)
            workers.append(_started(site, epoch, pace.taking))
        hits += sum(kill(workers) for _ in range(WORKERS))
        if hits >= storm.kills or not _left(site):
            break
    pace.close()
    _to_the_end(site, epoch + 1)
    return hits


def _to_the_end(site: Site, epoch: int) -> None:
    for late in range(epoch, epoch + ROUNDS_TO_THE_END):
        for worker in [_started(site, late) for _ in range(WORKERS)]:
            os.waitpid(worker, 0)
        if not _left(site):
            return


def _left(site: Site) -> int:
    with _without_connections(site.app):
        return db.session().scalar(select(func.count()).where(Message.state.in_(OPEN))) or 0


def _started(site: Site, epoch: int, pace: int | None = None) -> int:
    """The process id of a worker that works until it is done or killed."""
    child = os.fork()
    if child:
        return child
    try:
        site.provider.pace = pace
        days, steps_of_day = divmod(epoch, STEPS_A_DAY)
        now = StandingClock(START + timedelta(days) + steps_of_day * STEP)
        with site.app.app_context():
            reconcile(replace(site.tools, clock=now))
            dispatch(replace(site.tools, clock=now))
    finally:
        os._exit(0)


@contextmanager
def _without_connections(app: Flask) -> Iterator[None]:
    """An application context after which no connection is left that a child could inherit."""
    with app.app_context():
        yield
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _prepared(app: Flask, provider: LoggingProvider, messages: int) -> Site:
    """Everything queued and one message sent, so that children find templates and statements compiled."""
    crowd(open_world(app), messages - 1)
    tools = tools_of(app, clock=StandingClock(START))
    with _without_connections(app):
        while any(queue(tools).values()):
            pass
        reconcile(tools)
        send_next(tools)
    return Site(app, tools, provider)


def _tally(site: Site, kills: int, seconds: float) -> Tally:
    taken = Counter(site.provider.taken())
    with _without_connections(site.app), unit_of_work() as session:
        rows = session.execute(select(Message.message_id, Message.state, Message.maybe_sent)).all()
        unclear = select(Message.message_id).join(DeliveryAttempt, DeliveryAttempt.message_id == Message.id)
        doubts = set(session.scalars(unclear.where(DeliveryAttempt.outcome == "ambiguous")))
        retries = session.scalar(select(func.count()).where(DeliveryAttempt.outcome == "retry")) or 0
    marked = doubts | {id_ for id_, state, maybe_sent in rows if maybe_sent or state == "uncertain"}
    excused: set[str] = set() if isinstance(site.provider, LookUpProvider) else marked
    return Tally(
        messages=len(rows),
        kills=kills,
        taken=taken.total(),
        # What is called sent must have been taken, whatever doubts there were before.
        lost=sum(
            not taken[id_] and state not in OPEN and (state == "sent" or id_ not in excused)
            for id_, state, _ in rows
        ),
        doubled=sum(times > 1 and id_ not in excused for id_, times in taken.items()),
        marked=len(marked),
        twice=sum(times - 1 for times in taken.values()),
        stuck=sum(state in OPEN for _, state, _ in rows),
        retries=retries,
        seconds=round(seconds, 1),
    )


def run(database_url: str, folder: Path, storm: Storm) -> Tally:
    """One storm in an empty, migrated database. The provider's log lands in the folder."""
    with ExitStack() as stack:
        provider = stack.enter_context(PROVIDERS[storm.provider](folder / PROVIDER_LOG))
        app = stack.enter_context(databases.opened(database_url, folder, senders={"email": provider}))
        site = _prepared(app, provider, storm.messages)
        # Few messages claimed at a time, so that a small storm does not run out of them between two kills.
        few = min(dispatching.CLAIMED, max(1, storm.messages // 60))
        stack.enter_context(mock.patch.object(dispatching, "CLAIMED", few))
        if storm.mutant:
            stack.enter_context(mock.patch.object(*MUTANTS[storm.mutant]))
        began = time.monotonic()
        kills = rage(site, storm)
        return _tally(site, kills, time.monotonic() - began)


def main(database_url: str, folder: str, provider: str, messages: str, kills: str, *mutant: str) -> None:
    tally = run(database_url, Path(folder), Storm(provider, int(messages), int(kills), *mutant))
    json.dump(asdict(tally), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
