"""How many courses each bucket of the due list has, counted along one narrow index: nothing large is joined or sorted.

Each bucket is a stretch of the index or what the others leave of one, since the four dates never change order (DD-16).
Whom a hold or an attempt to reach somebody concerns is not in the index; they are few, so all are counted as if
nothing did, and those few are then moved to where they belong. Tests hold the numbers to the rows, course by course.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, null, select, true, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due_status import bucket_sql, by_few, held_courses, waited_for

# (bucket, whether an attempt to reach the patient still rests): number. The second is told of unbooked courses alone.
Tally = Counter[tuple[str, bool]]


def count_buckets(session: Session, clinic_id: int, today: date, provider_id: int | None) -> Tally:
    """Open courses by bucket and, where a visit is to be booked, by whether somebody is waited for."""
    of_whom = Course.clinic_id == clinic_id
    if provider_id is not None:
        of_whom = and_(of_whom, Course.provider_id == provider_id)
    tally: Tally = Counter()
    _count(session, tally, and_(of_whom, Course.closed_from.is_(None)), today)
    few = _the_few(of_whom, clinic_id, today, session.get_bind().dialect.name)
    for before, bucket, waiting, number in session.execute(few):
        if before is not None:
            tally[before, False] -= number
        tally[bucket, bool(waiting)] += number
    return tally


def _count(session: Session, tally: Tally, going_on: ColumnElement[bool], today: date) -> None:
    """Courses that are not to be closed, as if none were on hold and nobody waited for."""
    with_visit = 0
    for booking, number in session.execute(_booked(going_on)):
        tally["booked" if booking == "ok" else "booking_problem", False] += number
        with_visit += number
    every, near, due, overdue, lapsed, blocked, blocked_lapsed = session.execute(
        _totals(going_on, today)
    ).one()
    tally["lapsed", False] = lapsed + blocked_lapsed
    tally["blocked", False] = blocked - blocked_lapsed
    tally["overdue", False] = overdue - lapsed
    tally["due", False] = due - overdue
    tally["due_soon", False] = near - due
    tally["not_due", False] = every - with_visit - blocked - near


def _booked(going_on: ColumnElement[bool]) -> CompoundSelect[str, int]:
    """By booking, which is anything but "none": two stretches of the index."""
    ends = (
        select(Course.booking, func.count().label("number")).where(going_on, stretch).group_by(Course.booking)
        for stretch in (Course.booking < "none", Course.booking > "none")
    )
    return union_all(*ends)


def _totals(going_on: ColumnElement[bool], today: date) -> Select[Any]:
    """All; unbooked with no block, those near and how many of them have passed each date; unbooked with a block."""
    unbooked = and_(going_on, Course.booking == "none")

    def past(column: Any) -> ColumnElement[int]:
        return func.count().filter(column <= today)

    every = select(func.count().label("number")).where(going_on).subquery()
    near = (
        select(
            func.count().label("number"),
            past(Course.due_date).label("due"),
            past(Course.overdue_date).label("overdue"),
            past(Course.lapse_date).label("lapsed"),
        )
        .where(unbooked, Course.blocks == "", Course.earliest_date <= today + timedelta(DUE_SOON_DAYS))
        .subquery()
    )
    blocked = (
        select(func.count().label("number"), past(Course.lapse_date).label("lapsed"))
        .where(unbooked, Course.blocks > "")
        .subquery()
    )
    return select(every, near, blocked).join_from(every, near, true()).join(blocked, true())


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
