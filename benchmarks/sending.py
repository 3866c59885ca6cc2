"""How fast reminders leave with every check in place, against a bare smtplib loop: `python -m benchmarks.sending`.

Both send to the same sink in the same run, over as many connections. `--database` takes an address of an empty
PostgreSQL database; without it, a SQLite file is used. Status 1 if a ratio is under its limit.
"""

import argparse
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler import create_app
from clinic_scheduler.db import db
from clinic_scheduler.jobs.dispatch import LANES, dispatch, queue
from clinic_scheduler.jobs.tools import tools_of
from clinic_scheduler.models import Message
from clinic_scheduler.senders.memory import MemorySender
from config import Config
from tests.integration.outbox.world import StandingClock, World, crowd, local, open_world

LIMIT = 0.5
START = local(date(2026, 11, 24), 10)


@dataclass
class Sink:
    """The mail server's process."""

    process: "subprocess.Popen[str]"
    port: int

    def taken(self) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def sink() -> Iterator[Sink]:
    command = [sys.executable, "-m", "benchmarks._smtp_sink"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield Sink(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(5)


def bare(port: int, number: int, connections: int, content: bytes) -> float:
    """Messages a second of smtplib alone, the content made beforehand."""

    def send(share: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "bench.example.org") as server:
            for _ in range(share):
                server.sendmail("clinic@example.org", ["pat@example.org"], content)

    threads = [threading.Thread(target=send, args=(number // connections,)) for _ in range(connections)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number / (perf_counter() - started)


def work(database_url: str, port: int, folder: Path) -> None:
    """One worker's process: says that it is ready, waits for the word, sends all there is."""
    app = application(database_url, folder, port)
    with app.app_context():
        tools = tools_of(app, clock=StandingClock(START))
        db.session.execute(select(1))
        db.session.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        started = perf_counter()
        counts = dispatch(tools)
        print(counts.get("sent", 0), perf_counter() - started, flush=True)


def application(database_url: str, folder: Path, port: int) -> Flask:
    settings = Config.for_tests(
        database_url,
        folder,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        mail_from="clinic@example.org",
        log_level="ERROR",
    )
    return create_app(settings)


def rate_of_workers(database_url: str, folder: Path, port: int, workers: int, number: int) -> float:
    """Messages a second, from the word to the last worker's end."""
    command = [sys.executable, "-m", "benchmarks.sending", "--work", database_url, str(port), str(folder)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    started = perf_counter()
    said = (
        [process.communicate("\n")[0].split() for process in processes] if workers == 1 else _all(processes)
    )
    seconds = perf_counter() - started
    sent = sum(int(each[0]) for each in said)
    assert sent == number, f"{sent} of {number} were sent"
    return number / (max(float(each[1]) for each in said) if workers == 1 else seconds)


def _all(processes: "list[subprocess.Popen[str]]") -> list[list[str]]:
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate()[0].split() for process in processes]


def fill(database_url: str, folder: Path, number: int) -> World:
    """So many messages in the outbox, each to somebody else, waiting to be claimed."""
    app = create_app(
        Config.for_tests(database_url, folder, log_level="ERROR"), senders={"email": MemorySender("email")}
    )
    with app.app_context():
        flask_migrate.upgrade(str(ROOT / "migrations"))
    world = open_world(app).at(START)
    crowd(world, number - 1)
    with app.app_context():
        while any(queue(world.tools).values()):
            pass
        for engine in db.engines.values():
            engine.dispose()
    return world


def measure(database_url: str, folder: Path, number: int) -> bool:
    """One database's figures. The messages are put back between the runs."""
    world = fill(database_url, folder, number)
    with sink() as far_end:
        content = sample(folder)
        loops = [bare(far_end.port, number, LANES, content) for _ in range(3)]
        assert far_end.taken() == 3 * (number // LANES) * LANES
        rates = []
        for workers in (1, 1, 1, 2):
            rates.append(rate_of_workers(database_url, folder, far_end.port, workers, number))
            assert far_end.taken() == number
            again(world)
    best, one, two = max(loops), max(rates[:3]), rates[3]
    print(f"bare smtplib, {LANES} connections   {best:8.0f} messages/s")
    ratio = one / best
    print(f"one worker                     {one:8.0f} messages/s = {ratio:.2f} of it, at least {LIMIT}")
    print(f"two workers                    {two:8.0f} messages/s = {two / one:.2f} of one")
    return ratio >= LIMIT


def again(world: World) -> None:
    """Everything unsent once more."""
    with world.app.app_context():
        with db.engine.begin() as connection:
            connection.execute(Message.__table__.update().values(state="pending", maybe_sent=False))
        for engine in db.engines.values():
            engine.dispose()


def sample(folder: Path) -> bytes:
    """What a reminder weighs, roughly: text and HTML."""
    from clinic_scheduler.senders.base import Envelope
    from clinic_scheduler.senders.mime import outgoing

    text = "Hello Pat,\n\n" + "It is time to book your next visit.\n" * 20
    envelope = Envelope(
        channel="email",
        to="pat@example.org",
        message_id="<1@example.org>",
        date=START,
        subject="Time to book",
        text=text,
        html=f"<p>{text}</p>" * 2,
    )
    return outgoing(envelope, "clinic@example.org").content


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        address, port, folder = options.work
        work(address, int(port), Path(folder))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="sending-", dir=os.environ.get("BENCH_DIR")))
    try:
        return (
            0
            if measure(options.database or f"sqlite:///{folder / 'clinic.db'}", folder, options.messages)
            else 1
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
