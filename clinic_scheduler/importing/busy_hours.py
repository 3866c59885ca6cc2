"""An .ics calendar of somebody else's -> the spans its owner is busy; titles, places and people are never kept."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.busy_hours import Span, merged
from clinic_scheduler.importing.errors import ImportFileError
from clinic_scheduler.importing.files.bare_environment import bare_environment

BEHIND, AHEAD = timedelta(7), timedelta(400)
MOST_BYTES = 5 * 1024 * 1024
MOST_SPANS = 5_000
MOST_RULES = 1_000
SECONDS = 7  # of computing; an honest calendar of 5 MB takes four
WAITING = 2  # seconds more for whoever waits, as other processes compute too
_EXPANSION = Path(__file__).with_name("calendar_expansion.py")
_TOO_LONG = "Its repeating events take too long to work out."


class UnreadableCalendar(ImportFileError):
    """No busy times can be had from it; the message says why, and quotes nothing of it."""


def read_busy(content: bytes, zone: ZoneInfo, now: datetime, *, seconds: int = SECONDS) -> list[Span]:
    """Busy spans from a week ago to 400 days ahead, in order and apart. Raises UnreadableCalendar.

    Events shown as free and cancelled ones are left out; whole days, and times without a zone, are in `zone`.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableCalendar("The calendar is larger than 5 MB.")
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        raise UnreadableCalendar("There is a web page, not a calendar. Copy the address of the .ics file.")
    if not start[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise UnreadableCalendar("That is not a calendar in the .ics form.")
    if content.upper().count(b"\nRRULE") > MOST_RULES:
        raise UnreadableCalendar(f"It has more than {MOST_RULES:,} repeating events.")
    first, last = now - BEHIND, now + AHEAD
    spans = merged(
        (begin, end)
        for begin, end in _occurrences(start, zone, first, last, seconds)
        if begin < end and begin < last and end > first
    )
    if len(spans) > MOST_SPANS:
        raise UnreadableCalendar("It has more than 5,000 busy times.")
    return spans


def _occurrences(
    content: bytes, zone: ZoneInfo, first: datetime, last: datetime, seconds: int
) -> Iterator[Span]:
    lines = _expanded(content, first, last, seconds).splitlines()
    for start, end in map(json.loads, lines):
        yield _instant(start, zone), _instant(end, zone)


def _expanded(content: bytes, first: datetime, last: datetime, seconds: int) -> bytes:
    """What the process of calendar_expansion.py says; it is ended when its time is up."""
    command = [sys.executable, "-I", str(_EXPANSION), first.isoformat(), last.isoformat(), str(seconds)]
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it might quote the calendar
            timeout=seconds + WAITING,
            check=False,
            env=bare_environment(),
        )
    except subprocess.TimeoutExpired:
        raise UnreadableCalendar(_TOO_LONG) from None
    if done.returncode < 0:
        raise UnreadableCalendar(_TOO_LONG)
    if done.returncode:
        raise UnreadableCalendar("It holds events that cannot be read, or far too many.")
    return done.stdout


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """A day begins at the clinic's midnight; a time without a zone is the clinic's."""
    if len(text) == len("2026-11-24"):
        return to_utc(date.fromisoformat(text), time(0), zone)
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else to_utc(value.date(), value.time(), zone)
