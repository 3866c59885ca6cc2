"""What is asked of a time: the panel's checks for its day, and whether provider and patient are free then.

Whether the rules allow the day is decided by guard.py, inside the transaction that books.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.visits.booking_checks import Check, checks_on, hard_checks
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.domain.visits.slots import overlaps, within_hours
from clinic_scheduler.models import Course, Provider
from clinic_scheduler.queries.courses.histories import patient_history
from clinic_scheduler.queries.schedule.availability import diary_on
from clinic_scheduler.queries.schedule.suggestions import Reading
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits.guard import OverrideEntry

# Past every interval there is; a later day is a slip of the finger.
FURTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Question:
    """What the desk asks a provider to allow, with what the patient says; the time is held meanwhile (DD-11)."""

    provider_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A time someone chose. `starts_at` is an instant; `idempotency_key` makes sending it twice book once."""

    course_id: int
    provider_id: int
    starts_at: datetime
    overrides: tuple[OverrideEntry, ...] = ()
    idempotency_key: str | None = None
    kind: str = VisitKind.INJECTION
    question: Question | None = None


def booking_checks(
    session: Session,
    course: Course,
    day: date,
    zone: ZoneInfo,
    now: datetime,
    known: Reading | None = None,
) -> list[Check]:
    """The booking panel's checks for an injection visit on `day`; `known` is what the course's history says."""
    if known is not None:
        return checks_on(known.facts, known.dates, day, now.astimezone(zone).date())
    return checks_by_day(session, course, [day], zone, now)[day]


def checks_by_day(
    session: Session, course: Course, days: Iterable[date], zone: ZoneInfo, now: datetime
) -> dict[date, list[Check]]:
    """The same for several days at once."""
    today = now.astimezone(zone).date()
    dates, facts = patient_history(session, course.patient_id).read(today)[course.id]
    return {day: checks_on(facts, dates, day, today) for day in days}


def require_open(
    course: Course,
    starts_at: datetime,
    zone: ZoneInfo,
    now: datetime,
    *,
    kind: str = VisitKind.INJECTION,
) -> None:
    """Nothing is booked in the past, nor under a course that takes no visit of the kind."""
    if starts_at <= now:
        raise BookingRefused("past", "That time has passed. Nothing was booked. Choose a later time.")
    if starts_at - now > FURTHEST:
        raise BookingRefused("too_far", "That is years away. Nothing was booked. Check the year.")
    for check in day_checks(course, starts_at.astimezone(zone).date(), zone, now, kind=kind):
        if not check.ok:
            raise BookingRefused(check.rule, f"{check.text}. Nothing was booked.")


def day_checks(
    course: Course, day: date, zone: ZoneInfo, now: datetime, *, kind: str = VisitKind.INJECTION
) -> list[Check]:
    """What nobody overrides: a closed course, a day gone by."""
    today = now.astimezone(zone).date()
    return hard_checks(is_closed(course, kind, max(day, today)), day, today)


def is_closed(course: Course, kind: str, on: date) -> bool:
    """Nothing is injected under a course that is stopped by then; who comes back after it is seen first.

    Who has died or moved away takes no visit at all.
    """
    if kind == VisitKind.INJECTION:
        return course.closed_from is not None and course.closed_from <= on
    return course.patient.deceased_on is not None or course.patient.moved_on is not None


def require_free(
    change: Change,
    course: Course,
    provider: Provider,
    starts_at: datetime,
    ends_at: datetime,
    *,
    moving: int | None = None,
) -> None:
    """Refuse a time at which the provider is away or taken, or the patient is in another room."""
    zone = change.zone
    day = starts_at.astimezone(zone).date()
    if not provider.is_active:
        raise BookingRefused("provider", f"{provider.name} takes no bookings. Nothing was booked.")
    diary = diary_on(change.session, provider, zone, day, patient_id=course.patient_id, ignoring=moving)
    closure = diary.closure_on(day)
    if closure is not None:
        reason = f" ({closure.reason})" if closure.reason else ""
        raise BookingRefused(
            "closure", f"{spoken(day)} is closed{reason}. Nothing was booked. Choose another day."
        )
    if overlaps(diary.busy, starts_at, ends_at):
        raise taken(starts_at, zone)
    if not within_hours(diary, day, starts_at, ends_at, zone):
        raise BookingRefused(
            "hours", f"{provider.name} does not inject at that time. Nothing was booked. Choose another time."
        )


def taken(starts_at: datetime, zone: ZoneInfo) -> BookingRefused:
    local = starts_at.astimezone(zone)
    return BookingRefused(
        "taken",
        f"{local:%H:%M} on {spoken(local.date())} is taken. Nothing was booked. Choose another time.",
    )
