"""Pages ask as many SQL statements of a full clinic as of a small one, and the tabs' counts are those of the rows."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.db import db
from clinic_scheduler.models import Appointment, Clinic, Course, Patient
from clinic_scheduler.queries.courses.course_view import course_views
from clinic_scheduler.queries.due.contact_attempts import Tried, tried
from clinic_scheduler.queries.due.rows import TABS, DueRow, due_page, due_rows
from clinic_scheduler.queries.due.sorted_pages import SORTS, STAFF_DECISION, DueFilter, due_page_sorted
from clinic_scheduler.queries.patients.record import patient_record
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.queries.schedule.grid import day_grid
from clinic_scheduler.seeding.large_clinic.build import NAME, Size, load
from tests import factories
from tests.conftest import FrozenClock
from tests.kept_rows import begin_with

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
FEW, MANY = 10, 200


@pytest.fixture
def clinics(app: Flask, clock: FrozenClock) -> tuple[int, int]:
    """The ids of a clinic of FEW patients and of one of MANY."""
    return begin_with(app, few_and_many, clock.now())


def few_and_many(session: Session, now: datetime) -> tuple[int, int]:
    return fill(session, now, FEW, seed=3), fill(session, now, MANY, seed=2)


def fill(session: Session, now: datetime, patients: int, seed: int) -> int:
    """A clinic of so many patients, half of them with two courses. Returns its id; the name is free again."""
    for _ in load(session, Size(patients, patients * 3 // 2, seed=seed), factories.ZONE, now):
        pass
    clinic = session.scalars(select(Clinic).where(Clinic.name == NAME)).one()
    clinic.name = f"Clinic of {patients}"
    return clinic.id


def due_list(session: Session, clinic_id: int) -> int:
    return len(due_page(session, clinic_id, TODAY, bucket="all").rows)


def schedule(session: Session, clinic_id: int) -> int:
    """The fullest day, read as a page would read it."""
    day = session.scalars(
        select(Appointment.local_date)
        .where(Appointment.clinic_id == clinic_id)
        .group_by(Appointment.local_date)
        .order_by(func.count().desc())
    ).first()
    assert day is not None
    columns = day_grid(session, clinic_id, day, NOW).columns
    visits = [visit for column in columns for cell in column.cells.values() for visit in cell.visits]
    return len({(visit.family_name, visit.indication, visit.id) for visit in visits})


def names(session: Session, clinic_id: int) -> int:
    return len({found.mrn for found in search(session, clinic_id, "L000")})


def patient(session: Session, clinic_id: int) -> int:
    """The page of whoever has the most courses."""
    most = (
        select(Course.patient_id)
        .where(Course.clinic_id == clinic_id)
        .group_by(Course.patient_id)
        .order_by(func.count().desc(), Course.patient_id)
    )
    row = session.get_one(Patient, session.scalars(most).first())
    record = patient_record(session, clinic_id, row.id, TODAY)
    return len(course_views(session, record.patient, TODAY)) + len(
        [visit.provider.name for visit in record.visits]
    )


def asked(app: Flask, read: Callable[[Session, int], int], clinic_id: int) -> tuple[int, int]:
    """(SQL statements, what was read)."""
    seen: list[str] = []

    def listener(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            number = read(db.session(), clinic_id)
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
    return len(seen), number


def test_pages_ask_as_many_statements_of_many_patients_as_of_few(
    app: Flask, clinics: tuple[int, int]
) -> None:
    small, full = clinics
    for read in (due_list, schedule, names, patient):
        of_few, few = asked(app, read, small)
        of_many, many = asked(app, read, full)
        assert of_many == of_few <= 25, read.__name__
        # Else nothing was shown: the full clinic has more of everything but courses of one patient.
        assert many > few > 0 or (read is patient and many >= 2), read.__name__


def test_every_tab_in_every_order_asks_the_same_few_statements(app: Flask, clinics: tuple[int, int]) -> None:
    _, clinic_id = clinics
    for tab, sort, limit in product((*TABS, STAFF_DECISION), SORTS, (1, 99)):
        wanted = DueFilter(tab, None, sort, limit)
        statements, shown = asked(app, partial(sorted_page, wanted=wanted), clinic_id)
        assert statements <= 9, wanted
        assert shown > 0 or (tab == STAFF_DECISION and limit == 99), wanted


def sorted_page(session: Session, clinic_id: int, wanted: DueFilter) -> int:
    page = due_page_sorted(session, clinic_id, TODAY, wanted, 1)
    return len(page.rows) + len(tried(session, [row.course_id for row in page.rows]))


@pytest.mark.parametrize("owner", [None, 0, 1], ids=["everybody's", "one provider's", "another's"])
def test_counts_of_tabs_are_those_of_their_rows(
    app: Flask, clinics: tuple[int, int], owner: int | None
) -> None:
    _, clinic_id = clinics  # the other one's count for nothing
    with app.app_context():
        session = db.session()
        owners = session.scalars(
            select(Course.provider_id).where(Course.clinic_id == clinic_id).distinct()
        ).all()
        provider_id = None if owner is None else sorted(filter(None, owners))[owner]
        rows = due_rows(session, clinic_id, TODAY, provider_id=provider_id)
        contacts = tried(session, [row.course_id for row in rows])
        counts = due_page(session, clinic_id, TODAY, provider_id=provider_id).counts
        for bucket, number in Counter(row.bucket for row in rows).items():
            if bucket not in TABS:
                assert counts[bucket] == number
        for tab in TABS:
            mine = [row.course_id for row in rows if under(tab, row, contacts.get(row.course_id))]
            assert [
                row.course_id
                for row in due_rows(session, clinic_id, TODAY, bucket=tab, provider_id=provider_id)
            ] == mine
            assert counts[tab] == len(mine)
            assert pages(session, clinic_id, tab, provider_id) == mine
        if owner is None:
            assert all(counts[tab] for tab in TABS)


def under(tab: str, row: DueRow, contact: Tried | None) -> bool:
    """What a tab shows, said over again from a row and the newest contact about its course."""
    waiting = contact is not None and (contact.hide_until or TODAY) > TODAY
    if tab == "contacted":
        return waiting and row.bucket in ("overdue", "due", "due_soon")
    buckets = TABS[tab]
    return buckets is None or (
        row.bucket in buckets and not (waiting and tab in ("to_book", "overdue", "due_soon"))
    )


def pages(session: Session, clinic_id: int, tab: str, provider_id: int | None) -> list[int]:
    """Course ids page after page, from the first half and the second."""
    first = due_page(session, clinic_id, TODAY, bucket=tab, provider_id=provider_id, per_page=7)
    rest = (
        due_page(session, clinic_id, TODAY, bucket=tab, provider_id=provider_id, per_page=7, page=number)
        for number in range(2, first.pages + 1)
    )
    return [row.course_id for page in (first, *rest) for row in page.rows]
