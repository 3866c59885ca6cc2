"""What a reader is shown of an event, whichever parser read it; the parsers are beside this."""

from datetime import UTC, date, datetime
from typing import NamedTuple


class Seen(NamedTuple):
    """An event. `start` and `end` are seconds since 1970; of an all-day event, those of its dates in UTC."""

    uid: str
    start: int
    end: int
    all_day: bool
    status: str
    summary: str
    description: str
    location: str


def epoch(moment: date | datetime) -> int:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return int(moment.timestamp())
