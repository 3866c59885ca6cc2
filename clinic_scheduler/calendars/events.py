"""One row or notice -> one VEVENT; which rows are shown is decided in feed.py, the words in event_texts.py."""

from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from icalendar import Alarm, Event

from clinic_scheduler.calendars.event_texts import (
    TEMPLATE_VERSION,
    milestone_words,
    review_words,
    visit_words,
    window_words,
)
from clinic_scheduler.calendars.patient_texts import Words
from clinic_scheduler.calendars.text import PlainText
from clinic_scheduler.domain.calendars.values import (
    Audience,
    Clinic,
    Milestone,
    PlannedCycle,
    ReviewWeek,
    Row,
    Visit,
    Window,
)

EventCache = MutableMapping[Hashable, bytes]
"""Rendered VEVENTs by everything they depend on. It holds what feeds hold, so keep it in memory only."""


@dataclass(frozen=True, slots=True)
class Style:
    """All an event depends on besides its row and zone. `alarm_before`: ahead of a visit, only if wanted."""

    audience: Audience
    clinic: Clinic
    alarm_before: timedelta | None = None

    def __post_init__(self) -> None:
        if self.alarm_before is not None and self.alarm_before < timedelta(minutes=1):
            raise ValueError("alarm_before must be at least a minute; leave it out for no alarm")

    def cache_key(self) -> str:
        """As a string, whose hash Python keeps: it is looked up once for every event."""
        return repr((TEMPLATE_VERSION, self))


_KINDS = {Milestone: "milestone", PlannedCycle: "cycle", ReviewWeek: "reviews"}


def uid(kind: str, opaque_id: str, clinic: Clinic) -> str:
    return f"{kind}-{opaque_id}@{clinic.uid_host}"


def row_uid(row: Row, clinic: Clinic) -> str:
    """A due window and the visit booked from it are one event to readers, so both are of kind `visit`."""
    return uid(_KINDS.get(type(row), "visit"), row.id, clinic)


def rendered(row: Row, style: Style, style_key: str, zone: tzinfo, cache: EventCache | None) -> bytes:
    """The row's VEVENT, from the cache where nothing it depends on has changed.

    The whole row is part of the key, and with it its UID, sequence and updated_at: two processes can't serve
    different bytes for the same rows, even if a row changed without raising its sequence.
    """
    if cache is None:
        return _bytes(_row_event(row, style, zone))
    key = (style_key, str(zone), row)
    block = cache.get(key)
    if block is None:
        block = cache[key] = _bytes(_row_event(row, style, zone))
    return block


def _bytes(event: Event) -> bytes:
    block: bytes = event.to_ical()
    return block


def _row_event(row: Row, style: Style, zone: tzinfo) -> Event:
    if isinstance(row, Visit):
        return visit_event(row, style, zone)
    if isinstance(row, Window):
        words = window_words(row, style.audience, style.clinic)
        return _days_event(row, words, row.earliest_date, row.overdue_date, style.clinic)
    if isinstance(row, ReviewWeek):
        return _days_event(row, review_words(row), row.monday, row.monday + timedelta(days=1), style.clinic)
    words = milestone_words(row, style.audience, style.clinic)
    return _days_event(row, words, row.starts_on, row.ends_on + timedelta(days=1), style.clinic)


def visit_event(visit: Visit, style: Style, zone: tzinfo) -> Event:
    """A no-show is written as cancelled: its time is free again, and a patient's reader is not told why."""
    event = _event(row_uid(visit, style.clinic), visit.sequence, visit.updated_at, style.clinic)
    words = visit_words(visit, style.audience, style.clinic)
    start, end = _wall_times(visit, zone)
    event.add("DTSTART", start)
    event.add("DTEND", end)
    event.add("STATUS", "CANCELLED" if visit.called_off else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if visit.called_off else "OPAQUE")
    _add_words(event, words)
    if style.alarm_before is not None and not visit.called_off:
        event.add_component(_alarm(style.alarm_before, words.summary))
    return event


def notice_event(notice_uid: str, words: Words, on: date, updated_at: datetime, clinic: Clinic) -> bytes:
    """One day that carries a message and takes up no time."""
    event = _event(notice_uid, 0, updated_at, clinic)
    _add_days(event, on, on + timedelta(days=1))
    event.add("STATUS", "CONFIRMED")
    _add_words(event, words)
    return _bytes(event)


def _days_event(
    row: Window | Milestone | ReviewWeek, words: Words, first: date, until: date, clinic: Clinic
) -> Event:
    event = _event(row_uid(row, clinic), row.sequence, row.updated_at, clinic)
    _add_days(event, first, until)
    event.add("STATUS", "TENTATIVE")
    _add_words(event, words)
    return event


def _event(event_uid: str, sequence: int, updated_at: datetime, clinic: Clinic) -> Event:
    published, stamp = clinic.revision.counted_in(sequence, updated_at)
    event = Event()
    event.add("UID", event_uid)
    event.add("SEQUENCE", published)
    event.add("DTSTAMP", stamp.astimezone(UTC))
    event.add("LAST-MODIFIED", stamp.astimezone(UTC))
    return event


def _add_days(event: Event, first: date, until: date) -> None:
    """`until` is the day after the last one: DTEND of an all-day event is exclusive."""
    event.add("DTSTART", first)
    event.add("DTEND", until)
    event.add("TRANSP", "TRANSPARENT")


def _add_words(event: Event, words: Words) -> None:
    event.add("SUMMARY", PlainText(words.summary))
    event.add("DESCRIPTION", PlainText(words.description))
    if words.location:
        event.add("LOCATION", PlainText(words.location))


def _alarm(before: timedelta, summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", PlainText(summary))
    alarm.add("TRIGGER", -before)
    return alarm


def _wall_times(visit: Visit, zone: tzinfo) -> tuple[datetime, datetime]:
    return visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
