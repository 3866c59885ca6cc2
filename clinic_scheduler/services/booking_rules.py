"""Whether a visit may be booked: the rules' checks, a provider's override, and the diary."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.booking import OVERRIDE_REASONS, Check, checks_on
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.domain.slots import overlaps, within_hours
from clinic_scheduler.models import Course, Provider
from clinic_scheduler.queries.availability import diaries, visit_length
from clinic_scheduler.queries.histories import patient_history
from clinic_scheduler.services.actors import Actor


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A time someone chose. `starts_at` is an instant; `idempotency_key` makes sending it twice book once."""

    course_id: int
    provider_id: int
    starts_at: datetime
    override_reason: str | None = None
    idempotency_key: str | None = None


def booking_checks(session: Session, course: Course, day: date, zone: ZoneInfo, now: datetime) -> list[Check]:
    """The booking panel's checks for a visit on `day`."""
    return checks_by_day(session, course, [day], zone, now)[day]


def checks_by_day(
    session: Session, course: Course, days: Iterable[date], zone: ZoneInfo, now: datetime
) -> dict[date, list[Check]]:
    """The same for several days at once."""
    today = now.astimezone(zone).date()
    history = patient_history(session, course.patient_id)
    dates, facts = history.read(today)[course.id]
    return {day: checks_on(facts, dates, day, today) for day in days}


def require_allowed(
    session: Session,
    actor: Actor,
    course: Course,
    provider: Provider,
    request: BookingRequest,
    zone: ZoneInfo,
    now: datetime,
    *,
    moving: int | None = None,
) -> bool:
    """Refuse what the rules or the diary do not allow; returns whether a provider's override was needed."""
    if request.starts_at <= now:
        raise BookingRefused("past", "That time has passed. Nothing was booked. Choose a later time.")
    day = request.starts_at.astimezone(zone).date()
    failed = [check for check in booking_checks(session, course, day, zone, now) if not check.ok]
    for check in failed:
        if check.stop == "hard":
            raise BookingRefused(check.rule, f"{check.text}. Nothing was booked.")
    to_override = [check for check in failed if check.stop == "override"]
    if to_override:
        _require_override(actor, request, to_override[0], course)
    _require_free(session, course, provider, request.starts_at, zone, moving)
    return bool(to_override)


def _require_override(actor: Actor, request: BookingRequest, check: Check, course: Course) -> None:
    if not request.override_reason:
        raise BookingRefused(
            check.rule,
            f"{check.text}. Nothing was booked. Choose another date; a provider may override with a reason.",
            safe_from=course.earliest_date,
        )
    if not actor.may_override:
        raise BookingRefused(
            check.rule,
            f"{check.text}. Nothing was booked. Only a provider may override this.",
            safe_from=course.earliest_date,
        )
    if request.override_reason not in OVERRIDE_REASONS:
        raise InvalidInput(f"an override needs a reason: one of {', '.join(OVERRIDE_REASONS)}")


def _require_free(
    session: Session,
    course: Course,
    provider: Provider,
    starts_at: datetime,
    zone: ZoneInfo,
    moving: int | None,
) -> None:
    day = starts_at.astimezone(zone).date()
    ends_at = starts_at + visit_length(session, course, provider)
    found = diaries(session, course.clinic_id, zone, day, day, patient_id=course.patient_id, ignoring=moving)
    diary = next((diary for diary in found if diary.provider_id == provider.id), None)
    if diary is None:
        raise BookingRefused("provider", f"{provider.name} takes no bookings. Nothing was booked.")
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
