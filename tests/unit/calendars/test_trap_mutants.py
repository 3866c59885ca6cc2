"""Each trap put back into our renderer, one at a time: what the tests look at must notice every one of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Timezone, vText

from clinic_scheduler.calendars import events, feed, timezones
from clinic_scheduler.calendars.text import clean
from clinic_scheduler.domain.calendars.values import UNREVISED, Clinic, Revision, Row
from tests.calendar_parsers import vobject

from .lint import lint, parse
from .rows import CLINIC, CYCLE, MILESTONE, NOW, SUBSCRIPTION, UPDATED, VISIT, WINDOW, visit
from .test_three_parsers import AUDIENCES, PEOPLE, Case, case, expected
from .test_timezones import renamed

HARD = "C:\\New; a, b\r\nc\x0b👩‍👩‍👧‍👦 " + "and so on " * 12
HOUR = timedelta(hours=1)
_names = count()


def sample() -> list[Row]:
    zone = ZoneInfo("America/Chicago")
    far = datetime(2041, 7, 10, 9, tzinfo=zone).astimezone(UTC)
    # An hour that the clocks of Chicago tell twice, and the second time round.
    repeated = datetime(2027, 11, 7, 7, 15, tzinfo=UTC)
    return [
        visit(id="hard", provider_name=HARD, reference=HARD),
        visit(id="far", starts_at=far, ends_at=far + HOUR),
        visit(id="twice", starts_at=repeated, ends_at=repeated + HOUR / 4),
        visit(id="off", status="cancelled"),
        WINDOW,
        CYCLE,
        MILESTONE,
    ]


def before_the_rules_changed() -> list[Row]:
    """Mexico gave its summer time up in 2022: today's rules are an hour out in the summer before."""
    summer = datetime(2022, 7, 5, 15, tzinfo=UTC)
    return [visit(id="mx", zone="America/Mexico_City", starts_at=summer, ends_at=summer + HOUR)]


def faults() -> list[str]:
    """What lint, a parser and two looks at the same rows find wrong; nothing, as things are."""
    return [*_linted(), *_read_back(), *_after_a_change(), *_at_another_hour()]


def _cases() -> list[Case]:
    rows = [(sample(), audience) for audience in AUDIENCES]
    return [case("feed", *each) for each in (*rows, (before_the_rules_changed(), PEOPLE[0]), ([], PEOPLE[0]))]


def _linted() -> Iterator[str]:
    for each in _cases():
        yield from lint(each.body)


def _read_back() -> Iterator[str]:
    for each in _cases():
        # vobject keeps what a zone's name meant once, so each reading has names of its own.
        body = each.body
        for key in ("America/Chicago", "America/Mexico_City"):
            body = renamed(body, key).replace(f"X{key}".encode(), f"X{next(_names)}".encode())
        try:
            (seen,) = vobject.read([body])
        except Exception as error:  # whatever a parser raises, the reader sees nothing
            yield f"cannot be read: {error!r}"
            continue
        rows = sorted(expected(row, each.audience) for row in each.rows)
        if rows != sorted(event for event in seen if not event.uid.startswith("empty-")):
            yield f"read otherwise than the rows are: {each.name}"


def _after_a_change() -> Iterator[str]:
    changed = replace(VISIT, starts_at=VISIT.starts_at - HOUR, sequence=4, updated_at=UPDATED + HOUR)
    (before,), (after,) = (parse(written(row)).parts("VEVENT") for row in (VISIT, changed))
    if before.one("UID") != after.one("UID"):
        yield "another UID after a change"
    revised = replace(CLINIC, revision=Revision(1, UPDATED + HOUR))
    (clinic_changed,) = parse(written(VISIT, clinic=revised)).parts("VEVENT")
    for name in ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED"):
        if before.one(name).value >= after.one(name).value:
            yield f"the same {name} after a change"
        if before.one(name).value >= clinic_changed.one(name).value:
            yield f"the same {name} after a change of the clinic's name"


def _at_another_hour() -> Iterator[str]:
    if written(VISIT) != written(VISIT, now=NOW + HOUR):
        yield "other bytes at another hour"


def written(row: Row, now: datetime = NOW, clinic: Clinic = CLINIC) -> bytes:
    return feed.patient_feed([row], clinic=clinic, subscription=SUBSCRIPTION, now=now)


# --- the traps --------------------------------------------------------------------------------------------


class Escaped(vText):
    """Cleaned, and escaped as the library does."""

    def __new__(cls, value: str) -> "Escaped":
        return super().__new__(cls, clean(value))


class Undurable(Calendar):
    def add(self, name: str, value: Any, parameters: Any = None, **more: Any) -> None:
        super().add(name, value, **more)


def libraries_zones(zones: Any) -> list[bytes]:
    return [Timezone.from_tzinfo(zone).to_ical() for zone in zones if isinstance(zone, ZoneInfo)]


def stamped(change: Callable[..., tuple[Any, ...]]) -> Callable[..., Any]:
    """events._event with other arguments."""
    make = events._event
    return lambda *given: make(*change(*given))


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[..., bytes]:
    return lambda event: change(event.to_ical())


def swapped(old: bytes, new: bytes) -> Callable[..., bytes]:
    return with_bytes(lambda block: block.replace(old, new))


def with_method(*given: Any, **options: Any) -> bytes:
    return CALENDAR(*given, **(options | {"method": "PUBLISH"}))


def floating(row: Any, zone: Any) -> tuple[datetime, datetime]:
    return row.starts_at.astimezone(zone).replace(tzinfo=None), row.ends_at.astimezone(zone).replace(
        tzinfo=None
    )


def last_day_told(event: Any, first: date, until: date) -> None:
    ADD_DAYS(event, first, max(first, until - timedelta(days=1)))


CALENDAR, ADD_DAYS, ROW_UID = feed.calendar, events._add_days, feed.row_uid
clock = count()

# What went wrong in real readers -> (where, what to put there, the fault that must be seen).
TRAPS: dict[str, tuple[Any, str, Any, str]] = {
    "1 the library's own zones": (feed, "vtimezones", libraries_zones, "RDATE in VTIMEZONE"),
    "1 rules not compared with zoneinfo": (timezones, "_held_since", lambda *_: True, "read otherwise"),
    "1 the repeated hour on the wall": (timezones, "_repeated", lambda _: False, "read otherwise"),
    "2 a UID of the calendar's own": (feed, "Calendar", Calendar.new, "UID of the VCALENDAR itself"),
    "2 other bytes each time": (feed, "Calendar", Calendar.new, "other bytes at another hour"),
    "3 no VALUE=DURATION": (feed, "Calendar", Undurable, "REFRESH-INTERVAL without VALUE=DURATION"),
    "4 SEQUENCE stands still": (
        events,
        "_event",
        stamped(lambda uid, _sequence, updated_at, clinic: (uid, 0, updated_at, clinic)),
        "the same SEQUENCE",
    ),
    "4 stamps stand still": (
        events,
        "_event",
        stamped(lambda uid, sequence, _at, clinic: (uid, sequence, UPDATED, clinic)),
        "the same LAST-MODIFIED",
    ),
    "4 the clinic's own changes not counted in": (
        events,
        "_event",
        stamped(lambda uid, sequence, at, clinic: (uid, sequence, at, replace(clinic, revision=UNREVISED))),
        "the same SEQUENCE after a change of the clinic's name",
    ),
    "4 stamps from a clock": (
        events,
        "_event",
        stamped(lambda uid, sequence, at, clinic: (uid, sequence, at + next(clock) * HOUR, clinic)),
        "other bytes at another hour",
    ),
    "4 another UID with each change": (
        events,
        "row_uid",
        lambda row, clinic: f"{ROW_UID(row, clinic)}-{row.sequence}",
        "another UID",
    ),
    "5 a calendar of no event": (feed, "_empty", lambda *_: b"", "no event"),
    "6 a raw line break": (events, "_bytes", swapped(rb"\nStatus", b"\r\nStatus"), "cannot be read"),
    "6 control characters": (events, "PlainText", vText, "control character"),
    "6 a typed \\N as a line break": (events, "PlainText", Escaped, "read otherwise"),
    "7 bare line feeds": (events, "_bytes", swapped(b"\r\n", b"\n"), "bare line feed"),
    "7 long lines": (events, "_bytes", swapped(b"\r\n ", b""), "line over 75 octets"),
    "7 a local DTSTAMP": (events, "_bytes", swapped(b"083015Z", b"083015"), "DTSTAMP is not UTC"),
    "floating times": (events, "_wall_times", floating, "times are floating"),
    "an inclusive DTEND": (events, "_add_days", last_day_told, "read otherwise"),
    "windows that take up time": (
        events,
        "_bytes",
        swapped(b"TENTATIVE\r\nTRANSP:TRANSPARENT", b"TENTATIVE\r\nTRANSP:OPAQUE"),
        "all-day event takes up time",
    ),
    "cancelled and still busy": (
        events,
        "_bytes",
        swapped(b"CANCELLED\r\nTRANSP:TRANSPARENT", b"CANCELLED\r\nTRANSP:OPAQUE"),
        "cancelled event takes up time",
    ),
    "METHOD in a feed": (feed, "calendar", with_method, "METHOD is not None"),
}


def test_as_things_are_nothing_is_found() -> None:
    assert faults() == []


@pytest.mark.thorough
@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_put_back_is_noticed(trap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, mutant, fault = TRAPS[trap]
    monkeypatch.setattr(where, name, mutant)
    timezones.visit_zone.cache_clear()
    found = faults()
    timezones.visit_zone.cache_clear()
    assert any(text.startswith(fault) for text in found), found
