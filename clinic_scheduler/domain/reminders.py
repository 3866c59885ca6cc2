"""Which tellings a course should have planned, from its dates and its visit; quiet hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.status import DUE_SOON_DAYS, on_hold
from clinic_scheduler.domain.telling_kinds import TIME_TO_BOOK, VISIT_REMINDER
from clinic_scheduler.domain.values import Hold

DAYS_BEFORE = (7, 3, 1)
SEND_AT = time(10)
QUIET_UNTIL, QUIET_FROM = time(9), time(20)


@dataclass(frozen=True, slots=True)
class CourseState:
    """What the plan depends on. `cycle` names the cycle the next visit begins, by its reference date."""

    course_id: int
    cycle: str
    earliest_date: date
    overdue_date: date
    holds: Sequence[Hold] = ()
    # Why nothing at all may be told, such as 'deceased'; None while the course is open.
    silenced: str | None = None
    appointment_id: int | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One telling. `step` is unique within its kind, `revision` changes when the visit moves."""

    kind: str
    step: str
    due_at: datetime
    expires_at: datetime
    revision: str

    def dedupe_key(self, state: CourseState, channel: str) -> str:
        """Unique on course, cycle, step, channel and schedule revision."""
        return f"{state.course_id}:{state.cycle}:{self.step}:{channel}:{self.revision}"


def plan(state: CourseState, zone: ZoneInfo, now: datetime) -> list[Planned]:
    """Everything that should be waiting to be told, as of `now`."""
    if state.silenced:
        return []
    tellings = _before_the_visit(state, zone, now) if state.starts_at else _time_to_book(state, zone, now)
    return [t for t in tellings if not _held(state.holds, t.due_at, zone)]


def _before_the_visit(state: CourseState, zone: ZoneInfo, now: datetime) -> list[Planned]:
    """7, 3 and 1 days before; a step whose hour has passed when the visit is booked is not made up for.

    At ten, or at the visit's own hour where that is earlier (quiet hours kept), so that nobody is told less
    than the promised days ahead.
    """
    starts_at = state.starts_at
    assert starts_at is not None
    visit = starts_at.astimezone(zone)
    send_at = max(QUIET_UNTIL, min(SEND_AT, visit.time().replace(fold=0)))
    revision = f"{state.appointment_id}@{starts_at:%Y%m%dT%H%MZ}"
    planned = []
    for days in DAYS_BEFORE:
        due_at = to_utc(visit.date() - timedelta(days), send_at, zone)
        if due_at > now:
            planned.append(Planned(VISIT_REMINDER, f"visit-{days}", due_at, starts_at, revision))
    return planned


def _time_to_book(state: CourseState, zone: ZoneInfo, now: datetime) -> list[Planned]:
    """Once a cycle, when the course becomes due soon (or the next morning after); none once it is overdue."""
    expires_at = to_utc(state.overdue_date, time(0), zone)
    due_at = to_utc(state.earliest_date - timedelta(DUE_SOON_DAYS), SEND_AT, zone)
    if due_at <= now:
        due_at = _next_morning(now, zone)
    return [Planned(TIME_TO_BOOK, TIME_TO_BOOK, due_at, expires_at, "1")] if due_at < expires_at else []


def _next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    at = to_utc(today, SEND_AT, zone)
    return at if at > now else to_utc(today + timedelta(1), SEND_AT, zone)


def _held(holds: Sequence[Hold], due_at: datetime, zone: ZoneInfo) -> bool:
    day = due_at.astimezone(zone).date()
    return any(on_hold(hold, day) for hold in holds)


def allowed_from(now: datetime, zone: ZoneInfo) -> datetime:
    """`now` outside quiet hours, else the first instant after them (patients' mornings are the clinic's)."""
    local = now.astimezone(zone)
    if local.time() < QUIET_UNTIL:
        return to_utc(local.date(), QUIET_UNTIL, zone)
    if local.time() >= QUIET_FROM:
        return to_utc(local.date() + timedelta(1), QUIET_UNTIL, zone)
    return now
