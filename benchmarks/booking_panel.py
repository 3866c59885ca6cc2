"""How much processor time the booking panel takes: `python -m benchmarks.booking_panel`, status 1 if over its limit.

The page that books for a course, of courses drawn at random, at a clinic of 10,000 patients whose thirty providers are
booked out for weeks; on both databases or the one named. Of each course the least of some rounds counts, since what
else the machine does only adds; of the courses the median. With --database ADDRESS that one is used as it is, filled
first if it has no Large Clinic yet.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from flask import Flask
from sqlalchemy import func, select

from benchmarks.large_clinic import large_clinic, signed_in
from clinic_scheduler.db import db
from clinic_scheduler.models import Appointment, Clinic, Course
from clinic_scheduler.seeding.large_clinic.build import NAME, Size
from tests import databases

LIMIT_MS = 20.0
COURSES, ROUNDS = 60, 7
SIZE = Size(10_000, 15_000)


def drawn(app: Flask) -> tuple[list[str], int]:
    """The panels' addresses, the same every time; and how many visits are ahead."""
    with app.app_context():
        session = db.session()
        own = Course.clinic_id == select(Clinic.id).where(Clinic.name == NAME).scalar_subquery()
        ids = session.scalars(select(Course.id).where(own).order_by(Course.id)).all()
        visits = session.scalars(select(func.count()).select_from(Appointment)).one()
    return [f"/courses/{key}/book" for key in Random(1).sample(ids, COURSES)], visits


def took(app: Flask, addresses: list[str]) -> list[float]:
    """In ms, the least of each page's rounds, in order."""
    client, _ = signed_in(app)
    least = dict.fromkeys(addresses, float("inf"))
    for _ in range(ROUNDS):
        for address in addresses:
            started = process_time()
            answer = client.get(address)
            least[address] = min(least[address], (process_time() - started) * 1000)
            assert answer.status_code == 200, answer.status
    return sorted(least.values())


def measure(name: str, url: str) -> bool:
    """Whether the median is within the limit."""
    with tempfile.TemporaryDirectory() as folder, large_clinic(url, Path(folder), SIZE) as app:
        addresses, visits = drawn(app)
        found = took(app, addresses)
    half, within = median(found), median(found) <= LIMIT_MS
    print(f"{name}: {visits} visits; own CPU of {COURSES} panels in ms, the least of {ROUNDS} rounds each")
    print(f"  median {half:.1f} of {LIMIT_MS:.0f}, nine in ten {found[COURSES * 9 // 10 - 1]:.1f}, ", end="")
    print(f"most {found[-1]:.1f}  {'ok' if within else 'OVER'}", flush=True)
    return within


def on_sqlite() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return measure("SQLite", databases.sqlite_address(Path(folder) / "clinic.sqlite"))


def on_postgresql() -> bool:
    with databases.postgresql_server() as server, databases.fresh_schema(server) as schema:
        return measure("PostgreSQL", schema.address)


ON = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=ON, help="one of the two alone; without it, both")
    parser.add_argument("--database", help="address of a database to use instead of temporary ones")
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    if chosen.database:
        return 0 if measure(chosen.database.partition(":")[0], chosen.database) else 1
    verdicts = [ON[name]() for name in ([chosen.only] if chosen.only else ON)]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
