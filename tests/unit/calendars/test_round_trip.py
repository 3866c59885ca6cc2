"""Rows written and read back by two independent parsers: what readers see is what the rows say."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
import vobject
from hypothesis import given, settings
from icalendar import Calendar

from clinic_scheduler.calendars.feed import patient_feed, provider_feed, published
from clinic_scheduler.calendars.text import clean
from clinic_scheduler.domain.calendars.values import Clinic, DueWindow, Milestone, PlannedCycle, Row, Visit

from .rows import CLINIC, NOW, SUBSCRIPTION, generated_rows

UNPUBLISHED = ("proposed", "pending", "waitlist", "entered-in-error")


class Seen(NamedTuple):
    uid: str
    start: int
    end: int
    all_day: bool
    status: str
    transparency: str
    sequence: int
    updated: int
    summary: str


def epoch(moment: date | datetime) -> int:
    """Seconds since 1970 of an instant; days since 1970 of a date."""
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    return (moment - date(1970, 1, 1)).days


def expected(row: Row, summary: str, clinic: Clinic = CLINIC) -> Seen:
    stamps = row.sequence, epoch(row.updated_at)
    match row:
        case Visit():
            off = row.status in ("cancelled", "noshow")
            status = ("CANCELLED", "TRANSPARENT") if off else ("CONFIRMED", "OPAQUE")
            summary = f"Cancelled: {summary}" if off else summary
            uid = f"visit-{row.id}@{clinic.uid_host}"
            return Seen(uid, epoch(row.starts_at), epoch(row.ends_at), False, *status, *stamps, summary)
        case DueWindow():
            days = epoch(row.earliest_date), epoch(row.overdue_date)
            uid = f"visit-{row.id}@{clinic.uid_host}"
        case PlannedCycle():
            days = epoch(row.earliest_date), epoch(row.overdue_date)
            uid = f"cycle-{row.id}@{clinic.uid_host}"
        case Milestone():
            days = epoch(row.starts_on), epoch(row.ends_on) + 1
            uid = f"milestone-{row.id}@{clinic.uid_host}"
    return Seen(uid, *days, True, "TENTATIVE", "TRANSPARENT", *stamps, summary)


def patient_summary(row: Row) -> str:
    match row:
        case Visit():
            return "Appointment"
        case DueWindow():
            return "Appointment due, not booked yet"
        case PlannedCycle():
            return "Appointment planned around these days"
        case Milestone(kind=kind):
            return {
                "onset_check": "Check-in: first changes",
                "peak_review": "Check-in: how it is going",
                "wear_off_watch": "Check-in: watch for changes",
            }.get(kind, "Check-in")


def provider_summary(row: Row) -> str:
    match row:
        case Visit():
            title = f"Visit {row.reference}"
        case DueWindow():
            title = f"Visit due, not booked: {row.reference}"
        case PlannedCycle():
            title = f"Visit planned: {row.reference}"
        case Milestone(kind=kind):
            known = {
                "onset_check": "Onset check",
                "peak_review": "Peak review",
                "wear_off_watch": "Wear-off watch",
            }
            title = f"{known.get(kind, 'Follow-up')}: {row.reference}"
    return clean(title)


def seen_by_icalendar(body: bytes) -> Iterator[Seen]:
    for event in Calendar.from_ical(body).walk("VEVENT"):
        yield Seen(
            str(event["UID"]),
            epoch(event["DTSTART"].dt),
            epoch(event["DTEND"].dt),
            not isinstance(event["DTSTART"].dt, datetime),
            str(event["STATUS"]),
            str(event["TRANSP"]),
            int(event["SEQUENCE"]),
            epoch(event["LAST-MODIFIED"].dt),
            str(event["SUMMARY"]),
        )


def seen_by_vobject(body: bytes) -> Iterator[Seen]:
    for event in vobject.readOne(body.decode()).vevent_list:
        yield Seen(
            event.uid.value,
            epoch(event.dtstart.value),
            epoch(event.dtend.value),
            not isinstance(event.dtstart.value, datetime),
            event.status.value,
            event.transp.value,
            int(event.sequence.value),
            epoch(event.last_modified.value),
            event.summary.value,
        )


@pytest.mark.parametrize("read", [seen_by_icalendar, seen_by_vobject])
@settings(max_examples=40, deadline=None)
@given(rows=generated_rows())
def test_readers_see_what_the_rows_say(read: Callable[[bytes], Iterator[Seen]], rows: list[Row]) -> None:
    shown = [row for row in rows if published(row, NOW)]
    for feed, summary in ((patient_feed, patient_summary), (provider_feed, provider_summary)):
        body = feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
        seen = [event for event in read(body) if not event.uid.startswith("empty-")]
        assert sorted(seen) == sorted(expected(row, summary(row)) for row in shown)


@settings(max_examples=60, deadline=None)
@given(rows=generated_rows())
def test_every_published_row_is_there_once_and_no_other(rows: list[Row]) -> None:
    body = patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=datetime(2019, 1, 1, tzinfo=UTC))
    kept = [row for row in rows if getattr(row, "status", "") not in UNPUBLISHED]
    assert body.count(b"BEGIN:VEVENT") == max(1, len(kept))
    for row in kept:
        assert body.count(f"-{row.id}@".encode()) == 1
    much_later = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=365 * 40)
    assert b"STATUS:CANCELLED" not in patient_feed(
        rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=much_later
    )
