"""How many courses each bucket of the due list has, counted along one narrow index: nothing large is joined or sorted.

Each bucket is a stretch of the index or what the others leave of one, since the four dates never change order (DD-16).
Whom a hold or an attempt to reach somebody concerns is not in the index; they are few, so all are counted as if
nothing did, and those few are then moved to where they belong. Tests hold the numbers to the rows, course by course.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, null, select, true, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.status import CLOSED_COURSE, DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due.bucket_sql import bucket_sql, by_few, held_courses, waited_for

# (bucket, whether an attempt to reach the patient still rests): number. The second is told of unbooked courses alone.
Tally = Counter[tuple[str, bool]]


def count_buckets(session: Session, clinic_id: int, today: date, provider_id: int | None) -> Tally:
    """Listed courses by bucket and, where a visit is to be booked, by whether somebody is waited for."""
    dialect = session.get_bind().dialect.name
    booked, totals, few = _statements(clinic_id, today, provider_id, dialect)
    tally: Tally = Counter()
    _count(tally, session.execute(booked).all(), session.execute(totals).one())
    for before, bucket, waiting, number in session.execute(few):
        if before is not None:
            tally[before, False] -= number
        tally[bucket, bool(waiting)] += number
    return tally


def _count(tally: Tally, booked: Sequence[Any], totals: Sequence[Any]) -> None:
    """Courses that are not to be closed, as if none were on hold and nobody waited for; and visits of closed ones."""
    for booking, number in booked:
        tally["booked" if booking == "ok" else "booking_problem", False] += number
    far, near, due, overdue, lapsed, blocked, blocked_lapsed = totals
    tally["lapsed", False] = lapsed + blocked_lapsed
    tally["blocked", False] = blocked - blocked_lapsed
    tally["overdue", False] = overdue - lapsed
    tally["due", False] = due - overdue
    tally["due_soon", False] = near - due
    tally["not_due", False] = far


@lru_cache(maxsize=128)
def _statements(
    clinic_id: int, today: date, provider_id: int | None, dialect: str
) -> tuple[CompoundSelect[Any, Any], Select[Any], Select[Any]]:
    """Statements never change, and making these anew takes as long as a tenth of the page."""
    of_whom = Course.clinic_id == clinic_id
    if provider_id is not None:
        of_whom = and_(of_whom, Course.provider_id == provider_id)
    going_on = and_(of_whom, Course.closed_from.is_(None))
    return (
        _booked(of_whom, going_on, today),
        _totals(going_on, today),
        _the_few(of_whom, clinic_id, today, dialect),
    )


def _booked(
    of_whom: ColumnElement[bool], going_on: ColumnElement[bool], today: date
) -> CompoundSelect[str, int]:
    """By booking, which is anything but "none": two stretches of the index, and what stands under closed courses."""
    number = func.count().label("number")
    ends = (
        select(Course.booking, number).where(going_on, stretch).group_by(Course.booking)
        for stretch in (Course.booking < "none", Course.booking > "none")
    )
    left = select(Course.booking, number).where(
        of_whom, Course.booking == CLOSED_COURSE, Course.closed_from <= today
    )
    return union_all(*ends, left.group_by(Course.booking))


def _totals(going_on: ColumnElement[bool], today: date) -> Select[Any]:
    """Unbooked: those far from due; those near, and how many passed each date; those with a block.

    Each course is met once.
    """
    unbooked = and_(going_on, Course.booking == "none")
    free, soon = and_(unbooked, Course.blocks == ""), today + timedelta(DUE_SOON_DAYS)

    def past(column: Any) -> ColumnElement[int]:
        return func.count().filter(column <= today)

    far = select(func.count().label("number")).where(free, Course.earliest_date > soon).subquery()
    near = (
        select(
            func.count().label("number"),
            past(Course.due_date).label("due"),
            past(Course.overdue_date).label("overdue"),
            past(Course.lapse_date).label("lapsed"),
        )
        .where(free, Course.earliest_date <= soon)
        .subquery()
    )
    blocked = (
        select(func.count().label("number"), past(Course.lapse_date).label("lapsed"))
        .where(unbooked, Course.blocks > "")
        .subquery()
    )
    return select(far, near, blocked).join_from(far, near, true()).join(blocked, true())


def _the_few(of_whom: ColumnElement[bool], clinic_id: int, today: date, dialect: str) -> Select[Any]:
    """(where it was counted, if it was, where it belongs, whether waited for, number) of whom _count misjudges.

    On hold or waited for matters where no visit is booked and none lapsed. A stop set for a day to come was left out.
    """
    waited = waited_for(clinic_id, today)
    bucket, waiting = bucket_sql(today).label("bucket"), Course.id.in_(waited).label("waiting")
    misjudged = and_(
        of_whom, Course.closed_from.is_(None), Course.booking == "none", Course.lapse_date > today
    )
    set_aside = select(bucket_sql(today, heed_holds=False).label("before"), bucket, waiting).where(
        by_few(Course.id, union_all(held_courses(today), waited), dialect),
        # Within a case it is asked of each; otherwise SQLite would go through all that are unbooked.
        case((misjudged, 1), else_=0) == 1,
    )
    to_be_stopped = select(null().label("before"), bucket, waiting).where(of_whom, Course.closed_from > today)
    few = union_all(set_aside, to_be_stopped).subquery()
    return select(few, func.count()).group_by(few.c.before, few.c.bucket, few.c.waiting)
