"""Wall clocks and instants: what a patient is promised is local; what rows order by is UTC."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant a wall clock in `zone` shows `day` and `at`.

    A time skipped in spring is taken forward (02:30 becomes 03:30); one shown twice in autumn is the earlier.
    Both follow from fold=0, stated here because they are promises, not accidents.
    """
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day `instant` falls on in `zone`."""
    return instant.astimezone(zone).date()
