"""A calendar's stamp: whatever changes a calendar's rows, a column anywhere or the hour, changes it too."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic_scheduler.db import Base
from clinic_scheduler.domain.calendar_links import PATIENT
from clinic_scheduler.domain.calendar_values import Row
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import Provider
from clinic_scheduler.queries.calendar_stamp import calendar_stamp
from clinic_scheduler.queries.calendars import Subject, calendar_rows
from tests import factories
from tests.integration.house import TODAY, House, at
from tests.integration.published import FRIDAY, subjects

# Every table with a row in such a small clinic that any calendar might read.
TABLES = (
    *("appointments", "courses", "treatments", "patients", "providers", "clinics", "protocol_versions"),
    *("holds", "authorizations"),
)
SOURCE = {"source": "the clinic"}


@pytest.fixture
def lived_in(house: House) -> House:
    """Visits over, called off and to come; a course that is due, and one booked; a provider who works elsewhere too."""
    theirs = house.change(lambda s: factories.cast(s, house.now, clinic="Elm", prefix="E"))
    for provider_id in (house.cast.provider_id, theirs.provider_id):
        house.set(Provider, provider_id, email="reid@example.org")
    elsewhere = {"course_id": theirs.course_id, "provider_id": theirs.provider_id}
    house.book(at(FRIDAY, 9), by=theirs.actor, **elsewhere)
    other = house.another_course()
    house.cancel(house.book(at(FRIDAY, 9)))
    house.treat(TODAY - timedelta(85), 100, kind="cycle")
    house.book(at(FRIDAY, 10), course_id=other)
    return house


def looked_at(session: Session, subject: Subject, now: datetime) -> tuple[tuple[Row, ...], object]:
    return calendar_rows(session, subject, now), calendar_stamp(session, subject, now)


def another(value: Any, kind: type) -> Any:
    if kind is bool:
        return not value
    if kind in (int, Decimal):
        return (value or 0) + 1
    if kind is datetime:
        return value + timedelta(days=1, seconds=1) if value else datetime.fromisoformat("2026-11-20T10:00Z")
    if kind is date:
        return value + timedelta(1) if value else TODAY - timedelta(1)
    if isinstance(value, dict):
        return {"earliest_recommended_interval": {"value": "P16W", **SOURCE}}
    return {"booked": "arrived", "cancelled": "noshow", None: "P15W"}.get(value, f"{value}x")


def changes(session: Session, table: Table) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Another value for each column of each row, one at a time; keys stay as they are."""
    for row in session.execute(select(table)).mappings().all():
        for column in table.columns:
            if not column.primary_key and not column.foreign_keys:
                yield (
                    column.name,
                    row["id"],
                    {column.name: another(row[column.name], column.type.python_type)},
                )


@pytest.mark.parametrize("name", TABLES)
def test_no_column_changes_a_calendar_under_the_same_stamp(lived_in: House, name: str) -> None:
    table, now = Base.metadata.tables[name], lived_in.now

    def try_all(session: Session) -> int:
        seen = 0
        for subject in subjects(lived_in):
            before, stamp = looked_at(session, subject, now)
            assert looked_at(session, subject, now) == (before, stamp)
            for column, key, value in list(changes(session, table)):
                try:
                    session.execute(update(table).where(table.c.id == key).values(value))
                    session.expire_all()
                    after, new_stamp = looked_at(session, subject, now)
                except (SQLAlchemyError, InvalidInput, ValueError, KeyError):
                    continue  # the database or the rules refuse such a value
                finally:
                    session.rollback()
                assert after == before or new_stamp != stamp, (subject.kind, name, column)
                seen += after != before
        return seen

    changed = lived_in.look(try_all)
    # Holds and authorizations reach no calendar today.
    assert changed > 0 or name in ("holds", "authorizations")


def test_no_hour_changes_a_calendar_under_the_same_stamp(lived_in: House) -> None:
    ends = at(FRIDAY, 9, 30)
    second = timedelta(seconds=1)
    hours = [
        ends + timedelta(days) + part for days in (0, 31, 365) for part in (-2 * second, -second, second)
    ]
    hours += [lived_in.now + timedelta(days) for days in range(0, 130, 9)]
    for subject in subjects(lived_in):
        known: dict[object, tuple[Row, ...]] = {}
        for hour in hours:
            rows, stamp = lived_in.look(lambda session, s=subject, h=hour: looked_at(session, s, h))
            assert known.setdefault(stamp, rows) == rows, (subject.kind, hour)
        assert 5 < len(known) < len(hours)


def test_the_stamp_stands_still_while_nothing_changes(lived_in: House) -> None:
    mine = Subject(PATIENT, lived_in.cast.clinic_id, patient_id=lived_in.cast.patient_id)
    first, later = (
        lived_in.look(lambda session, h=hour: calendar_stamp(session, mine, h))
        for hour in (lived_in.now, lived_in.now + timedelta(hours=3))
    )
    assert first == later
