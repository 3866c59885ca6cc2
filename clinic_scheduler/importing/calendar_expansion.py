"""What a calendar's events come to, worked out in a process of its own: an .ics on standard input, JSON lines out.

It is run as a program and knows nothing of the package, so that it starts fast. A calendar may be made to never
end or to fill the memory: this process is limited in both, and whoever started it ends it when its time is up.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

MOST_OCCURRENCES = 100_000
MEMORY = 1024 * 1024 * 1024


def expand(content: bytes, first: datetime, last: datetime) -> Iterator[tuple[date, date]]:
    """(start, end) of each occurrence that takes time: days, times with a zone as UTC, or times without one.

    Events shown as free and cancelled ones are left out. The query reaches a day further on both sides, since
    times without a zone may mean any.
    """
    day = timedelta(1)
    for calendar in icalendar.Calendar.from_ical(content, multiple=True):
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        for event in query.between(first - day, last + day):
            if _counts(event):
                yield _plain(event["DTSTART"].dt), _plain(event["DTEND"].dt)


def _counts(event: icalendar.Component) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return not free and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _plain(value: date) -> date:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def _limit(seconds: int) -> None:
    # Not every system has limits; there the clock of whoever waits is the only one.
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would be a copy of the calendar


def main(first: str, last: str, seconds: str) -> int:
    """0, or 1 where there are more occurrences than anybody can attend."""
    _limit(int(seconds))
    found = expand(sys.stdin.buffer.read(), datetime.fromisoformat(first), datetime.fromisoformat(last))
    for number, (start, end) in enumerate(found):
        if number == MOST_OCCURRENCES:
            return 1
        sys.stdout.write(json.dumps([start.isoformat(), end.isoformat()]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
