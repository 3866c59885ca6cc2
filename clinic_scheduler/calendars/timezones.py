"""VTIMEZONE blocks of two yearly rules at most, and whether a zone may be named at all; no events."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from clinic_scheduler.calendars.posix_zones import Period, YearlyDay, ZoneRules, rules_hold, zone_rules
from clinic_scheduler.calendars.text import PlainText

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_FIRST_YEAR = 1970
# Debian's calendar programs of 2023 were still in use in 2026, with the zones of the day they were packed.
TABLES_GROW_OLD = 2  # years


@lru_cache(maxsize=8192)
def visit_zone(key: str, starts_at: datetime, ends_at: datetime) -> tzinfo:
    """The zone in which to write a visit, or UTC where some reader would take the wall time for another instant.

    Many readers use their own table of zones by the name, and tables grow old: where the law changed of late they
    are an hour off. Others trust the VTIMEZONE. So a zone is named only where its yearly rules have held since two
    years before the visit, and a wall time that names one instant had the same offset two years before.
    Asked for each visit, so that none is written anew because of another one.
    """
    rules = zone_rules(key)
    if rules is None or not _writable(rules):
        return UTC
    if not _held_since(rules, key, starts_at.year - TABLES_GROW_OLD, ends_at.year):
        return UTC
    zone = ZoneInfo(key)
    local = (starts_at.astimezone(zone), ends_at.astimezone(zone))
    return UTC if any(_repeated(at) or _was_another(at) for at in local) else zone


@lru_cache(maxsize=64)
def vtimezone(zone: ZoneInfo) -> bytes:
    """The VTIMEZONE of a zone that `visit_zone` returned."""
    rules = zone_rules(zone.key)
    if rules is None:
        raise ValueError(f"{zone.key} has no lasting rules; write its times in UTC")
    block = Timezone()
    block.add("TZID", zone.key)
    for before, after in zip(rules.periods[::-1], rules.periods, strict=True):
        block.add_component(_observance(before, after))
    written: bytes = block.to_ical()
    return written


@lru_cache(maxsize=1024)
def _held_since(rules: ZoneRules, key: str, first_year: int, last_year: int) -> bool:
    """Whether the rules told the zone's time in all of these years."""
    first = datetime(first_year, 1, 1, tzinfo=UTC)
    return rules_hold(rules, key, first, datetime(last_year, 12, 31, tzinfo=UTC) + timedelta(days=1))


def _repeated(local: datetime) -> bool:
    """In the hour a clock change repeats a wall time names two instants; readers do not agree which is meant."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def _was_another(local: datetime) -> bool:
    """Whether this wall time was another hour of UTC when the oldest tables were made."""
    february_29 = (local.month, local.day) == (2, 29)
    then = local.replace(year=local.year - TABLES_GROW_OLD, day=28 if february_29 else local.day)
    return then.utcoffset() != local.utcoffset()


def _writable(rules: ZoneRules) -> bool:
    """BYMONTH and BYDAY can't say "the day after the last Thursday", and plain UTC needs no VTIMEZONE."""
    if len(rules.periods) == 1:
        return rules.periods[0].name != "UTC"
    begins = [period.begins for period in rules.periods]
    return all(day and timedelta(0) <= day.at < timedelta(days=1) for day in begins)


def _observance(before: Period, after: Period) -> TimezoneStandard | TimezoneDaylight:
    # The clock that runs ahead is the DAYLIGHT one, also in Ireland, whose law says it the other way round.
    block = TimezoneDaylight() if after.offset > before.offset else TimezoneStandard()
    block.add("TZNAME", PlainText(after.name))
    block.add("TZOFFSETFROM", before.offset)
    block.add("TZOFFSETTO", after.offset)
    if after.begins is None:
        block.add("DTSTART", datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    else:
        block.add("DTSTART", after.begins.in_year(_FIRST_YEAR))
        block.add("RRULE", _rrule(after.begins))
    return block


def _rrule(day: YearlyDay) -> vRecur:
    week = -1 if day.week == 5 else day.week
    return vRecur({"FREQ": "YEARLY", "BYMONTH": day.month, "BYDAY": f"{week}{_WEEKDAYS[day.weekday]}"})
