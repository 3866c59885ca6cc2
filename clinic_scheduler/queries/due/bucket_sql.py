"""domain/forecast/status.py's bucket as an SQL expression; tests hold the two together on both databases.

Who is held or waited for is asked in two ways: as a list of those few, where all courses are gone through, and of each
course alone, where a page is filled from an index and ends soon.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, SelectBase, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import CLOSED_COURSE, DUE_SOON_DAYS
from clinic_scheduler.models import ContactAttempt, Course, Hold
from clinic_scheduler.queries.courses.holds import concerns, in_force


def on_hold_sql(today: date) -> ColumnElement[bool]:
    """domain.status.on_hold as SQL: both ends included, no end means until further notice."""
    return Course.id.in_(held_courses(today))


def held_courses(today: date | ColumnElement[date]) -> Select[int]:
    """Ids of courses on hold, of whichever clinic."""
    held = aliased(Course)
    return select(held.id).join(Hold, concerns(Hold, held)).where(in_force(today))


def waited_for(clinic_id: int, today: date) -> Select[int]:
    """Ids of courses about which somebody reached out, where the answer is not due yet."""
    return select(ContactAttempt.course_id).where(
        ContactAttempt.clinic_id == clinic_id, ContactAttempt.hide_until > today
    )


def is_held(today: date) -> ColumnElement[bool]:
    """The same as on_hold_sql, asked of each course."""
    return select(Hold.id).where(concerns(), in_force(today)).correlate(Course).exists()


def is_waited_for(today: date) -> ColumnElement[bool]:
    """The same as waited_for, asked of each course."""
    about = ContactAttempt.course_id == Course.id, ContactAttempt.hide_until > today
    return select(ContactAttempt.id).where(*about).correlate(Course).exists()


def open_on(day: date) -> ColumnElement[bool]:
    """Neither stopped, which may be set for a day to come, nor of a patient who died or moved away.

    Said so that no index answers it: nearly every course is open, and SQLite would gather them all by it.
    """
    return func.coalesce(Course.closed_from, date.max) > day


def listed_on(day: date) -> ColumnElement[bool]:
    """Open, or closed while a visit still stands under it, which somebody has to look at."""
    return or_(open_on(day), Course.booking == CLOSED_COURSE)


def bucket_sql(today: date) -> ColumnElement[str]:
    """domain.status.bucket_of as SQL, for a course that is listed."""
    blocked = or_(Course.blocks != "", on_hold_sql(today))
    return case(
        (Course.booking == "ok", Bucket.BOOKED.value),
        (Course.booking != "none", Bucket.BOOKING_PROBLEM.value),
        (Course.lapse_date <= today, Bucket.LAPSED.value),
        (blocked, Bucket.BLOCKED.value),
        (Course.overdue_date <= today, Bucket.OVERDUE.value),
        (Course.due_date <= today, Bucket.DUE.value),
        (Course.earliest_date <= today + timedelta(DUE_SOON_DAYS), Bucket.DUE_SOON.value),
        else_=Bucket.NOT_DUE.value,
    )


def by_few(column: InstrumentedAttribute[int], ids: SelectBase, dialect: str) -> ColumnElement[bool]:
    """Rows whose `column` is among a few ids, each looked up: PostgreSQL would rather read the whole table."""
    if dialect == "postgresql":
        return column == func.any(func.array(ids.scalar_subquery()))
    return column.in_(ids)
