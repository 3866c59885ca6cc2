"""domain/status.py's timing and bucket as SQL expressions; tests hold the two together on both databases.

What few courses are is asked as a list of those few, which both databases make once, not once for every row.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, case, or_, select

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import ContactAttempt, Course, Hold, Patient


def timing_sql(today: date) -> ColumnElement[str]:
    """domain.status.timing_on as SQL."""
    return case(
        (Course.lapse_date <= today, "lapsed"),
        (Course.overdue_date <= today, "overdue"),
        (Course.due_date <= today, "due"),
        (Course.earliest_date <= today, "eligible"),
        (Course.earliest_date <= today + timedelta(DUE_SOON_DAYS), "due_soon"),
        else_="not_due",
    )


def on_hold_sql(today: date) -> ColumnElement[bool]:
    """domain.status.on_hold as SQL: both ends included, no end means until further notice."""
    return Course.id.in_(held_courses(today))


def held_courses(today: date) -> Select[int]:
    """Ids of courses on hold, of whichever clinic."""
    return select(Hold.course_id).where(
        Hold.starts_on <= today, or_(Hold.ends_on.is_(None), Hold.ends_on >= today)
    )


def waited_for(clinic_id: int, today: date) -> Select[int]:
    """Ids of courses about which somebody reached out, where the answer is not due yet."""
    return select(ContactAttempt.course_id).where(
        ContactAttempt.clinic_id == clinic_id, ContactAttempt.hide_until > today
    )


def gone_patients(clinic_id: int) -> Select[int]:
    """Ids of patients who died or moved away: their courses are closed."""
    return select(Patient.id).where(
        Patient.clinic_id == clinic_id, or_(Patient.deceased_on.is_not(None), Patient.moved_on.is_not(None))
    )


def not_stopped(today: date) -> ColumnElement[bool]:
    """A stop may be set for a day to come."""
    return or_(Course.stopped_on.is_(None), Course.stopped_on > today)


def bucket_sql(today: date, *, heed_holds: bool = True) -> ColumnElement[str]:
    """domain.status.bucket_of as SQL, for an open course; or as if it were on no hold."""
    timing = timing_sql(today)
    blocked = or_(Course.blocks != "", on_hold_sql(today)) if heed_holds else Course.blocks != ""
    return case(
        (Course.booking == "ok", "booked"),
        (Course.booking != "none", "booking_problem"),
        (timing == "lapsed", "lapsed"),
        (blocked, "blocked"),
        (timing == "eligible", "due_soon"),
        else_=timing,
    )
