"""DD-1: ISO 8601 intervals of whole days and months, and adding them to local dates."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from reprlib import repr as shown

from clinic_scheduler.domain.day_names import SHORT_MONTHS
from clinic_scheduler.domain.errors import InvalidInput

_PATTERN = re.compile(r"P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII)
# A hundred years: far beyond any treatment plan.
_LONGEST_MONTHS, _LONGEST_DAYS = 1_200, 36_525


@dataclass(frozen=True, slots=True)
class Interval:
    """Months kept apart from what is exact, because a month has no fixed length. `text` is what was written."""

    months: int
    exact: timedelta
    text: str

    def words(self) -> str:
        """For people: '12 weeks (84 days)', '3 months', '78 days'."""
        return _words(self.months, self.exact.days)


@lru_cache(maxsize=1024)
def _words(months: int, days: int) -> str:
    parts = []
    if months:
        parts.append(_count(months, "month"))
    if days and days % 7 == 0:
        parts.append(f"{_count(days // 7, 'week')} ({days} days)")
    elif days or not parts:
        parts.append(_count(days, "day"))
    return " and ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@lru_cache(maxsize=1024)
def parse_interval(text: str) -> Interval:
    """Read P84D, P12W, P3M or a sum such as P1M7D. Raises InvalidInput."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{shown(text)} is not an interval such as P84D, P12W or P3M")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    interval = Interval(12 * years + months, timedelta(weeks=weeks, days=days), text)
    if interval.months > _LONGEST_MONTHS or interval.exact.days > _LONGEST_DAYS:
        raise InvalidInput(f"{shown(text)} is longer than a hundred years")
    return interval


@lru_cache(maxsize=1024)
def single_interval(text: str) -> Interval:
    """As parse_interval, but of one part and more than nothing, as the contract and every form ask (DD-1)."""
    interval = parse_interval(text)
    if sum(letter.isalpha() for letter in text) > 2:
        raise InvalidInput(f"{shown(text)} has several parts; write it as one, such as P84D, P12W or P3M")
    if not interval.months and not interval.exact:
        raise InvalidInput(f"{shown(text)} is no time at all; write an interval such as P84D, P12W or P3M")
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
    return day + interval.exact


def age_on(birth_date: date, day: date) -> int:
    """Completed years; someone born on 29 February completes a year on 1 March where there is no 29th."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def birthday(birth_date: date, age: int) -> date:
    """The first day of that age: 1 March for someone born on 29 February, where there is no 29th."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


@lru_cache(maxsize=8192)
def spoken(day: date) -> str:
    """A date nobody can misread: 31-Aug-2026, whatever the machine's language."""
    return f"{day.day:02d}-{SHORT_MONTHS[day.month - 1]}-{day.year}"
