"""How many requests a second a patient's feed answers, against Radicale: `python -m benchmarks.feed_serving`.

And against a constant, a route of the same gunicorn that answers the feed's bytes. Each in turn and over again;
of each ratio the median of the rounds counts, as a machine's speed drifts. Status 1 if one is under its limit.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import psycopg
from sqlalchemy.orm import Session

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.calendars.links import PATIENT, Whose
from clinic_scheduler.links import Links
from clinic_scheduler.models import Appointment
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from tests import databases, factories

ROOT = Path(__file__).resolve().parents[1]
EVENTS = 100
ROUNDS, SECONDS = 7, 1.5
TIMES_RADICALE, OF_CONSTANT = 10.0, 0.6
SECRET = "a benchmark's secret, of no use elsewhere"
# As the Procfile starts it.
WORKERS = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "0")


@dataclass(frozen=True)
class Asked:
    """What is asked for again and again, and the only answer that counts."""

    name: str
    url: str
    status: int
    etag: str = ""


def prepare(url: str, folder: Path) -> str:
    """A patient with EVENTS events and a link; the link's path."""
    now = datetime.now(UTC).replace(microsecond=0)
    logging.disable(logging.INFO)
    databases.migrate(url, folder)
    with databases.opened(url, folder) as app, app.app_context(), unit_of_work() as session:
        cast = factories.cast(session, now)
        made = feeds.issue(
            Change(session, cast.actor, now),
            Whose(PATIENT, patient_id=cast.patient_id),
            Links("http://localhost", (SECRET,)).calendar_token,
            name="Phone",
        )
        add_visits(session, cast, now)
        token = made.token
    if url.startswith("postgresql"):
        # What its autovacuum does within a minute of so many new rows.
        with psycopg.connect(databases.without_driver(url), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    return f"/calendar/{token}.ics"


def add_visits(session: Session, cast: factories.Cast, now: datetime) -> None:
    """Past ones: a course has but one visit to come, and the feed shows its due window and milestones already."""
    for n in range(EVENTS):
        starts_at = now - timedelta(days=3 * n + 1)
        local = starts_at.astimezone(factories.ZONE)
        session.add(
            Appointment(
                uid=opaque_id(),
                clinic_id=cast.clinic_id,
                patient_id=cast.patient_id,
                course_id=cast.course_id,
                provider_id=cast.provider_id,
                local_date=local.date(),
                local_time=local.time(),
                zone=factories.ZONE.key,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
                state="fulfilled",
                sequence=2,
                created_at=starts_at,
                updated_at=starts_at,
            )
        )


@contextmanager
def started(command: list[str], port: int, environment: dict[str, str], log: Path) -> Iterator[str]:
    """The server's address once it listens."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    try:
        until = monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or monotonic() > until:
                    raise RuntimeError(f"did not start:\n{log.read_text()}") from None
                sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def clinic_server(url: str, folder: Path, body: Path) -> AbstractContextManager[str]:
    port = free_port()
    environment = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": SECRET,
        "PROXY_HOPS": "1",
        "LOG_LEVEL": "WARNING",
        "CONSTANT_BODY": str(body),
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *WORKERS,
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
    ]
    return started([*command, "benchmarks._feed_server:app"], port, environment, folder / "gunicorn.log")


def radicale_server(folder: Path) -> AbstractContextManager[str]:
    """Anybody may do anything: neither server then asks who reads."""
    port = free_port()
    rights = folder / "rights"
    rights.write_text("[everybody]\nuser: .*\ncollection: .*\npermissions: RrWw\n")
    settings = folder / "radicale.conf"
    settings.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n[rights]\ntype = from_file\nfile = {rights}\n"
        f"[storage]\nfilesystem_folder = {folder / 'collections'}\n[logging]\nlevel = error\n"
    )
    command = [sys.executable, "-m", "radicale", "--config", str(settings)]
    return started(command, port, {}, folder / "radicale.log")


def fetch(url: str, method: str = "GET", body: bytes | None = None) -> tuple[bytes, str]:
    """What is answered, and its ETag."""
    request = urllib.request.Request(url, body, {"Content-Type": "text/calendar"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers.get("ETag", "")


def measured(asked: Asked, size: int) -> float:
    """Requests a second; every answer must be the one expected, and of about the expected size."""
    command = [sys.executable, "-m", "benchmarks._feed_client", asked.url, str(SECONDS), asked.etag]
    said = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    for answer in said["answers"]:
        status, length = map(int, answer.split())
        near = length == 0 if status == 304 else 0.8 < length / size < 1.25
        assert (status, near) == (asked.status, True), f"{asked.name}: {said['answers']}"
    return sum(said["answers"].values()) / said["seconds"]


def compare(url: str, folder: Path, database: str) -> bool:
    path = prepare(url, folder)
    constant = folder / "constant.ics"
    constant.write_bytes(b"")
    with clinic_server(url, folder, constant) as address:
        body, etag = fetch(address + path)
    constant.write_bytes(body)
    print(f"{database}: {body.count(b'BEGIN:VEVENT')} events, {len(body)} bytes")
    with ExitStack() as stack:
        address = stack.enter_context(clinic_server(url, folder, constant))
        other = stack.enter_context(radicale_server(folder))
        fetch(f"{other}/clinic/", "MKCOL")
        fetch(f"{other}/clinic/feed/", "PUT", body)
        every = [
            Asked("feed", address + path, 200),
            Asked("feed, unchanged", address + path, 304, etag),
            Asked("constant", f"{address}/constant.ics", 200),
            Asked("Radicale", f"{other}/clinic/feed/", 200),
        ]
        rates = {asked.name: [] for asked in every}
        for _ in range(ROUNDS):
            for asked in every:
                rates[asked.name].append(measured(asked, len(body)))
    return verdict(rates)


def verdict(rates: dict[str, list[float]]) -> bool:
    for name, found in rates.items():
        print(f"  {name:<20} {median(found):8.0f} requests a second")
    results = []
    for name in ("feed", "feed, unchanged"):
        for against, limit in (("Radicale", TIMES_RADICALE), ("constant", OF_CONSTANT)):
            ratio = median(mine / other for mine, other in zip(rates[name], rates[against], strict=True))
            results.append(ratio >= limit)
            print(
                f"  {name} / {against:<10} {ratio:8.2f} of {limit:5.2f}  {'ok' if ratio >= limit else 'UNDER'}"
            )
    return all(results)


def main() -> int:
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results.append(compare(databases.sqlite_address(folder / "clinic.db"), folder, "SQLite"))
    with (
        tempfile.TemporaryDirectory() as name,
        databases.postgresql_server() as server,
        databases.fresh_schema(server) as schema,
    ):
        results.append(compare(schema.address, Path(name), "PostgreSQL"))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
