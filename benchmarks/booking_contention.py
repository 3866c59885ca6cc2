"""Sixteen processes, 250 tries each, at one provider's hours on both databases: status 1 at one overlap or error.

`python -m benchmarks.booking_contention`; PostgreSQL is found or started as the tests do it.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Appointment
from tests import databases, factories
from tests.integration.contention import Fight, a_working_day, fight, overlaps, quarters, together
from tests.integration.house import at

PROCESSES, TRIES, COURSES = 16, 250, 12
TOLD = {"taken", "already_booked", "not_open", "booked", "moved", "cancelled"}
LIMIT_SECONDS = 600.0
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


def prepared(database_url: str, folder: Path) -> Fight:
    """A migrated database with a clinic, a dozen due courses and one hour that all of them want."""
    databases.migrate(database_url, folder)
    with databases.opened(database_url, folder) as app, app.app_context(), unit_of_work() as session:
        cast = factories.cast(session, NOW)
        courses = [cast.course_id]
        for number in range(1, COURSES):
            patient = factories.person(session, cast.actor, NOW, mrn=f"C-{number}")
            course = factories.migraine(session, cast.actor, NOW, patient, provider_id=cast.provider_id)
            factories.treat(session, cast.actor, NOW, course, factories.local_day(NOW) - timedelta(84))
            courses.append(course.id)
        providers = (cast.provider_id, cast.other_provider_id)
        starts = quarters(at(a_working_day(NOW), 9), 4)
        return Fight(database_url, folder, cast.actor, NOW, courses, providers, starts, TRIES)


def occupied(what: Fight) -> list[tuple[int, datetime, datetime]]:
    wanted = select(Appointment.provider_id, Appointment.starts_at, Appointment.ends_at)
    with databases.opened(what.database_url, what.folder) as app, app.app_context():
        rows = db.session().execute(wanted.where(Appointment.state == "booked"))
        return [(row.provider_id, row.starts_at, row.ends_at) for row in rows]


def measure(name: str, database_url: str, folder: Path) -> bool:
    """Fight once, print what came of it, and say whether it was right."""
    what = prepared(database_url, folder)
    answers = together(fight, [(seed, what) for seed in range(PROCESSES)], LIMIT_SECONDS)
    took = max(seconds for _, seconds in answers)
    tally: Counter[str] = sum((own for own, _ in answers), Counter())
    double, wrong = overlaps(occupied(what)), {key: n for key, n in tally.items() if key not in TOLD}
    print(f"{name:10}  {tally.total()} tries in {took:.1f} s ({tally.total() / took:.0f}/s)  {dict(tally)}")
    print(f"{'':10}  overlaps {double}, errors {wrong or 0}")
    return not double and not wrong and tally.total() == PROCESSES * TRIES


@contextmanager
def places() -> Iterator[list[tuple[str, str, Path]]]:
    """(name, address, folder) of each database, thrown away afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="contention-")))
        server = stack.enter_context(databases.postgresql_server())
        schema = stack.enter_context(databases.fresh_schema(server))
        yield [
            ("SQLite", databases.sqlite_address(folder / "clinic.sqlite"), folder),
            ("PostgreSQL", schema.address, folder),
        ]


def main() -> int:
    with places() as found:
        right = [measure(*place) for place in found]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
