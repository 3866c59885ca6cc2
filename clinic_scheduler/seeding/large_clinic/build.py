"""Filling a new, invented clinic with very many patients, to try the service's speed: rows built and written in bulk.

The people are people.py's, their courses courses.py's, their visits visits.py's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.models import Clinic, Course, DueCount, Patient
from clinic_scheduler.queries.due.counted import SETTLED, Cells, settled
from clinic_scheduler.seeding.large_clinic.courses import MOST_TREATMENTS, TREATED
from clinic_scheduler.seeding.large_clinic.people import provider_names
from clinic_scheduler.seeding.large_clinic.rows import Loading, add_patient
from clinic_scheduler.seeding.large_clinic.visits import Diaries
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.due_counts import add_counts
from clinic_scheduler.services.practice.clinics import (
    ClinicEntry,
    add_provider,
    current_protocol,
    open_clinic,
)

NAME = "Large Clinic"
PROVIDERS = 30
PATIENTS_A_BATCH = 1000
_CACHE_KIB = 256 * 1024
_ACTOR = "load-large-clinic"


@dataclass(frozen=True, slots=True)
class Size:
    """How large. Each patient has one course or two; a course at most so many treatments."""

    patients: int = 100_000
    courses: int = 150_000
    seed: int = 1
    most_treatments: int = MOST_TREATMENTS

    def check(self) -> None:
        """Raises InvalidInput."""
        if not self.patients <= self.courses <= 2 * self.patients:
            raise InvalidInput(
                "a patient has one course or two: give as many courses as patients, at most twice"
            )


def load(session: Session, size: Size, zone: ZoneInfo, now: datetime) -> Iterator[int]:
    """Open NAME and fill it, yielding how many patients are written so far. Same size, zone and now: same rows.

    All in the caller's one transaction. Raises InvalidInput where a clinic of that name exists. Nothing is planned
    to be told to anybody, since nobody here exists.
    """
    size.check()
    loading = _open(session, size, zone, now)
    if session.get_bind().dialect.name == "sqlite":
        # Search keys land all over their index; with the usual 2 MB of it at hand, most of the time goes to paging.
        session.execute(text(f"PRAGMA cache_size = -{_CACHE_KIB}"))
    for first in range(0, size.patients, PATIENTS_A_BATCH):
        numbers = range(first, min(first + PATIENTS_A_BATCH, size.patients))
        _build(session, loading, numbers, size.courses - size.patients)
        for table, rows in loading.rows.items():
            if rows:
                _write(session, cast(Table, table.__table__), rows)
                rows.clear()
        yield numbers.stop
    _count(session, loading)
    # Else the databases would go by what they knew of a smaller clinic, PostgreSQL until it next looks by itself.
    for name in (*(table.__tablename__ for table in loading.rows), DueCount.__tablename__):
        session.execute(text(f"ANALYZE {name}"))


def _open(session: Session, size: Size, zone: ZoneInfo, now: datetime) -> Loading:
    if session.scalar(select(Clinic.id).where(Clinic.name == NAME)) is not None:
        raise InvalidInput(f"there is a clinic called {NAME} already. Nothing was added.")
    entry = ClinicEntry(NAME, zone.key, "+12065550100", "desk@example.org", "1 Example Street")
    clinic_id = open_clinic(session, _ACTOR, entry, now).id
    actor = Actor(_ACTOR, clinic_id)
    providers = [add_provider(Change(session, actor, now), name).id for name in provider_names(PROVIDERS)]
    today = local_date(now, zone)
    return Loading(
        clinic_id=clinic_id,
        protocols={word: current_protocol(session, clinic_id, word).id for word in TREATED},
        diaries=Diaries(providers, today, zone),
        most_treatments=size.most_treatments,
        random=Random(size.seed),
        now=now,
        today=today,
        zone=zone,
    )


def _build(session: Session, loading: Loading, numbers: range, second: int) -> None:
    """The rows of these patients; the clinic's first `second` patients have a second course."""
    patient_ids = iter(_new_ids(session, Patient, len(numbers)))
    seconds = max(0, min(numbers.stop, second) - numbers.start)
    course_ids = iter(_new_ids(session, Course, len(numbers) + seconds))
    for number in numbers:
        own = [next(course_ids) for _ in range(2 if number < second else 1)]
        add_patient(loading, number, next(patient_ids), own)


def _new_ids(session: Session, table: type[Patient] | type[Course], count: int) -> list[int]:
    """Keys nobody else will be given: from the table's own counter, or after the last one where SQLite counts."""
    if session.get_bind().dialect.name == "postgresql":
        counter = func.pg_get_serial_sequence(table.__tablename__, "id")
        numbers = func.generate_series(1, count).table_valued("n")
        return list(session.scalars(select(func.nextval(counter)).select_from(numbers)))
    last = session.scalar(select(func.max(table.id))) or 0
    return list(range(last + 1, last + 1 + count))


def _write(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows that name the same columns, past SQLAlchemy: it would take as long again to bind each value.

    PostgreSQL takes them in a stream, many times as fast as singly.
    """
    standard = _plain_defaults(table)
    names = list(standard | rows[0])
    dialect = session.get_bind().dialect
    convert = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]

    def values() -> Iterator[list[Any]]:
        for row in rows:
            whole = standard | row
            yield [
                into(whole[name]) if into else whole[name] for name, into in zip(names, convert, strict=True)
            ]

    cursor: Any = session.connection().connection.cursor()
    columns = f"{table.name} ({', '.join(names)})"
    if dialect.name == "postgresql":
        with cursor.copy(f"COPY {columns} FROM STDIN") as stream:
            for each in values():
                stream.write_row(each)
    else:
        cursor.executemany(f"INSERT INTO {columns} VALUES ({', '.join('?' * len(names))})", values())


def _count(session: Session, loading: Loading) -> None:
    """What the due list shows of all these courses, folded as the worker would have it."""
    cells: Cells = Counter()
    for cell, number in loading.counted.items():
        cells[settled(cell, loading.today - SETTLED)] += number
    add_counts(session, loading.clinic_id, cells)


def _plain_defaults(table: Table) -> dict[str, Any]:
    """What the models say a column holds where a row does not name it; functions of a row are not called."""
    defaults = ((column.name, column.default) for column in table.columns)
    return {
        name: default.arg for name, default in defaults if isinstance(default, ScalarElementColumnDefault)
    }
