"""How long pages take at a clinic of 100,000 patients: `python -m benchmarks.large_clinic`, status 1 if one is over.

Without --database a temporary SQLite file is filled, then a schema in PostgreSQL where a server is found. With it,
that database is used as it is, filled first if it has no Large Clinic yet.
"""

import argparse
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Appointment, Clinic, Patient, User
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.large_clinic import NAME, Size, load
from clinic_scheduler.services.staff import create_user
from tests import databases

LIMIT_MS = 100.0
ROUNDS = 21
ZONE = ZoneInfo("America/Los_Angeles")
EMAIL, PASSWORD = "benchmark@example.org", "a benchmark signs in"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
Ask = Callable[[], TestResponse]


@dataclass(frozen=True)
class StandingClock:
    """Always the hour at which the clinic was loaded, so that tomorrow's run measures the same pages."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


@contextmanager
def large_clinic(url: str, folder: Path, size: Size) -> Iterator[Flask]:
    """The application on this database, with a Large Clinic in it, at the hour that was loaded."""
    databases.migrate(url, folder)
    with databases.opened(url, folder) as app, app.app_context():
        loaded_at = db.session.scalar(select(Clinic.created_at).where(Clinic.name == NAME)) or fill(size)
    with databases.opened(url, folder, clock=StandingClock(loaded_at)) as app:
        yield app


def fill(size: Size) -> datetime:
    """Load the clinic, and let PostgreSQL tidy up after it."""
    now, started = datetime.now(UTC).replace(microsecond=0), perf_counter()
    with unit_of_work() as session:
        for done in load(session, size, ZONE, now):
            _say(f"\rloading {done} of {size.patients} patients ")
    _say(f"took {perf_counter() - started:.0f} s\n")
    if db.engine.dialect.name == "postgresql":
        # What its autovacuum does within a minute of so many new rows.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return now


def _say(text: str) -> None:
    print(text, end="", flush=True)


def signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """A browser of the clinic's administrator, and the token its forms carry."""
    with app.app_context(), unit_of_work() as session:
        clinic_id = session.scalars(select(Clinic.id).where(Clinic.name == NAME)).one()
        if session.scalar(select(User.id).where(User.email == EMAIL)) is None:
            cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
            now = app.extensions["clinic"].clock.now()
            create_user(
                session,
                Actor("benchmark", clinic_id),
                email=EMAIL,
                name="Benchmark",
                role="admin",
                password_hash=cheap,
                now=now,
            )
    client = app.test_client()
    form = {"csrf_token": _token(client.get("/sign-in")), "email": EMAIL, "password": PASSWORD}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 302, answer.text
    return client, _token(client.get("/patients"))


def _token(answer: TestResponse) -> str:
    found = TOKEN.search(answer.text)
    assert found, answer.text
    return found.group(1)


def pages(app: Flask) -> Iterator[tuple[str, Ask]]:
    """What is measured, by name."""
    client, token = signed_in(app)

    def get(address: str) -> Ask:
        return lambda: client.get(address)

    def search(text: str) -> Ask:
        return lambda: client.post("/patients", data={"csrf_token": token, "q": text})

    with app.app_context():
        clinic_id = db.session.scalars(select(Clinic.id).where(Clinic.name == NAME)).one()
        at = Patient.clinic_id == clinic_id, Patient.phone.is_not(None), func.length(Patient.family_name) > 7
        one = db.session.scalars(select(Patient).where(*at).order_by(Patient.id.desc()).limit(1)).one()
        provider = db.session.scalars(
            select(func.min(Appointment.provider_id)).where(Appointment.clinic_id == clinic_id)
        ).one()
        busiest = db.session.execute(
            select(Appointment.local_date)
            .where(Appointment.clinic_id == clinic_id)
            .group_by(Appointment.local_date)
            .order_by(func.count().desc(), Appointment.local_date)
            .limit(1)
        ).scalar_one()
    slip = one.family_name[:2] + one.family_name[3:]
    yield "due list, first tab", get("/due")
    yield "due list, overdue of one provider", get(f"/due?tab=overdue&provider={provider}")
    yield "due list, first page of all", get("/due?tab=all")
    yield "due list, a page in the middle of all", get("/due?tab=all&page=1450")
    yield "due list, last page of all", get("/due?tab=all&page=1000000")
    yield "schedule, the fullest day", get(f"/schedule?day={busiest}")
    yield "search, family and given name", search(f"{one.family_name} {one.given_name}")
    yield "search, family name alone", search(one.family_name)
    yield "search, a letter left out", search(f"{slip} {one.given_name}")
    yield "search, three letters", search(one.family_name[:3])
    yield "search, telephone", search(one.phone)
    yield "search, record number", search(one.mrn)
    yield "patient page", get(f"/patients/{one.id}")


def measured(app: Flask, ask: Ask) -> tuple[float, int]:
    """(median in ms, SQL statements of one request)."""
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

    def counted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", counted)
    answer = ask()
    event.remove(engine, "before_cursor_execute", counted)
    assert answer.status_code == 200, answer.status
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        ask()
        times.append(perf_counter() - started)
    return median(times) * 1000, len(statements)


def report(name: str, app: Flask) -> bool:
    print(f"{name}: median of {ROUNDS} requests, limit {LIMIT_MS:.0f} ms")
    within = True
    for what, ask in pages(app):
        took, statements = measured(app, ask)
        within &= took <= LIMIT_MS
        verdict = "ok" if took <= LIMIT_MS else "OVER"
        print(f"  {what:<40} {took:7.1f} ms  {took / LIMIT_MS:5.2f}  {statements:3} statements  {verdict}")
    return within


def measure(name: str, url: str, size: Size) -> bool:
    """Whether every page of this database is within the limit."""
    with tempfile.TemporaryDirectory() as folder, large_clinic(url, Path(folder), size) as app:
        return report(name, app)


def on_sqlite(size: Size) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return measure("SQLite", databases.sqlite_address(Path(folder) / "large.sqlite"), size)


def on_postgresql(size: Size) -> bool:
    if "TEST_DATABASE_URL" not in os.environ and databases.server_binaries() is None:
        print("PostgreSQL: not measured, there is no server here.")
        return True
    with databases.postgresql_server() as server, databases.fresh_schema(server) as schema:
        return measure("PostgreSQL", schema.address, size)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="address of a database to use instead of temporary ones")
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--courses", type=int, default=150_000)
    chosen = parser.parse_args()
    size = Size(chosen.patients, chosen.courses)
    logging.disable(logging.INFO)
    if chosen.database:
        return 0 if measure(chosen.database.partition(":")[0], chosen.database, size) else 1
    return 0 if all([on_sqlite(size), on_postgresql(size)]) else 1


if __name__ == "__main__":
    sys.exit(main())
