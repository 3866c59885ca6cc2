"""DD-1: ISO 8601 intervals of whole days and months, and adding them to local dates."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from clinic_scheduler.domain.errors import InvalidInput

_PATTERN = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", re.ASCII)
# Far beyond any treatment plan; keeps sums inside the calendar.
_LONGEST_DAYS = 36_525


@dataclass(frozen=True, slots=True)
class Interval:
    """Months and days, kept apart because a month has no fixed number of days. `text` is what was written."""

    months: int
    days: int
    text: str

    def words(self) -> str:
        """For people: '12 weeks (84 days)', '3 months', '78 days'."""
        parts = []
        if self.months:
            parts.append(_count(self.months, "month"))
        if self.days and self.days % 7 == 0:
            parts.append(f"{_count(self.days // 7, 'week')} ({self.days} days)")
        elif self.days or not parts:
            parts.append(_count(self.days, "day"))
        return " and ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@lru_cache(maxsize=1024)
def parse_interval(text: str) -> Interval:
    """Read P84D, P12W, P3M or a sum such as P1M7D. Raises InvalidInput."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text!r} is not an interval such as P84D, P12W or P3M")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    interval = Interval(12 * years + months, 7 * weeks + days, text)
    if interval.months * 31 + interval.days > _LONGEST_DAYS:
        raise InvalidInput(f"{text!r} is longer than a hundred years")
    return interval


def add(day: date, interval: Interval) -> date:
    """The local date `interval` after `day`.

    Months count on year and month; where that month lacks the day the result is the 1st of the month after
    (CDSi CALCDT-5), never earlier, so that a minimum stays a minimum. Days are exact.
    """
    if interval.months:
        months = day.year * 12 + day.month - 1 + interval.months
        try:
            day = date(months // 12, months % 12 + 1, day.day)
        except ValueError:
            months += 1
            day = date(months // 12, months % 12 + 1, 1)
    return day + timedelta(interval.days) if interval.days else day


def age_on(birth_date: date, day: date) -> int:
    """Completed years; someone born on 29 February completes a year on 1 March where there is no 29th."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def spoken(day: date) -> str:
    """A date nobody can misread: 31-Aug-2026, whatever the machine's language."""
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        day.month - 1
    ]
    return f"{day.day:02d}-{month}-{day.year}"
