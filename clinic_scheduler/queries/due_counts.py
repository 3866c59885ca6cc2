"""How many courses each bucket of the due list has, counted along one narrow index: nothing is joined or sorted for it.

Each bucket is a stretch of the index or what the others leave of one, since the four dates never change order (DD-16).
Tests hold the numbers to due_status.py's buckets, course by course.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due_status import gone_patients, not_stopped, on_hold_sql, waited_for

# (bucket, whether an attempt to reach the patient still rests), number. The second is told of TO_BOOK's buckets alone.
Counted = Iterator[tuple[tuple[str, bool], int]]


def count_buckets(
    session: Session, clinic_id: int, today: date, provider_id: int | None
) -> Counter[tuple[str, bool]]:
    """Open courses by bucket and, where a visit is to be booked, by whether somebody is waited for."""
    is_open = and_(
        Course.clinic_id == clinic_id,
        not_stopped(today),
        Course.provider_id == provider_id if provider_id is not None else True,
        Course.patient_id.not_in(gone_patients(clinic_id)),
    )
    waited = Course.id.in_(waited_for(clinic_id, today))
    unbooked = and_(is_open, Course.booking == "none")
    counts: Counter[tuple[str, bool]] = Counter()
    for counted in (
        _booked(session, is_open),
        _overdue(session, unbooked, waited, today),
        _ahead(session, unbooked, waited, today),
    ):
        for key, number in counted:
            counts[key] += number
    return counts


def _booked(session: Session, is_open: ColumnElement[bool]) -> Counted:
    """Those with a visit: booking is anything but "none", which is two stretches of the index."""
    counted = [
        select(Course.booking, func.count()).where(is_open, stretch).group_by(Course.booking)
        for stretch in (Course.booking < "none", Course.booking > "none")
    ]
    for booking, number in session.execute(union_all(*counted)):
        yield ("booked" if booking == "ok" else "booking_problem", False), number


def _overdue(
    session: Session, unbooked: ColumnElement[bool], waited: ColumnElement[bool], today: date
) -> Counted:
    """Past the overdue date: overdue, blocked or lapsed."""
    current = Course.lapse_date > today
    free = and_(Course.blocks == "", ~on_hold_sql(today))
    number, not_lapsed, overdue, waiting = session.execute(
        select(
            func.count(),
            func.count().filter(current),
            func.count().filter(current, free),
            func.count().filter(current, waited, free),
        ).where(unbooked, Course.overdue_date <= today)
    ).one()
    yield ("lapsed", False), number - not_lapsed
    yield ("blocked", False), not_lapsed - overdue
    yield ("overdue", False), overdue - waiting
    yield ("overdue", True), waiting


def _ahead(
    session: Session, unbooked: ColumnElement[bool], waited: ColumnElement[bool], today: date
) -> Counted:
    """Before the overdue date: due, due soon, not due yet, or blocked."""
    is_due = Course.due_date <= today
    near = Course.earliest_date <= today + timedelta(DUE_SOON_DAYS)
    free = and_(Course.blocks == "", ~on_hold_sql(today))
    number, unblocked, due, soon, due_waiting, soon_waiting = session.execute(
        select(
            func.count(),
            func.count().filter(free),
            func.count().filter(is_due, free),
            func.count().filter(near, free),
            func.count().filter(is_due, waited, free),
            func.count().filter(near, waited, free),
        ).where(unbooked, Course.overdue_date > today)
    ).one()
    yield ("blocked", False), number - unblocked
    yield ("not_due", False), unblocked - soon
    yield ("due", False), due - due_waiting
    yield ("due", True), due_waiting
    yield ("due_soon", False), soon - due - (soon_waiting - due_waiting)
    yield ("due_soon", True), soon_waiting - due_waiting
