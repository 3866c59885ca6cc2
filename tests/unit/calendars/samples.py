"""A feed of each kind, always the same; `python -m tests.unit.calendars.samples` renews the golden files."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from clinic_scheduler.calendars.feed import patient_feed, provider_feed
from clinic_scheduler.domain.calendars.values import (
    Audience,
    DueWindow,
    Milestone,
    PlannedCycle,
    Row,
    Visit,
)

from .rows import CLINIC, NOW, SPANISH, SUBSCRIPTION, UPDATED, VISIT, visit

GOLDEN = Path(__file__).parents[2] / "golden" / "calendars"


def sample_rows() -> list[Row]:
    return [
        VISIT,
        visit(id="past", status="fulfilled", starts_at=at(1, 20, 15), ends_at=at(1, 20, 15, 30)),
        visit(id="off", status="cancelled", sequence=4, starts_at=at(4, 14, 19), ends_at=at(4, 14, 19, 45)),
        visit(id="gone", status="noshow", starts_at=at(2, 3, 15), ends_at=at(2, 3, 16)),
        DueWindow("w5t2", date(2026, 6, 2), date(2026, 6, 17), 1, UPDATED, "R-4821"),
        PlannedCycle("c2r7", date(2026, 8, 25), date(2026, 9, 9), 1, UPDATED, "R-4821"),
        *(milestone(n, kind) for n, kind in enumerate(KINDS)),
    ]


KINDS = ("onset_check", "four_week_count", "peak_review", "response_review", "wear_off_watch")


def milestone(n: int, kind: str) -> Milestone:
    first = date(2026, 3, 24) + timedelta(days=14 * n)
    return Milestone(f"m{n}", kind, first, first + timedelta(days=7), n, UPDATED, "R-4821")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def patient_sample() -> bytes:
    return patient_feed(
        sample_rows(), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, alarm_before=timedelta(days=1)
    )


def spanish_sample() -> bytes:
    return patient_feed(sample_rows(), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=SPANISH)


def provider_sample() -> bytes:
    return provider_feed(sample_rows(), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)


def clinic_day_sample() -> bytes:
    visits = [row for row in sample_rows() if isinstance(row, Visit)]
    return provider_feed(
        visits, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=Audience("clinic_day")
    )


def due_windows_sample() -> bytes:
    windows = [row for row in sample_rows() if isinstance(row, DueWindow)]
    return provider_feed(
        windows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=Audience("due_windows")
    )


SAMPLES = {
    "patient.ics": patient_sample,
    "patient_es.ics": spanish_sample,
    "provider.ics": provider_sample,
    "clinic_day.ics": clinic_day_sample,
    "due_windows.ics": due_windows_sample,
}

if __name__ == "__main__":
    for name, sample in SAMPLES.items():
        (GOLDEN / name).write_bytes(sample())
