"""Wall clocks and instants: what a patient is promised is local; what rows order by is UTC."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic_scheduler.domain.errors import ActionRefused

# What is shown while a clinic's zone is not known; nothing can be booked by it.
UNKNOWN_ZONE = ZoneInfo("UTC")


class ZoneUnknown(ActionRefused):
    """A clinic's zone is not among those this installation knows; nobody can say what its clock shows."""


def known_zone(name: str) -> ZoneInfo | None:
    """None for a name that is not, or not any more, in the zone database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_named(name: str) -> ZoneInfo:
    """Raises ZoneUnknown, in words for the desk."""
    zone = known_zone(name)
    if zone is None:
        raise ZoneUnknown(
            f"The clinic’s time zone, {name}, is not known here any more. Nothing was changed. An administrator "
            "chooses another under Settings, Clinic."
        )
    return zone


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant a wall clock in `zone` shows `day` and `at`.

    A time skipped in spring is taken forward (02:30 becomes 03:30); one shown twice in autumn is the earlier.
    Both follow from fold=0, stated here because they are promises, not accidents.
    """
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day `instant` falls on in `zone`."""
    return instant.astimezone(zone).date()
