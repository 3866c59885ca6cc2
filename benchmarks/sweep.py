"""What a pass of the worker costs among 10,000 and among 1,000,000 reminders: `python -m benchmarks.sweep`.

The same is due in both: courses to plan, reminders to queue, messages to claim and expire, leases to take back.
Status 1 where the pass takes more than twice as long in the larger outbox. Temporary SQLite files and, where a
server is found, schemas in PostgreSQL, removed afterwards; --database chooses one of them.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask
from sqlalchemy import Connection, func, select, update

from clinic_scheduler.db import Base, db, unit_of_work
from clinic_scheduler.jobs.context import Counts, Tools, tools_of
from clinic_scheduler.jobs.dispatch import queue
from clinic_scheduler.jobs.expire import expire
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.jobs.reconcile import reconcile
from clinic_scheduler.models import Course, Message, Patient, Reminder
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.messaging import outbox
from tests import databases, factories

SMALL, LARGE = 10_000, 1_000_000
LIMIT = 2.0
DUE, CLAIMED, LATE, LAPSED = 200, 50, 50, 50
A_COURSE = 10  # reminders of each course
PASSES = 6
BLOCKS = SMALL // A_COURSE // DUE  # the courses of one pass after the other, then from the first again
FIRST = 1_000  # ids of the crowd begin here
NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)


def claim(tools: Tools) -> Counts:
    """Messages leased one by one, as workers take them to send."""
    for _ in range(CLAIMED):
        with tools.work() as session:
            assert outbox.claim(session, NOW) is not None
    return {"claimed": CLAIMED}


PARTS: Mapping[str, Callable[[Tools], Counts]] = {
    "plan": plan,
    "queue": queue,
    "claim": claim,
    "expire": expire,
    "reconcile": reconcile,
}


@dataclass(frozen=True)
class StandingClock:
    """Always the hour the outbox was filled for."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Place:
    """A database to measure in; `app` has it open."""

    app: Flask
    tools: Tools


def filled(app: Flask, rows: int) -> None:
    """The cast, and so many reminders more of a crowd of patients, most of them told long ago or not yet due."""
    with app.app_context():
        with unit_of_work() as session:
            factories.cast(session, NOW)
        with db.engine.begin() as connection:
            crowd = Crowd(connection)
            crowd.people(rows // A_COURSE)
            crowd.reminders(rows)
            crowd.messages()
        _tidy()


def _tidy() -> None:
    """What a database does by itself within a minute of so many new rows."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE")


class Crowd:
    """Rows made inside the database out of the cast's own; column values are SQL over a number `n` from 0."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_postgresql = connection.dialect.name == "postgresql"

    def people(self, number: int) -> None:
        """Patients with one course each, planned already."""
        self._copy(Patient, number, {"mrn": "'S' || n"})
        planned = f"'{NOW:%Y-%m-%d %H:%M:%S}'" + ("::timestamptz" if self.is_postgresql else " || '.000000'")
        own = {"uid": "'course-' || n", "next_visit_uid": "'visit-' || n", "patient_id": f"n + {FIRST}"}
        self._copy(Course, number, own | {"reminders_planned_at": planned})

    def reminders(self, number: int) -> None:
        """Ten a course: six sent, two suppressed, two to come, spread over two years."""
        owner, nth = f"n / {A_COURSE} + {FIRST}", f"(n - n / {A_COURSE} * {A_COURSE})"
        days = f"(n / {A_COURSE} - n / {A_COURSE} / 80 * 80)"
        told, ahead = self._moment(f"-1 - {days} * 9"), self._moment(f"1 + {days}")
        due_at = f"CASE WHEN {nth} < 8 THEN {told} ELSE {ahead} END"
        state = f"CASE WHEN {nth} < 6 THEN 'sent' WHEN {nth} < 8 THEN 'suppressed' ELSE 'pending' END"
        own = {"patient_id": owner, "course_id": owner, "dedupe_key": "'sweep:past:' || n"}
        self._copy(Reminder, number, own | {"state": state, "due_at": due_at, "expires_at": due_at})

    def messages(self) -> None:
        """One for each reminder that was sent."""
        self.connection.exec_driver_sql(
            "INSERT INTO messages (id, uid, clinic_id, patient_id, reminder_id, channel, address, state,"
            " expires_at, next_attempt_at, attempt, maybe_sent, message_id, created_at, sent_at)"
            " SELECT id, 'm-' || id, clinic_id, patient_id, id, channel, 'somebody@example.org', 'sent',"
            " expires_at, due_at, 1, false, '<m@example.org>', due_at, due_at"
            " FROM reminders WHERE state = 'sent'"
        )
        self._counted_on("messages")

    def _copy(self, model: type[Base], number: int, own: dict[str, str]) -> None:
        """The model's first row again and again, but for `id` and what is its `own`."""
        table = model.__table__
        values = {column.name: f"pattern.{column.name}" for column in table.columns}
        values |= {"id": f"n + {FIRST}"} | own
        numbers = f"generate_series(0, {number - 1}) AS numbers(n)"
        if not self.is_postgresql:
            up = f"up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < {number - 1})"
            numbers = f"(WITH RECURSIVE {up} SELECT n FROM up) AS numbers"
        self.connection.exec_driver_sql(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM {numbers}, {table} AS pattern WHERE pattern.id = (SELECT min(id) FROM {table})"
        )
        self._counted_on(str(table))

    def _counted_on(self, table: str) -> None:
        """Ids given by the database go on from those given here."""
        if self.is_postgresql:
            largest = f"(SELECT max(id) FROM {table})"
            self.connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {largest})"
            )

    def _moment(self, days: str) -> str:
        """NOW moved by so many days, as the column keeps it."""
        start = f"{NOW:%Y-%m-%d %H:%M:%S}"
        if self.is_postgresql:
            return f"timestamptz '{start}+00' + ({days}) * interval '1 day'"
        return f"datetime('{start}', ({days}) || ' days') || '.000000'"


def make_due(place: Place, chosen: int) -> None:
    """The work of one pass: the same amount in either outbox, each time of other courses."""
    courses = range(FIRST + chosen * DUE, FIRST + (chosen + 1) * DUE)
    with place.app.app_context(), unit_of_work() as session:
        session.execute(update(Course).where(Course.id.in_(courses)).values(reminders_planned_at=None))
        mine = select(func.min(Reminder.id)).where(
            Reminder.course_id.in_(courses), Reminder.state == "pending", Reminder.due_at > NOW
        )
        waiting = list(session.scalars(mine.group_by(Reminder.course_id)))
        session.execute(
            update(Reminder)
            .where(Reminder.id.in_(waiting))
            .values(due_at=NOW - timedelta(minutes=5), expires_at=NOW + timedelta(5), kind="calendar_link")
        )
        told = select(func.min(Reminder.id)).where(Reminder.course_id.in_(courses), Reminder.state == "sent")
        left = list(session.scalars(told.group_by(Reminder.course_id).limit(LATE + LAPSED)))
        late = {"state": "pending", "expires_at": NOW - timedelta(1), "next_attempt_at": NOW + timedelta(1)}
        lapsed = {"state": "sending", "expires_at": NOW + timedelta(1), "lease_until": NOW - timedelta(1)}
        for keys, values in ((left[:LATE], late), (left[LATE:], lapsed)):
            session.execute(update(Message).where(Message.reminder_id.in_(keys)).values(**values))


def swept(place: Place) -> tuple[dict[str, float], dict[str, int]]:
    """(ms by part, how much it did) of one pass."""
    took, done = {}, {}
    with place.app.app_context():
        for name, part in PARTS.items():
            started = perf_counter()
            counts = part(place.tools)
            took[name] = (perf_counter() - started) * 1000
            done[name] = sum(counts.values())
    return took, done


def measured(places: Sequence[Place]) -> list[dict[str, float]]:
    """The shortest ms by part and in all, of passes taken in turns: what else the machine does only adds.

    What was due was done, or the figures mean nothing.
    """
    found: list[list[dict[str, float]]] = [[] for _ in places]
    expected = {"plan": DUE, "queue": DUE, "claim": CLAIMED, "expire": LATE, "reconcile": LAPSED}
    for number in range(PASSES + 1):
        for place, passes in zip(places, found, strict=True):
            make_due(place, number % BLOCKS)
            took, done = swept(place)
            assert done == expected, done
            if number:  # the first one warms up
                passes.append(took | {"all": sum(took.values())})
    return [{name: min(one[name] for one in passes) for name in passes[0]} for passes in found]


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Place]:
    """The application on a migrated database, with the tools of a worker."""
    databases.migrate(url, folder)
    senders = {"email": MemorySender("email"), "sms": MemorySender("sms")}
    with databases.opened(url, folder, clock=StandingClock(), senders=senders) as app:
        yield Place(app, replace(tools_of(app), jitter=lambda: 1.0))


def compare(name: str, small_url: str, large_url: str) -> bool:
    """Fill both, measure them in turns and print what a pass took; whether the ratio is within the limit."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        places = [stack.enter_context(opened(url, Path(folder))) for url in (small_url, large_url)]
        for place, rows in zip(places, (SMALL, LARGE), strict=True):
            started = perf_counter()
            filled(place.app, rows)
            print(f"{name}: {rows:,} reminders written in {perf_counter() - started:.0f} s", flush=True)
        small, large = measured(places)
    print(
        f"{name}: {DUE} courses to plan, {DUE} reminders due, {CLAIMED} messages to claim, {LATE} late,"
        f" {LAPSED} left; best of {PASSES}"
    )
    for part, took in large.items():
        before, ratio = small[part], took / small[part]
        print(f"  {part:<10}{before:8.1f} ms of {SMALL:,} {took:8.1f} ms of {LARGE:,}  ratio {ratio:.2f}")
    within = large["all"] <= LIMIT * small["all"]
    print(f"  {'ok' if within else 'OVER'}: the limit of the whole pass is a ratio of {LIMIT}")
    return within


def on_sqlite() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (databases.sqlite_address(Path(folder) / f"{rows}.sqlite") for rows in (SMALL, LARGE))
        return compare("SQLite", small, large)


def on_postgresql(server: str) -> bool:
    with databases.fresh_schema(server) as small, databases.fresh_schema(server) as large:
        return compare("PostgreSQL", small.address, large.address)


def on_postgresql_found() -> bool:
    if "TEST_DATABASE_URL" not in os.environ and databases.server_binaries() is None:
        print("PostgreSQL: not measured, there is no server here.")
        return True
    with databases.postgresql_server() as server:
        return on_postgresql(server)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", help="sqlite, or the address of a PostgreSQL database to make schemas in"
    )
    chosen = parser.parse_args().database
    logging.disable(logging.WARNING)
    if chosen == "sqlite":
        return 0 if on_sqlite() else 1
    if chosen:
        return 0 if on_postgresql(chosen) else 1
    return 0 if all([on_sqlite(), on_postgresql_found()]) else 1


if __name__ == "__main__":
    sys.exit(main())
