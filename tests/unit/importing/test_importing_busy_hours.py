"""Busy spans out of somebody else's calendar: which hours count, whose midnight it is, and what is refused in time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic_scheduler.importing.busy_hours import MOST_BYTES, UnreadableCalendar, read_busy

PACIFIC = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


def calendar(*events: str) -> bytes:
    """Events as their properties, divided by |."""
    blocks = [
        f"BEGIN:VEVENT|UID:{number}|SUMMARY:Clinic of Mr Secret|{event}|END:VEVENT"
        if "UID:" not in event
        else f"BEGIN:VEVENT|{event}|END:VEVENT"
        for number, event in enumerate(events)
    ]
    text = "|".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *blocks, "END:VCALENDAR", ""])
    return text.replace("|", "\r\n").encode()


def read(*events: str) -> list[str]:
    """Spans on the clinic's wall: 2026-11-24 09:00-10:30."""
    spans = read_busy(calendar(*events), PACIFIC, NOW)
    assert all(start.tzinfo is end.tzinfo is UTC for start, end in spans)
    walls = [(start.astimezone(PACIFIC), end.astimezone(PACIFIC)) for start, end in spans]
    return [f"{start:%m-%d %H:%M}-{end:%m-%d %H:%M}" for start, end in walls]


def test_hours_that_overlap_become_one_and_what_is_free_or_off_does_not_count() -> None:
    assert read(
        "DTSTART:20261124T170000Z|DTEND:20261124T180000Z",
        "DTSTART;TZID=America/New_York:20261124T123000|DURATION:PT2H",
        "DTSTART:20261125T170000Z|DTEND:20261125T180000Z|TRANSP:TRANSPARENT",
        "DTSTART:20261126T170000Z|DTEND:20261126T180000Z|STATUS:CANCELLED",
        "DTSTART:20261127T170000Z",  # takes no time
        "DTSTART:20251127T170000Z|DTEND:20251127T180000Z",
        "DTSTART:20280101T170000Z|DTEND:20280101T180000Z",
    ) == ["11-24 09:00-11-24 11:30"]


def test_whole_days_and_times_without_a_zone_are_the_clinics() -> None:
    assert read(
        "DTSTART;VALUE=DATE:20261203",
        "DTSTART;VALUE=DATE:20261205|DTEND;VALUE=DATE:20261207",
        "DTSTART:20261210T093000|DTEND:20261210T100000",
        "DTSTART;TZID=Pacific Standard Time:20261211T093000|DTEND;TZID=Pacific Standard Time:20261211T100000",
    ) == [
        "12-03 00:00-12-04 00:00",
        "12-05 00:00-12-07 00:00",
        "12-10 09:30-12-10 10:00",
        "12-11 09:30-12-11 10:00",
    ]


def test_a_series_keeps_its_wall_clock_over_the_change_of_time_and_heeds_its_exceptions() -> None:
    found = read(
        "UID:rota|DTSTART;TZID=America/Los_Angeles:20260105T140000|DTEND;TZID=America/Los_Angeles:20260105T150000"
        "|RRULE:FREQ=WEEKLY;UNTIL=20270401T000000Z|EXDATE;TZID=America/Los_Angeles:20261130T140000",
        "UID:rota|RECURRENCE-ID;TZID=America/Los_Angeles:20261207T140000"
        "|DTSTART;TZID=America/Los_Angeles:20261208T080000|DTEND;TZID=America/Los_Angeles:20261208T090000",
        "UID:rota|RECURRENCE-ID;TZID=America/Los_Angeles:20261214T140000|STATUS:CANCELLED"
        "|DTSTART;TZID=America/Los_Angeles:20261214T140000|DTEND;TZID=America/Los_Angeles:20261214T150000",
    )
    assert found[:4] == [
        "11-16 14:00-11-16 15:00",
        "11-23 14:00-11-23 15:00",
        "12-08 08:00-12-08 09:00",
        "12-21 14:00-12-21 15:00",
    ]
    assert found[-1] == "03-29 14:00-03-29 15:00"  # on summer time by then
    assert len(found) == 18


def test_a_day_of_23_hours_is_a_whole_day() -> None:
    content = calendar("DTSTART;VALUE=DATE:20270314")
    ((start, end),) = read_busy(content, PACIFIC, NOW)
    assert (end - start).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",  # looks for ever and finds nothing
    ],
)
def test_a_rule_made_to_never_end_is_given_up(rule: str) -> None:
    with pytest.raises(UnreadableCalendar, match="too long"):
        read_busy(calendar(f"DTSTART:20261101T000000Z|DURATION:PT1S|RRULE:{rule}"), PACIFIC, NOW, seconds=1)


def test_a_calendar_full_of_rules_is_refused_by_their_number() -> None:
    rule = "DTSTART:20261101T000000Z|DURATION:PT1S|RRULE:FREQ=WEEKLY"
    with pytest.raises(UnreadableCalendar, match="more than 1,000 repeating events"):
        read_busy(calendar(*[rule] * 1_001), PACIFIC, NOW)


def test_more_busy_times_than_anybody_has_are_refused() -> None:
    hourly = "DTSTART:20261101T000000Z|DURATION:PT1M|RRULE:FREQ=HOURLY"
    with pytest.raises(UnreadableCalendar, match="5,000"):
        read_busy(calendar(hourly), PACIFIC, NOW)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbf<!DOCTYPE html><title>Sign in</title>", "web page"),
        (b"", "not a calendar"),
        (b"Name,Start\r\n", "not a calendar"),
        (b"BEGIN:VCALENDAR" + b"x" * MOST_BYTES, "5 MB"),
        (calendar("DTSTART:20261124T170000Z|RRULE:FREQ=DAILY|DTEND:99991231T000000Z"), "cannot be read"),
    ],
)
def test_what_is_no_calendar_is_refused_in_plain_words(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableCalendar, match=words) as refusal:
        read_busy(content, PACIFIC, NOW)
    assert "Secret" not in str(refusal.value)
    assert len(str(refusal.value)) <= 120
