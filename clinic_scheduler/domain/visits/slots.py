"""DD-10: times to suggest for a visit: a provider's hours less closures and bookings, nearest the due date first."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.busy_hours import Span, merged

GRID = timedelta(minutes=15)
# How far past the window a suggestion may go when the window is full or gone.
LATEST_SEARCH = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of one weekday (Monday is 0) in local time."""

    weekday: int
    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Days away, both ends included."""

    starts_on: date
    ends_on: date
    reason: str = ""

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Diary:
    """What one provider's time looks like. `busy` and `elsewhere` hold (starts_at, ends_at) instants.

    What is busy cannot be booked. What the provider has elsewhere is not offered, and may be booked by hand.
    """

    provider_id: int
    provider_name: str
    visit_minutes: int
    hours: Sequence[Hours]
    closures: Sequence[Closure] = ()
    busy: Sequence[Span] = ()
    elsewhere: Sequence[Span] = ()

    def closure_on(self, day: date) -> Closure | None:
        return next((closure for closure in self.closures if closure.covers(day)), None)

    @cached_property
    def _taken(self) -> list[Span]:
        """What is not offered, in order and apart."""
        return merged([*self.busy, *self.elsewhere])

    def taken_until(self, start: datetime, end: datetime) -> datetime | None:
        """When what stands between `start` and `end` is over; None where nothing does."""
        n = bisect_right(self._taken, start, key=_ends_at)
        return self._taken[n][1] if n < len(self._taken) and self._taken[n][0] < end else None


def _ends_at(span: Span) -> datetime:
    return span[1]


@dataclass(frozen=True, slots=True)
class Slot:
    """One free time. `late` says it lies on or after the overdue date."""

    provider_id: int
    provider_name: str
    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The course's dates a suggestion respects; the due date is never before the earliest date.

    `is_good` says whether a day may be booked as it is: what any other rule forbids is not offered.
    """

    earliest_date: date
    due_date: date
    overdue_date: date
    is_good: Callable[[date], bool] = lambda _day: True


def suggest(
    window: Window,
    diaries: Sequence[Diary],
    zone: ZoneInfo,
    now: datetime,
    *,
    limit: int = 6,
    per_diary: int = 1,
) -> list[Slot]:
    """Up to `limit` free times, best first; `diaries` in order of preference, `per_diary` times a day of each."""
    days = days_to_offer(window, now.astimezone(zone).date())
    return list(islice(offers(window, days, diaries, zone, now, per_diary=per_diary), limit))


def offers(
    window: Window,
    days: Iterable[date],
    diaries: Sequence[Diary],
    zone: ZoneInfo,
    now: datetime,
    *,
    per_diary: int = 1,
) -> Iterator[Slot]:
    """Free times on these days, in the order of the days and then of the diaries."""
    for day in days:
        for diary in diaries:
            for at in islice(free_times(diary, day, zone, now), per_diary):
                yield _slot(diary, at, zone, late=day >= window.overdue_date)


def days_to_offer(window: Window, today: date) -> Iterator[date]:
    """Days in the order to offer them: from the due date (or today, once that is later) forward.

    A closure or a full day moves a suggestion forward, never back, so nothing is offered between the earliest
    date and the due date; who wants such a day chooses it by hand.
    """
    target = max(window.due_date, today)
    beyond_from = max(window.overdue_date, target)
    for day in _days(target, beyond_from + LATEST_SEARCH):
        if window.is_good(day):
            yield day


def free_times(diary: Diary, day: date, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Starts (UTC) on `day` at which a whole visit fits, on the quarter-hour grid of each stretch of hours."""
    if diary.closure_on(day) is not None:
        return
    length = timedelta(minutes=diary.visit_minutes)
    for stretch in sorted(diary.hours, key=lambda h: h.starts_at):
        if stretch.weekday != day.weekday():
            continue
        start = to_utc(day, stretch.starts_at, zone)
        end = to_utc(day, stretch.ends_at, zone)
        while start + length <= end:
            ends_at = diary.taken_until(start, start + length)
            if ends_at is not None:
                # The first quarter of an hour after what stands here.
                start -= (start - ends_at) // GRID * GRID
                continue
            if start > now:
                yield start
            start += GRID


def overlaps(busy: Iterable[Span], start: datetime, end: datetime) -> bool:
    return any(begin < end and finish > start for begin, finish in busy)


def within_hours(diary: Diary, day: date, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether a visit lies wholly inside one stretch of the provider's hours."""
    return any(
        to_utc(day, stretch.starts_at, zone) <= start and end <= to_utc(day, stretch.ends_at, zone)
        for stretch in diary.hours
        if stretch.weekday == day.weekday()
    )


def busy_by_provider(
    rows: Iterable[tuple[int, datetime, datetime]],
) -> Mapping[int, list[Span]]:
    """(provider_id, starts_at, ends_at) rows gathered for diaries."""
    gathered: dict[int, list[Span]] = {}
    for provider_id, starts_at, ends_at in rows:
        gathered.setdefault(provider_id, []).append((starts_at, ends_at))
    return gathered


def _slot(diary: Diary, starts_at: datetime, zone: ZoneInfo, *, late: bool) -> Slot:
    local = starts_at.astimezone(zone)
    ends_at = starts_at + timedelta(minutes=diary.visit_minutes)
    return Slot(
        diary.provider_id,
        diary.provider_name,
        local.date(),
        local.time().replace(fold=0),
        starts_at,
        ends_at,
        late,
    )


def _days(start: date, stop: date) -> Iterator[date]:
    return (start + timedelta(n) for n in range((stop - start).days))
