"""The lasting rules of a time zone, from the POSIX footer of its TZif file (RFC 9636); no iCalendar."""

import re
import zoneinfo
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from itertools import chain
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

_SIGNED_TIME = r"[+-]?\d{1,3}(?::\d\d){0,2}"
_NAME = r"<[A-Za-z0-9+-]+>|[A-Za-z]+"
_DAY = rf"M\d+\.\d\.\d(?:/{_SIGNED_TIME})?"
_FOOTER = re.compile(
    rf"(?P<std>{_NAME})(?P<std_offset>{_SIGNED_TIME})"
    rf"(?:(?P<dst>{_NAME})(?P<dst_offset>{_SIGNED_TIME})?,(?P<begin>{_DAY}),(?P<end>{_DAY}))?"
)


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """The `week`-th `weekday` (0 is Sunday; week 5 is the last one) of `month`, at a wall-clock time."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def in_year(self, year: int) -> datetime:
        """Naive wall time, read on the clock as it runs before the change."""
        first = date(year, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        if day.month != self.month:
            day -= timedelta(days=7)
        return datetime.combine(day, time()) + self.at


@dataclass(frozen=True, slots=True)
class Period:
    """One part of a zone's year: its name, its offset from UTC, and when it begins (None: always)."""

    name: str
    offset: timedelta
    begins: YearlyDay | None = None


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """What a zone does every year from now on: one period, or two that alternate."""

    periods: tuple[Period] | tuple[Period, Period]

    def changes(self, first_year: int, last_year: int) -> list[tuple[datetime, timedelta]]:
        """Each (UTC instant, offset from then on) of these years, in order."""
        return sorted(
            ((after.begins.in_year(year) - before.offset).replace(tzinfo=UTC), after.offset)
            for year in range(first_year, last_year + 1)
            for before, after in zip(self.periods[::-1], self.periods, strict=True)
            if after.begins is not None
        )


@lru_cache(maxsize=64)
def zone_rules(key: str) -> ZoneRules | None:
    """The zone's lasting rules; None where its footer is missing or more than this reads.

    Raises ZoneInfoNotFoundError for a zone nobody knows.
    """
    ZoneInfo(key)
    data = _tzif(key) or b""
    footer = data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
    match = _FOOTER.fullmatch(footer)
    return _rules(match) if match else None


def rules_hold(rules: ZoneRules, key: str, first: datetime, last: datetime) -> bool:
    """Whether the rules tell the same offsets as zoneinfo at every instant from first to last (UTC).

    Probes a day apart find any change zoneinfo makes; probes around each change of the rules find whether
    it is made at the same second.
    """
    zone = ZoneInfo(key)
    changes = rules.changes(first.year - 1, last.year + 1)
    beside_changes = (change - step for change, _ in changes for step in (timedelta(seconds=1), timedelta()))
    daily = (first + timedelta(days=days) for days in range((last - first).days + 1))
    probes = chain((last,), daily, (at for at in beside_changes if first <= at <= last))
    return all(_offset_at(at, rules, changes) == at.astimezone(zone).utcoffset() for at in probes)


def _offset_at(at: datetime, rules: ZoneRules, changes: list[tuple[datetime, timedelta]]) -> timedelta:
    """`changes` must start before `at`, or be empty where the zone has one period."""
    if not changes:
        return rules.periods[0].offset
    return changes[bisect_right(changes, at, key=itemgetter(0)) - 1][1]


def _tzif(key: str) -> bytes | None:
    """The file zoneinfo itself reads: the first on its search path, else the one in the tzdata package."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, key)
        if path.is_file():
            return path.read_bytes()
    try:
        return resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        return None


def _rules(match: re.Match[str]) -> ZoneRules:
    standard = -_duration(match["std_offset"])
    if match["dst"] is None:
        return ZoneRules((Period(_bare(match["std"]), standard),))
    # POSIX: summer time is one hour ahead unless the footer says otherwise.
    daylight = -_duration(match["dst_offset"]) if match["dst_offset"] else standard + timedelta(hours=1)
    return ZoneRules(
        (
            Period(_bare(match["std"]), standard, _yearly_day(match["end"])),
            Period(_bare(match["dst"]), daylight, _yearly_day(match["begin"])),
        )
    )


def _yearly_day(text: str) -> YearlyDay:
    day, _, at = text.partition("/")
    month, week, weekday = (int(part) for part in day[1:].split("."))
    return YearlyDay(month, week, weekday, _duration(at or "2"))


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if text.startswith("-") else size


def _bare(name: str) -> str:
    return name.strip("<>")
