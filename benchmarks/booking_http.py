"""How many bookings a second the desk gets through over HTTP: `python -m benchmarks.booking_http [--patients N]`.

Signed-in POST /courses/N/book by eight kept connections, over gunicorn as the Procfile starts it, beside a large clinic
of N patients, on both databases; against a bare route of that server: a visit, a reminder and an audit row by Core.
Each in turn and over again; the median of the rounds counts. Status 1 if the ratio is under its limit.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.feed_serving import ROOT, SECRET, WORKERS, free_port, started
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.seeding.large_clinic.build import Size, load
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.clinics import add_provider
from tests import databases, factories

ROUNDS, BOOKINGS = 3, 120
OF_BARE = 0.12
# Within every provider's standard hours; a visit takes less than half an hour.
HOURS = [time(hour, minute) for hour in (9, 10, 11, 13, 14, 15, 16) for minute in (0, 30)]
DAYS = 4
Job = dict[str, Any]


def prepare(url: str, folder: Path, patients: int) -> tuple[list[Job], list[Job]]:
    """As many bookings for the desk as for the bare route, each of a patient due today at an hour of its own."""
    now = datetime.now(UTC).replace(microsecond=0)
    logging.disable(logging.INFO)
    databases.migrate(url, folder)
    with databases.opened(url, folder) as app, app.app_context():
        if patients:
            with unit_of_work() as session:
                for _ in load(session, Size(patients, patients + patients // 2), factories.ZONE, now):
                    pass
        with unit_of_work() as session:
            cast = factories.cast(session, now)
            change = Change(session, cast.actor, now)
            factories.staff(session, cast.actor, now, "front_desk")
            hours = places(factories.local_day(now))
            jobs: list[Job] = []
            while len(jobs) < 2 * ROUNDS * BOOKINGS:
                provider = add_provider(change, f"Dr {len(jobs)}")
                for day, at in hours:
                    patient = factories.person(session, cast.actor, now, mrn=f"B-{provider.id}-{day}-{at}")
                    course = factories.migraine(session, cast.actor, now, patient, provider_id=provider.id)
                    factories.treat(
                        session, cast.actor, now, course, factories.local_day(now) - timedelta(84)
                    )
                    fields = {"provider": provider.id, "day": day.isoformat(), "at": f"{at:%H:%M}"}
                    known = {"clinic": cast.clinic_id, "patient": patient.id, "course": course.id}
                    jobs.append(fields | known | {"zone": factories.ZONE.key})
    return jobs[::2], jobs[1::2]


def places(today: date) -> list[tuple[date, time]]:
    """The hours of the next working days: early enough that nobody is late."""
    days = [day for n in range(1, 8) if (day := today + timedelta(n)).weekday() < 5][:DAYS]
    return [(day, at) for day in days for at in HOURS]


def booking(job: Job) -> Job:
    fields = {name: job[name] for name in ("provider", "day", "at")}
    return {"path": f"/courses/{job['course']}/book", "fields": fields | {"kind": "injection"}}


def bare(job: Job) -> Job:
    return {"path": "/bare/", "fields": job}


@contextmanager
def server(url: str, folder: Path) -> Iterator[str]:
    port = free_port()
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder), "SECRET_KEY": SECRET, "LOG_LEVEL": "WARNING"}
    environment["BASE_URL"] = f"http://127.0.0.1:{port}"
    bind = ("--bind", f"127.0.0.1:{port}", "--no-control-socket")
    command = [sys.executable, "-m", "gunicorn", *WORKERS, *bind, "benchmarks._booking_server:app"]
    with started(command, port, environment, folder / "gunicorn.log") as address:
        yield address


def rate(address: str, jobs: list[Job], folder: Path, status: int, *account: str) -> float:
    """Requests a second; every answer must be the one expected."""
    file = folder / "jobs.json"
    file.write_text(json.dumps(jobs))
    command = [sys.executable, "-m", "benchmarks._booking_client", address, str(file), *account]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=dict(os.environ)).stdout
    said = json.loads(told)
    assert said["answers"] == {str(status): len(jobs)}, said["answers"]
    return len(jobs) / float(said["seconds"])


def compare(url: str, folder: Path, database: str, patients: int) -> bool:
    desk, beside = prepare(url, folder, patients)
    account = ("front_desk@example.org", factories.PASSWORD)
    rates: list[tuple[float, float]] = []
    with server(url, folder) as address:
        for n in range(ROUNDS):
            part = slice(n * BOOKINGS, (n + 1) * BOOKINGS)
            booked = rate(address, [booking(job) for job in desk[part]], folder, 302, *account)
            rates.append((booked, rate(address, [bare(job) for job in beside[part]], folder, 201)))
    ratio = median(mine / other for mine, other in rates)
    mine, other = (median(column) for column in zip(*rates, strict=True))
    print(f"{database}: {patients} patients beside, {mine:.0f} bookings a second, bare {other:.0f}")
    print(f"  booking / bare  {ratio:.3f} of {OF_BARE:.2f}  {'ok' if ratio >= OF_BARE else 'UNDER'}")
    return ratio >= OF_BARE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--patients", type=int, default=100_000, help="of the large clinic beside; 0 for none"
    )
    patients = parser.parse_args().patients
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results.append(compare(databases.sqlite_address(folder / "clinic.db"), folder, "SQLite", patients))
    with (
        tempfile.TemporaryDirectory() as name,
        databases.postgresql_server() as started_server,
        databases.fresh_schema(started_server) as schema,
    ):
        results.append(compare(schema.address, Path(name), "PostgreSQL", patients))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
