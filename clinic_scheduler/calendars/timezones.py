"""VTIMEZONE blocks of two yearly rules at most, and whether a zone may be named at all; no events."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from clinic_scheduler.calendars.posix_zones import Period, YearlyDay, ZoneRules, rules_hold, zone_rules
from clinic_scheduler.calendars.text import PlainText

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_FIRST_YEAR = 1970


@lru_cache(maxsize=8192)
def visit_zone(key: str, starts_at: datetime, ends_at: datetime) -> tzinfo:
    """The zone in which to write a visit, or UTC where the zone's VTIMEZONE would be wrong at its hours.

    Readers trust the VTIMEZONE, so where its rules and zoneinfo disagree the visit is written in UTC: the right
    instants, no zone name. Asked for each visit, so that none is written anew because of another one.
    """
    rules = zone_rules(key)
    if rules is None or not _writable(rules) or not rules_hold(rules, key, starts_at, ends_at):
        return UTC
    return ZoneInfo(key)


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
