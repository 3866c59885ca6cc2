"""Workers that are killed in the middle of sending, each forked from a process without a connection. No tests here.

Run as a program: DATABASE_URL, a folder, and how many workers to kill. The provider's log lands in the folder.
"""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flask import Flask

from clinic_scheduler import create_app
from clinic_scheduler.db import db
from clinic_scheduler.jobs.dispatch import dispatch, queue, send_next
from clinic_scheduler.jobs.reconcile import reconcile
from clinic_scheduler.jobs.tools import tools_of
from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt
from clinic_scheduler.services.outbox_rules import LEASE
from config import Config
from tests.integration.outbox.world import StandingClock, local

START = local(date(2026, 11, 24), 10)
PROVIDER_LOG = "provider.log"
STEPS = 9  # three a message, so the kill hits one of the first three
STEP = LEASE + timedelta(minutes=1)


@dataclass
class LoggingProvider:
    """Keeps the Message-ID of what it took in a file, as a provider's own log would, and is slow about it."""

    log: Path
    channel: str = "email"
    name: str = "logging"
    idempotent: bool = False
    progress: int | None = None  # a pipe's end, told of every step

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        self._step()
        if not hand_over():
            raise HandOverRefused
        self._step()
        line = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{envelope.message_id}\n".encode())
        os.close(line)
        self._step()
        return Receipt(None, "logged")

    def _step(self) -> None:
        if self.progress is not None:
            os.write(self.progress, b".")
            time.sleep(0.002)

    def close(self) -> None:
        """The file is closed after every line."""


def work(app: Flask, clock: StandingClock) -> None:
    tools = tools_of(app, clock=clock)
    with app.app_context():
        reconcile(tools)
        dispatch(tools)


def in_a_child(app: Flask, clock: StandingClock) -> int:
    """The process id of a worker that works until it is done or killed."""
    child = os.fork()
    if child:
        return child
    try:
        work(app, clock)
    finally:
        os._exit(0)


def warm_up(app: Flask) -> None:
    """Queue everything and send one, so that children begin to send at once; no connection is left to inherit."""
    tools = tools_of(app, clock=StandingClock(START))
    with app.app_context():
        while any(queue(tools).values()):
            pass
        send_next(tools)
        for engine in db.engines.values():
            engine.dispose()


def main(database_url: str, folder: Path, kills: int) -> None:
    """Workers killed at random moments, one after the other; then two at a time for what is left."""
    provider = LoggingProvider(folder / PROVIDER_LOG)
    app = create_app(Config.for_tests(database_url, folder), senders={"email": provider})
    warm_up(app)
    chance = random.Random(kills)
    for number in range(1, kills + 1):
        steps, provider.progress = os.pipe()
        victim = in_a_child(app, StandingClock(START + number * STEP))
        os.close(provider.progress)
        for _ in range(chance.randint(1, STEPS)):
            os.read(steps, 1)  # empty once the victim is done before its time
        time.sleep(chance.uniform(0, 0.004))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        os.close(steps)
    provider.progress = None
    for number in range(kills + 1, kills + 5):
        pair = [in_a_child(app, StandingClock(START + number * STEP)) for _ in range(2)]
        for child in pair:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
