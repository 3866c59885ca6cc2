"""Wall clocks to instants on ordinary days and where the clock is put forward or back."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from builders import day

from clinic_scheduler.domain.local_time import local_date, to_utc

PACIFIC = ZoneInfo("America/Los_Angeles")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "at", "instant"),
    [
        ("2026-07-01", time(9), "2026-07-01T16:00"),
        ("2026-12-01", time(9), "2026-12-01T17:00"),
        ("2026-12-01", time(20), "2026-12-02T04:00"),
        ("2026-03-08", time(1, 59), "2026-03-08T09:59"),
        ("2026-03-08", time(2, 30), "2026-03-08T10:30"),
        ("2026-03-08", time(3, 30), "2026-03-08T10:30"),
        ("2026-11-01", time(1, 30), "2026-11-01T08:30"),
        ("2026-11-01", time(1, 30, fold=1), "2026-11-01T08:30"),
        ("2026-11-01", time(2), "2026-11-01T10:00"),
    ],
)
def test_a_wall_clock_means_one_instant(on: str, at: time, instant: str) -> None:
    assert to_utc(day(on), at, PACIFIC) == utc(instant)


@pytest.mark.parametrize(
    ("instant", "on"),
    [("2026-11-23T07:59", "2026-11-22"), ("2026-11-23T08:00", "2026-11-23")],
)
def test_a_day_begins_at_local_midnight(instant: str, on: str) -> None:
    assert local_date(utc(instant), PACIFIC) == day(on)
