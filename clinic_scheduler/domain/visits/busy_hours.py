"""Hours a provider is busy elsewhere: merged, cut to a day, in words. They warn and never refuse."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.booking_checks import Check

Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order and apart: spans that overlap or touch become one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def on_day(spans: Iterable[Span], day: date, zone: ZoneInfo) -> list[Span]:
    """What of them lies on that day, cut at its midnights."""
    start, end = to_utc(day, time(0), zone), to_utc(day + timedelta(1), time(0), zone)
    return [
        (max(begin, start), min(finish, end)) for begin, finish in spans if begin < end and finish > start
    ]


def hours_in_words(spans: Iterable[Span], day: date, zone: ZoneInfo) -> str:
    """14:00-15:30, 17:00-18:00; or all day."""
    midnights = (to_utc(day, time(0), zone), to_utc(day + timedelta(1), time(0), zone))
    return ", ".join(
        "all day" if span == midnights else f"{_wall(span[0], zone)}-{_wall(span[1], zone)}"
        for span in on_day(spans, day, zone)
    )


def busy_check(provider_name: str, spans: Sequence[Span], day: date, zone: ZoneInfo) -> list[Check]:
    """A line of the booking panel where the provider is taken elsewhere that day; none where not."""
    words = hours_in_words(spans, day, zone)
    if not words:
        return []
    return [Check("busy_elsewhere", False, f"{provider_name} busy elsewhere {words}", "DD-10", "soft")]


def _wall(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"
