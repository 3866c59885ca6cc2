"""domain/status.py's timing and bucket as SQL expressions; tests hold the two together on both databases."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, exists, or_

from clinic_scheduler.domain.status import DUE_SOON_DAYS
from clinic_scheduler.models import Course, Hold


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
    return exists().where(
        Hold.course_id == Course.id,
        Hold.starts_on <= today,
        or_(Hold.ends_on.is_(None), Hold.ends_on >= today),
    )


def bucket_sql(today: date) -> ColumnElement[str]:
    """domain.status.bucket_of as SQL, for an open course."""
    timing = timing_sql(today)
    return case(
        (Course.booking == "ok", "booked"),
        (Course.booking != "none", "booking_problem"),
        (timing == "lapsed", "lapsed"),
        (or_(Course.blocks != "", on_hold_sql(today)), "blocked"),
        (timing == "eligible", "due_soon"),
        else_=timing,
    )
