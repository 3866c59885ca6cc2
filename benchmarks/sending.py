"""How fast reminders leave with every check in place, against a bare smtplib loop: `python -m benchmarks.sending`.

On both databases, or on the one that `--database` names by the address of an empty PostgreSQL database. First as
fast as can be: both send to the same sink in the same run, over as many connections. The limit is on the ratio to a
loop that makes each message as it goes, as whoever sends must; the ratio to one that has them ready is shown too.
Then to a sink that takes a while for each message, as mail servers do, so that neither it nor this machine's
processors set the pace: two workers against one.
"""

import argparse
import os
import smtplib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import flask_migrate
from flask import Flask
from sqlalchemy import select, update

from clinic_scheduler import create_app
from clinic_scheduler.db import db
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import SENDER_THREADS, dispatch, queue
from clinic_scheduler.models import Message
from clinic_scheduler.senders.memory import MemorySender
from config import Config
from tests import databases
from tests.integration.outbox.world import StandingClock, World, crowd, local, open_world

ROOT = Path(__file__).resolve().parents[1]
LIMIT, TWO_WORKERS = 0.5, 1.8
ROUNDS = 3
# A quick mail server's; most take longer.
SLOW_MS = 40
START = local(date(2026, 11, 24), 10)


@dataclass
class Sink:
    """The mail server's process."""

    process: "subprocess.Popen[str]"
    port: int

    def taken(self) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def sink(milliseconds: int = 0) -> Iterator[Sink]:
    command = [sys.executable, "-m", "benchmarks._smtp_sink", str(milliseconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield Sink(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(5)


def bare(port: int, number: int, connections: int, writes: bool) -> float:
    """Messages a second of smtplib alone; `writes`: it also makes each message, from the same words."""
    ready = sample().as_bytes(policy=SMTP)

    def send(share: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "bench.example.org") as server:
            for _ in range(share):
                if writes:
                    server.send_message(sample())
                else:
                    server.sendmail("clinic@example.org", ["pat@example.org"], ready)

    threads = [threading.Thread(target=send, args=(number // connections,)) for _ in range(connections)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number / (perf_counter() - started)


def sample() -> EmailMessage:
    """What a call to book weighs: some lines of text and the same as HTML."""
    message = EmailMessage()
    message["From"], message["To"] = "clinic@example.org", "pat@example.org"
    message["Subject"], message["Message-ID"] = "Time to book your next visit", "<1@example.org>"
    message.set_content("It is time to book your next visit.\n" * 20)
    message.add_alternative("<p>It is time to book your next visit.</p>\n" * 40, subtype="html")
    return message


def work(database_url: str, port: int, folder: Path) -> None:
    """One worker's process: says that it is ready, waits for the word, sends all there is."""
    app = application(database_url, folder, port)
    with app.app_context():
        tools = tools_of(app, clock=StandingClock(START))
        db.session.execute(select(1))
        db.session.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        sent = 0
        while round_ := dispatch(tools).get("sent", 0):
            sent += round_
        print(sent, flush=True)


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
    """Messages a second, from the word to when the last worker is done."""
    command = [sys.executable, "-m", "benchmarks.sending", "--work", database_url, str(port), str(folder)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    pipes = [(process.stdin, process.stdout) for process in processes]
    for _, said in pipes:
        assert said and said.readline() == "ready\n"  # noqa: PT018
    started = perf_counter()
    for word, _ in pipes:
        assert word
        word.write("\n")
        word.flush()
    sent = sum(int(said.readline()) for _, said in pipes if said)
    seconds = perf_counter() - started
    for process in processes:
        process.communicate()
    assert sent == number, f"{sent} of {number} were sent"
    return number / seconds


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
    """One database's figures, the best of each. The messages are put back between the runs."""
    world = fill(database_url, folder, number)
    rates: dict[str, list[float]] = {"ready": [], "writes": [], "1": [], "2": [], "slow 1": [], "slow 2": []}
    with sink() as quick, sink(SLOW_MS) as slow:
        for _ in range(ROUNDS):
            for name, writes in (("ready", False), ("writes", True)):
                rates[name].append(bare(quick.port, number, SENDER_THREADS, writes))
                assert quick.taken() == number // SENDER_THREADS * SENDER_THREADS
            for workers in (1, 2):
                rates[str(workers)].append(rate_of_workers(database_url, folder, quick.port, workers, number))
                assert quick.taken() == number
                again(world)
        for workers in (1, 2):
            rates[f"slow {workers}"].append(rate_of_workers(database_url, folder, slow.port, workers, number))
            again(world)
    return report({name: max(each) for name, each in rates.items()})


def report(best: Mapping[str, float]) -> bool:
    one, slow = best["1"], best["slow 1"]
    of_bare, scaled = one / best["writes"], best["slow 2"] / slow
    print(f"smtplib, {SENDER_THREADS} connections, messages made before  {best['ready']:8.0f} messages/s")
    print(f"smtplib, {SENDER_THREADS} connections, making each message   {best['writes']:8.0f} messages/s")
    print(f"one worker, {SENDER_THREADS} connections, every check        {one:8.0f} messages/s")
    print(f"  of smtplib making each message          {of_bare:8.2f}  (at least {LIMIT})")
    print(f"  of smtplib with messages made before    {one / best['ready']:8.2f}")
    print(
        f"two workers                               {best['2']:8.0f} messages/s, {best['2'] / one:.2f} of one"
    )
    print(f"one worker, {SLOW_MS} ms a message              {slow:8.0f} messages/s")
    print(f"two workers                               {best['slow 2']:8.0f} messages/s")
    print(f"  of one                                  {scaled:8.2f}  (at least {TWO_WORKERS})")
    return of_bare >= LIMIT and scaled >= TWO_WORKERS


def again(world: World) -> None:
    """Everything unsent once more."""
    with world.app.app_context():
        with db.engine.begin() as connection:
            connection.execute(update(Message).values(state="pending", maybe_sent=False))
        for engine in db.engines.values():
            engine.dispose()


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
    results = []
    if options.database:
        with scratch() as folder:
            results.append(measure(options.database, folder, options.messages))
    else:
        print("SQLite")
        with scratch() as folder:
            results.append(measure(f"sqlite:///{folder / 'clinic.db'}", folder, options.messages))
        print("PostgreSQL")
        with (
            scratch() as folder,
            databases.postgresql_server() as server,
            databases.fresh_schema(server) as schema,
        ):
            results.append(measure(schema.address, folder, options.messages))
    return 0 if all(results) else 1


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a database's file, on the disk that BENCH_DIR names."""
    with tempfile.TemporaryDirectory(prefix="sending-", dir=os.environ.get("BENCH_DIR")) as name:
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
