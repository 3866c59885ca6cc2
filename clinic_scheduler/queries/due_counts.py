"""How many courses each bucket of the due list has, counted along one narrow index: nothing large is joined or sorted.

Each bucket is a stretch of the index or what the others leave of one, since the four dates never change order (DD-16).
Whom a hold, an attempt to reach somebody or a death concerns is asked of lists of those few. PostgreSQL asks them on
the way; SQLite is slow at that for every row, so there the few are counted as if ordinary and then set right.
Tests hold the numbers to the rows, course by course, on both.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due_status import (
    bucket_sql,
    gone_patients,
    held_courses,
    not_stopped,
    on_hold_sql,
    waited_for,
)

# (bucket, whether an attempt to reach the patient still rests): number. The second is told of unbooked courses alone.
Tally = Counter[tuple[str, bool]]
Counted = Iterator[tuple[tuple[str, bool], int]]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is asked of every course counted: whether it is one, has no block, is waited for."""

    counts: ColumnElement[bool]
    free: ColumnElement[bool]
    waited: ColumnElement[bool]


def count_buckets(session: Session, clinic_id: int, today: date, provider_id: int | None) -> Tally:
    """Open courses by bucket and, where a visit is to be booked, by whether somebody is waited for."""
    going_on = and_(Course.clinic_id == clinic_id, not_stopped(today))
    if provider_id is not None:
        going_on = and_(going_on, Course.provider_id == provider_id)
    if session.get_bind().dialect.name == "sqlite":
        tally = _along(session, _Terms(going_on, Course.blocks == "", false()), today)
        _set_right(session, tally, clinic_id, today, provider_id)
        return tally
    terms = _Terms(
        counts=and_(going_on, Course.patient_id.not_in(gone_patients(clinic_id))),
        free=and_(Course.blocks == "", ~on_hold_sql(today)),
        waited=Course.id.in_(waited_for(clinic_id, today)),
    )
    return _along(session, terms, today)


def _along(session: Session, terms: _Terms, today: date) -> Tally:
    tally: Tally = Counter()
    for stretch in (_booked(session, terms), _overdue(session, terms, today), _ahead(session, terms, today)):
        for key, number in stretch:
            tally[key] += number
    return tally


def _booked(session: Session, terms: _Terms) -> Counted:
    """Those with a visit: booking is anything but "none", which is two stretches of the index."""
    counted = [
        select(Course.booking, func.count()).where(terms.counts, stretch).group_by(Course.booking)
        for stretch in (Course.booking < "none", Course.booking > "none")
    ]
    for booking, number in session.execute(union_all(*counted)):
        yield ("booked" if booking == "ok" else "booking_problem", False), number


def _overdue(session: Session, terms: _Terms, today: date) -> Counted:
    """Past the overdue date: overdue, blocked or lapsed."""
    current = Course.lapse_date > today
    number, not_lapsed, overdue, waiting = session.execute(
        select(
            func.count(),
            func.count().filter(current),
            func.count().filter(current, terms.free),
            func.count().filter(current, terms.waited, terms.free),
        ).where(terms.counts, Course.booking == "none", Course.overdue_date <= today)
    ).one()
    yield ("lapsed", False), number - not_lapsed
    yield ("blocked", False), not_lapsed - overdue
    yield from _halves("overdue", overdue, waiting)


def _ahead(session: Session, terms: _Terms, today: date) -> Counted:
    """Before the overdue date: due, due soon, not due yet, or blocked."""
    is_due = Course.due_date <= today
    near = Course.earliest_date <= today + timedelta(DUE_SOON_DAYS)
    number, far, soon, due, soon_waiting, due_waiting = session.execute(
        select(
            func.count(),
            func.count().filter(~near, terms.free),
            func.count().filter(near, terms.free),
            func.count().filter(is_due, terms.free),
            func.count().filter(near, terms.waited, terms.free),
            func.count().filter(is_due, terms.waited, terms.free),
        ).where(terms.counts, Course.booking == "none", Course.overdue_date > today)
    ).one()
    yield ("blocked", False), number - far - soon
    yield ("not_due", False), far
    yield from _halves("due", due, due_waiting)
    yield from _halves("due_soon", soon - due, soon_waiting - due_waiting)


def _halves(bucket: str, number: int, waiting: int) -> Counted:
    yield (bucket, False), number - waiting
    yield (bucket, True), waiting


def _set_right(session: Session, tally: Tally, clinic_id: int, today: date, provider_id: int | None) -> None:
    """Take off the courses of those who died or moved, and judge again those held or waited for."""
    # A range of one clinic: with "equal", SQLite would go through all of it rather than by the few ids.
    of_clinic = and_(Course.clinic_id.between(clinic_id, clinic_id), not_stopped(today))
    if provider_id is not None:
        of_clinic = and_(of_clinic, Course.provider_id.between(provider_id, provider_id))
    for bucket, number in session.execute(_gone(of_clinic, clinic_id, today)):
        tally[bucket, False] -= number
    for bucket, held, waiting, number in session.execute(_held_or_waited_for(of_clinic, clinic_id, today)):
        tally[bucket, False] -= number
        tally["blocked" if held else bucket, bool(waiting)] += number


def _gone(of_clinic: ColumnElement[bool], clinic_id: int, today: date) -> Select[str, int]:
    """Where the courses of those who died or moved were counted, and how many."""
    theirs = (
        select(bucket_sql(today, heed_holds=False).label("bucket"))
        .where(of_clinic, Course.patient_id.in_(gone_patients(clinic_id)))
        .subquery()
    )
    return select(theirs.c.bucket, func.count()).group_by(theirs.c.bucket)


def _held_or_waited_for(of_clinic: ColumnElement[bool], clinic_id: int, today: date) -> Select[Any]:
    """(where it was counted, whether held, whether waited for, number): where no visit is booked and none lapsed.

    Elsewhere neither changes the bucket or the tab.
    """
    waiting = waited_for(clinic_id, today)
    judged = (
        select(
            bucket_sql(today, heed_holds=False).label("bucket"),
            on_hold_sql(today).label("held"),
            Course.id.in_(waiting).label("waiting"),
        )
        .where(Course.id.in_(held_courses(today).union(waiting)))
        .where(of_clinic, Course.booking.between("none", "none"), Course.lapse_date > today)
        .where(Course.patient_id.not_in(gone_patients(clinic_id)))
        .subquery()
    )
    return select(judged, func.count()).group_by(judged.c.bucket, judged.c.held, judged.c.waiting)
