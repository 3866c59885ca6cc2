"""A calendar's stamp: whatever changes a calendar's rows, a column anywhere or the hour, changes it too."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic_scheduler.db import Base, db
from clinic_scheduler.domain.calendars.links import LATER, PROVIDER, Shown, Whose
from clinic_scheduler.domain.calendars.values import Row
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import CalendarFeed, Course, LabelVersion, Provider
from clinic_scheduler.queries.calendars.change_stamp import Stamp, calendar_stamp
from clinic_scheduler.queries.calendars.rows import Subject, calendar_rows
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from tests import factories
from tests.conftest import FrozenClock
from tests.integration.house import TODAY, House, at
from tests.integration.published import FRIDAY, change_address, change_clinic, rename, subjects
from tests.kept_rows import begin_with
from tests.shared import Shared, lent

# Every table with a row in such a small clinic that any calendar might read.
TABLES = (
    *("appointments", "courses", "treatments", "patients", "providers", "clinics", "protocol_versions"),
    *("holds", "authorizations"),
)
FIXED = defaultdict(lambda: {"uid"}, providers={"name"})
SOURCE = {"source": "the clinic"}


@pytest.fixture
def lived_in(house: House) -> House:
    return live_in(house)


@pytest.fixture
def beside(
    shared_sqlite: Shared, tmp_path: Path, clock: FrozenClock, senders: dict[str, MemorySender]
) -> Iterator[House]:
    """The same clinic on SQLite, for a test that holds PostgreSQL to it."""
    with lent(shared_sqlite.emptied(), tmp_path / "beside", clock=clock, senders=senders) as app:
        yield live_in(House(app, clock, begin_with(app, factories.cast, clock.now())))


def live_in(house: House) -> House:
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


@dataclass(frozen=True)
class Watched:
    """A calendar and the hash of a link to it."""

    subject: Subject
    token_hash: str


@pytest.fixture
def watched(lived_in: House) -> list[Watched]:
    return watch(lived_in)


def watch(house: House) -> list[Watched]:
    """Each kind of calendar, and the one that shows visits alone."""
    cast = house.cast
    alone = Subject(PROVIDER, cast.clinic_id, provider_id=cast.provider_id)
    return [Watched(subject, link_to(house, subject)) for subject in (*subjects(house), alone)]


def link_to(house: House, subject: Subject) -> str:
    def issue(session: Session) -> str:
        whose = Whose(subject.kind, subject.patient_id, subject.provider_id)
        shown = Shown(**{name: getattr(subject, name) for name in LATER})
        actor = house.cast.actor
        link = feeds.issue(Change(session, actor, house.now), whose, str, name="Desk", shown=shown).feed
        return link.token_sha256

    return house.change(issue)


def stamp_of(house: House, link: Watched, now: datetime) -> Stamp:
    with house.app.app_context():
        stamp = calendar_stamp(db.engine, link.token_hash, link.subject, now, now)
    assert stamp is not None
    return stamp


def rows_of(house: House, link: Watched, now: datetime) -> tuple[Row, ...]:
    return house.look(lambda session: calendar_rows(session, link.subject, now))


def looked_at(house: House, link: Watched, now: datetime) -> tuple[tuple[Row, ...], object]:
    return rows_of(house, link, now), stamp_of(house, link, now).made_from


def another(value: Any, kind: type) -> Any:
    if kind is bool:
        return not value
    if kind in (int, Decimal):
        return (value or 0) + 1
    if kind is datetime:
        return value + timedelta(days=1, seconds=1) if value else datetime.fromisoformat("2026-11-20T10:00Z")
    if kind is date:
        return value + timedelta(1) if value else TODAY - timedelta(1)
    if isinstance(value, list):
        return value[:1]
    if isinstance(value, dict):
        return {"earliest_recommended_interval": {"value": "P16W", **SOURCE}}
    return {"booked": "arrived", "cancelled": "noshow", None: "P15W"}.get(value, f"{value}x")


def changes(house: House, table: Table) -> Iterator[tuple[str, int, dict[str, Any], dict[str, Any]]]:
    """Another value for each column of each row, one at a time, and the former one; keys and uids stay as they are.

    A visit's change raises its sequence, as every service's does (test_feed_revisions.py). A provider's name
    changes with the clinic's revision, which has a test of its own below.
    """
    for row in house.rows(select(table).order_by(table.c.id)):
        for column in table.columns:
            if not column.primary_key and not column.foreign_keys and column.name not in FIXED[table.name]:
                before = {column.name: row._mapping[column.name]}
                after = {column.name: another(before[column.name], column.type.python_type)}
                if table.name == "appointments" and column.name != "sequence":
                    before["sequence"], after["sequence"] = row.sequence, row.sequence + 1
                yield column.name, row.id, after, before


def write(house: House, table: Table, key: int, values: dict[str, Any]) -> None:
    house.change(lambda session: session.execute(update(table).where(table.c.id == key).values(values)))


def one_by_one(
    house: House, watched: list[Watched], table: Table
) -> Iterator[tuple[tuple[str, int], list[bool]]]:
    """(column, row), and which calendars have another stamp while it is changed; what is refused is left out."""
    before = [stamp_of(house, link, house.now).made_from for link in watched]
    for column, key, after, former in list(changes(house, table)):
        try:
            write(house, table, key, after)
        except (SQLAlchemyError, ValueError):
            continue
        now = [stamp_of(house, link, house.now).made_from for link in watched]
        yield (column, key), [stamp != then for stamp, then in zip(now, before, strict=True)]
        write(house, table, key, former)


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
def test_no_column_changes_a_calendar_under_the_same_stamp(
    lived_in: House, watched: list[Watched], name: str
) -> None:
    """Rows are made from equal values whatever the database, so one is enough; stamps are compared below."""
    table, now = Base.metadata.tables[name], lived_in.now
    known = [rows_of(lived_in, link, now) for link in watched]
    seen = 0
    for what, moved in one_by_one(lived_in, watched, table):
        seen += sum(moved)
        for link, rows, other_stamp in zip(watched, known, moved, strict=True):
            if other_stamp:
                continue
            try:
                assert rows_of(lived_in, link, now) == rows, (link.subject.kind, name, what)
            except (InvalidInput, ValueError, KeyError):
                continue  # the rules refuse such a value
    assert [rows_of(lived_in, link, now) for link in watched] == known
    # Holds and authorizations reach no calendar today.
    assert seen > 0 or name in ("holds", "authorizations")


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
def test_what_changes_the_stamp_on_sqlite_does_on_postgresql(
    lived_in: House, watched: list[Watched], beside: House, name: str
) -> None:
    """There it may change once more, since PostgreSQL may name rows in another order once one was written."""
    table = Base.metadata.tables[name]
    on_sqlite = dict(one_by_one(beside, watch(beside), table))
    on_postgresql = dict(one_by_one(lived_in, watched, table))
    for what, moved in on_postgresql.items():
        assert all(here or not there for here, there in zip(moved, on_sqlite[what], strict=True)), what
    # PostgreSQL refuses some values that SQLite keeps, but few.
    assert len(on_postgresql) >= 0.8 * len(on_sqlite)


def test_a_clinics_and_a_providers_names_change_the_stamp(lived_in: House, watched: list[Watched]) -> None:
    """By the clinic's revision, which every event counts in."""
    cast = lived_in.cast
    acts = (
        lambda: rename(lived_in, cast.other_provider_id, "Dr Nguyen-Ruiz"),
        lambda: change_clinic(lived_in, phone="(415) 555-0177"),
        lambda: change_address(lived_in),
    )
    for act in acts:
        before = [stamp_of(lived_in, link, lived_in.now).made_from for link in watched]
        act()
        after = [stamp_of(lived_in, link, lived_in.now).made_from for link in watched]
        assert all(now != then for now, then in zip(after, before, strict=True))


def test_a_label_that_lengthens_the_cycle_changes_the_stamp_with_the_cycles_shown(
    lived_in: House, watched: list[Watched]
) -> None:
    """Of the clinic's, and of another clinic's whose provider reads both in one calendar."""
    shown = [link for link in watched if link.subject.cycles_ahead]
    own = {"minimum_interval": {"value": "P20W", **SOURCE}}
    for clinic_id in sorted({row.clinic_id for row in lived_in.rows(select(Course.clinic_id))}):
        before = [looked_at(lived_in, link, lived_in.now) for link in shown]
        of = {"product": factories.ONABOT, "indication": factories.MIGRAINE}
        made = {"clinic_id": clinic_id, "version": 1, "overrides": own, "created_at": lived_in.now}
        lived_in.change(lambda s, of=of, made=made: s.add(LabelVersion(**of, **made)))
        after = [looked_at(lived_in, link, lived_in.now) for link in shown]
        moved = [then[0] != now[0] for then, now in zip(before, after, strict=True)]
        assert any(moved)
        assert all(then[1] != now[1] for then, now, rows in zip(before, after, moved, strict=True) if rows)


def test_no_hour_changes_a_calendar_under_the_same_stamp(lived_in: House, watched: list[Watched]) -> None:
    ends = at(FRIDAY, 9, 30)
    second = timedelta(seconds=1)
    hours = [
        ends + timedelta(days) + part for days in (0, 31, 365) for part in (-2 * second, -second, second)
    ]
    hours += [lived_in.now + timedelta(days) for days in range(0, 130, 9)]
    for link in watched:
        known: dict[object, tuple[Row, ...]] = {}
        for hour in hours:
            rows, stamp = looked_at(lived_in, link, hour)
            assert known.setdefault(stamp, rows) == rows, (link.subject.kind, hour)
        assert 5 < len(known) < len(hours)


def test_the_stamp_stands_still_while_nothing_changes(lived_in: House, watched: list[Watched]) -> None:
    for link in watched:
        first = stamp_of(lived_in, link, lived_in.now)
        assert stamp_of(lived_in, link, lived_in.now + timedelta(hours=3)) == first


def test_the_stamp_says_whether_the_link_was_used_lately(lived_in: House, watched: list[Watched]) -> None:
    link, now = watched[0], lived_in.now
    used_at = [now, now - timedelta(hours=1), now - timedelta(hours=2)]

    def said(used_since: datetime) -> Stamp | None:
        with lived_in.app.app_context():
            return calendar_stamp(db.engine, link.token_hash, link.subject, now, used_since)

    never = said(now)
    assert never is not None
    assert never.long_unused
    for at_last in used_at:
        (key,) = lived_in.rows(select(CalendarFeed.id).where(CalendarFeed.token_sha256 == link.token_hash))
        lived_in.set(CalendarFeed, key[0], last_used_at=at_last)
        found = said(now - timedelta(hours=1))
        assert found is not None
        assert found.long_unused == (at_last != now)
        assert found.made_from == never.made_from


def test_a_link_that_is_none_has_no_stamp(lived_in: House, watched: list[Watched]) -> None:
    with lived_in.app.app_context():
        for link in watched:
            assert calendar_stamp(db.engine, "0" * 64, link.subject, lived_in.now, lived_in.now) is None
