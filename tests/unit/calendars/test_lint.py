"""The lint itself: each fault put into a clean feed is found, so that a clean verdict means something."""

import random
from collections.abc import Callable

import pytest

from clinic_scheduler.calendars.feed import patient_feed, provider_feed
from clinic_scheduler.domain.calendars.values import Audience

from .lint import lint
from .rows import CLINIC, NOW, SUBSCRIPTION, rows_by_chance
from .samples import patient_sample


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    def mutate(body: bytes) -> bytes:
        assert old.encode() in body
        return body.replace(old.encode(), new.encode(), 1)

    return mutate


FAULTS = {
    "bare line feed": swap("VERSION:2.0\r\n", "VERSION:2.0\n"),
    "line over 75 octets": swap("SUMMARY:Appointment", f"SUMMARY:{'ü' * 34}"),
    "no line break at the end": lambda body: body.removesuffix(b"\r\n"),
    "control character": swap("SUMMARY:App", "SUMMARY:\x0bApp"),
    "cannot be read: not a property": swap("SUMMARY:App", "SUMMARY:\r\nApp"),
    "cannot be read: not exactly one closed VCALENDAR": swap("END:VCALENDAR\r\n", ""),
    "cannot be read: END:VEVENT closes nothing": swap("END:STANDARD", "END:VEVENT"),
    "not exactly one PRODID": swap("CALSCALE:GREGORIAN", "PRODID:-//other//EN"),
    "UID of the VCALENDAR itself": swap("CALSCALE:GREGORIAN", "UID:4f1c"),
    "METHOD is not None": swap("CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
    "not exactly one X-WR-CALNAME": swap("X-WR-CALNAME:", "X-CALNAME:"),
    "REFRESH-INTERVAL without VALUE=DURATION": swap(";VALUE=DURATION:PT1H", ":PT1H"),
    "X-PUBLISHED-TTL is no duration": swap("X-PUBLISHED-TTL:PT1H", "X-PUBLISHED-TTL:1:00:00"),
    "NAME is not escaped": swap("NAME:My appointments", "NAME:My, appointments"),
    "UID twice": swap("UID:visit-past@", "UID:visit-k3v9@"),
    "TZID without VTIMEZONE": swap("TZID:America/Chicago", "TZID:America/Denver"),
    "COMMENT in VTIMEZONE": swap("TZNAME:CST", "COMMENT:history\r\nTZNAME:CST"),
    "RDATE in VTIMEZONE": swap("TZNAME:CST", "RDATE:19711101T020000\r\nTZNAME:CST"),
    "VTIMEZONE is not one STANDARD": swap(
        "BEGIN:DAYLIGHT\r\n", "BEGIN:STANDARD\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"
    ),
    "VTIMEZONE rule is not a yearly": swap("RRULE:FREQ=YEARLY;BYDAY=1SU", "RRULE:FREQ=YEARLY;UNTIL=2037"),
    "DTSTART in VTIMEZONE is not local": swap("DTSTART:19700308T020000", "DTSTART:19700308T020000Z"),
    "TZOFFSETTO missing": swap("TZOFFSETTO:-0600\r\n", ""),
    "not exactly one SEQUENCE": swap("SEQUENCE:3\r\n", ""),
    "DTSTAMP is not UTC": swap("DTSTAMP:20260220T083015Z", "DTSTAMP:20260220T083015"),
    "times are floating": swap("DTSTART;TZID=America/Chicago:20260120T090000", "DTSTART:20260120T090000"),
    "times are utc and zoned": swap(
        "DTSTART;TZID=America/Chicago:20260120T090000", "DTSTART:20260120T150000Z"
    ),
    "does not end after its start": swap("DTEND;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260324"),
    "all-day event takes up time": swap(
        "STATUS:TENTATIVE\r\nTRANSP:TRANSPARENT", "STATUS:TENTATIVE\r\nTRANSP:OPAQUE"
    ),
    "cancelled event takes up time": swap("CANCELLED\r\nTRANSP:TRANSPARENT", "CANCELLED\r\nTRANSP:OPAQUE"),
    "DESCRIPTION is not escaped": swap("cancel\\, call", "cancel, call"),
    "ORGANIZER is not bare": swap("STATUS:", "ORGANIZER;CN=Elm:mailto:a@example.org\r\nSTATUS:"),
    "VALARM is incomplete": swap("TRIGGER:-P1D\r\n", ""),
}


def test_the_sample_is_clean() -> None:
    assert lint(patient_sample()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_lint_finds(fault: str) -> None:
    found = lint(FAULTS[fault](patient_sample()))
    assert any(text.startswith(fault) for text in found), found


def test_lint_finds_a_calendar_without_events() -> None:
    body = patient_sample()
    head, tail = body[: body.index(b"BEGIN:VEVENT")], b"END:VCALENDAR\r\n"
    assert "no event" in lint(head + tail)


@pytest.mark.thorough
def test_feeds_of_every_kind_are_clean_by_the_thousand() -> None:
    chance = random.Random(4)
    audiences = [Audience(kind) for kind in ("patient", "provider", "clinic_day", "due_windows")]
    for n in range(2_400):
        audience = audiences[n % 4]
        write = patient_feed if audience.kind == "patient" else provider_feed
        body = write(
            rows_by_chance(chance), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=audience
        )
        assert lint(body) == [], n
