"""How many courses each bucket of the due list has, at a cost that hardly grows: nothing is joined or sorted for it.

Nearly every course is ordinary: its bucket follows from columns of one narrow index, which are counted along. The few
others (held today, waited for, to be stopped, of somebody who died or moved) are judged one by one and set right.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due_status import (
    bucket_sql,
    gone_patients,
    held_courses,
    not_stopped,
    waited_for,
)

# (bucket, whether somebody is waited for): number.
Tally = Counter[tuple[str, bool]]


def count_buckets(session: Session, clinic_id: int, today: date, provider_id: int | None) -> Tally:
    """Open courses by bucket, and by whether an attempt to reach the patient still rests."""
    going_on = and_(Course.clinic_id == clinic_id, Course.stopped_on.is_(None))
    if provider_id is not None:
        going_on = and_(going_on, Course.provider_id == provider_id)
    tally: Tally = Counter()
    for bucket, number in (*_booked(session, going_on), *_unbooked(session, going_on, today)):
        tally[bucket, False] += number
    for taken_for, bucket, waiting, number in session.execute(_exceptions(clinic_id, today, provider_id)):
        if taken_for is not None:
            tally[taken_for, False] -= number
        if bucket is not None:
            tally[bucket, bool(waiting)] += number
    return tally


def _booked(session: Session, going_on: ColumnElement[bool]) -> Iterator[tuple[str, int]]:
    """Those with a visit: booking is anything but "none", which is two stretches of the index."""
    stretches = (Course.booking < "none", Course.booking > "none")
    counted = [
        select(Course.booking, func.count()).where(going_on, stretch).group_by(Course.booking)
        for stretch in stretches
    ]
    for booking, number in session.execute(union_all(*counted)):
        yield "booked" if booking == "ok" else "booking_problem", number


def _unbooked(session: Session, going_on: ColumnElement[bool], today: date) -> Iterator[tuple[str, int]]:
    """Overdue or not: two stretches of the index; the last bucket of each is what the others leave (DD-16)."""
    unbooked = and_(going_on, Course.booking == "none")
    current, free = Course.lapse_date > today, Course.blocks == ""
    number, blocked, overdue = session.execute(
        select(
            func.count(),
            func.count().filter(current, ~free),
            func.count().filter(current, free),
        ).where(unbooked, Course.overdue_date <= today)
    ).one()
    yield from (("lapsed", number - blocked - overdue), ("blocked", blocked), ("overdue", overdue))
    number, blocked, due, near = session.execute(
        select(
            func.count(),
            func.count().filter(~free),
            func.count().filter(free, Course.due_date <= today),
            func.count().filter(free, Course.earliest_date <= today + timedelta(DUE_SOON_DAYS)),
        ).where(unbooked, Course.overdue_date > today)
    ).one()
    yield from (
        ("blocked", blocked),
        ("due", due),
        ("due_soon", near - due),
        ("not_due", number - blocked - near),
    )


def _exceptions(clinic_id: int, today: date, provider_id: int | None) -> Select[Any]:
    """(bucket it was counted under, bucket it is in, whether waited for, number); None is no bucket at all."""
    # Computed, so that SQLite takes no index for them: it is to go by the few ids.
    mine = [Course.clinic_id + 0 == clinic_id]
    if provider_id is not None:
        mine.append(Course.provider_id + 0 == provider_id)
    waiting = waited_for(clinic_id, today)
    of_gone = select(Course.id).where(Course.patient_id.in_(gone_patients(clinic_id)))
    to_be_stopped = select(Course.id).where(Course.clinic_id == clinic_id, Course.stopped_on > today)
    is_open = and_(Course.patient_id.not_in(gone_patients(clinic_id)), not_stopped(today))
    judged = (
        select(
            case((Course.stopped_on.is_(None), bucket_sql(today, heed_holds=False))).label("taken_for"),
            case((is_open, bucket_sql(today))).label("bucket"),
            Course.id.in_(waiting).label("waiting"),
        )
        .where(*mine, Course.id.in_(held_courses(today).union(waiting, of_gone, to_be_stopped)))
        .subquery()
    )
    return select(judged, func.count()).group_by(judged.c.taken_for, judged.c.bucket, judged.c.waiting)
