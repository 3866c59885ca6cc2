"""Feeds people subscribe to: calendars from rows, the one-notice calendar, ETags; no tokens, no HTTP."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from importlib.metadata import version
from zoneinfo import ZoneInfo

from icalendar import Calendar

from clinic_scheduler.calendars.event_texts import calendar_name, empty_words, stopped_words
from clinic_scheduler.calendars.events import EventCache, Style, notice_event, rendered, row_uid, uid
from clinic_scheduler.calendars.text import PlainText
from clinic_scheduler.calendars.timezones import visit_zone, vtimezone
from clinic_scheduler.domain.calendars.values import (
    PATIENT,
    PROVIDER,
    UNPUBLISHED_STATUSES,
    Audience,
    Clinic,
    PlannedCycle,
    ReviewWeek,
    Row,
    Subscription,
    Visit,
    Window,
)
from clinic_scheduler.domain.local_time import known_zone

PRODUCT_ID = "-//clinic-scheduler//calendars//EN"
_END = b"END:VCALENDAR\r\n"
_ZONE_RULES = version("tzdata")


def patient_feed(
    rows: Iterable[Row],
    *,
    clinic: Clinic,
    subscription: Subscription,
    now: datetime,
    audience: Audience = PATIENT,
    alarm_before: timedelta | None = None,
    cache: EventCache | None = None,
) -> bytes:
    """One patient's calendar. Pass a due window or the visit booked from it, not both.

    `now` only drops called-off visits whose time is over; nothing else depends on the clock.
    Raises ValueError for two rows of one UID, or a provider's audience.
    """
    return _feed("patient", rows, Style(audience, clinic, alarm_before), subscription, now, cache)


def provider_feed(
    rows: Iterable[Row],
    *,
    clinic: Clinic,
    subscription: Subscription,
    now: datetime,
    audience: Audience = PROVIDER,
    alarm_before: timedelta | None = None,
    cache: EventCache | None = None,
) -> bytes:
    """A provider's calendar, a clinic's day or its due windows: patients by opaque reference. Else as patient_feed."""
    return _feed("provider", rows, Style(audience, clinic, alarm_before), subscription, now, cache)


def stopped_feed(
    *,
    on: date,
    clinic: Clinic,
    subscription: Subscription,
    updated_at: datetime,
    audience: Audience = PATIENT,
) -> bytes:
    """A feed of one all-day notice, for a revoked link; `updated_at` is when it was revoked.

    Readers keep old events on an error page and ignore an empty calendar; one notice replaces them all.
    """
    notice_uid = uid("notice", subscription.id, clinic)
    notice = notice_event(notice_uid, stopped_words(audience, clinic), on, updated_at, clinic)
    return calendar(calendar_name(audience.kind, audience.language), [notice])


def feed_version(
    rows: Iterable[Row],
    clinic: Clinic,
    subscription: Subscription,
    audience: Audience,
    revoked_at: datetime | None = None,
    alarm_before: timedelta | None = None,
) -> str:
    """A strong validator (RFC 9110 section 8.8.3) known without rendering, for rows that are `published`.

    A feed's bytes follow from these values, the words' version and the zone rules, so their hash changes
    whenever the bytes do.
    """
    shown = sorted(rows, key=_position)
    inputs = (Style(audience, clinic, alarm_before).cache_key(), _ZONE_RULES, subscription, revoked_at, shown)
    return sha256(repr(inputs).encode("utf-8", "backslashreplace")).hexdigest()


def published(row: Row, now: datetime) -> bool:
    """Whether readers may see a row at all.

    Called-off visits stay until their time is over, so that every reader hears of them. A no-show is one of
    them: after the visit there is nothing to attend and no need to keep a record in a calendar.
    """
    if not isinstance(row, Visit):
        return True
    if row.called_off:
        return row.ends_at > now
    return row.status not in UNPUBLISHED_STATUSES


def zone_of(row: Row) -> tzinfo:
    """The zone to write the row's times in; UTC where it has none, or they can't be written truly."""
    return visit_zone(row.zone, row.starts_at, row.ends_at) if isinstance(row, Visit) else UTC


def vtimezones(zones: Iterable[tzinfo]) -> list[bytes]:
    named = {zone.key: zone for zone in zones if isinstance(zone, ZoneInfo)}
    return [vtimezone(named[key]) for key in sorted(named)]


def calendar(name: str | None, blocks: Sequence[bytes], *, method: str | None = None) -> bytes:
    """A VCALENDAR around rendered blocks. `name` makes it a feed with a refresh interval.

    Only invitations have a METHOD; nothing has a UID of its own, since readers would take all events for one.
    """
    head = Calendar()
    head.add("PRODID", PRODUCT_ID)
    head.add("VERSION", "2.0")
    head.add("CALSCALE", "GREGORIAN")
    if method is not None:
        head.add("METHOD", method)
    if name is not None:
        head.add("NAME", PlainText(name))
        head.add("X-WR-CALNAME", PlainText(name))
        # RFC 7986 gives the property no default type: without VALUE=DURATION it is not valid.
        head.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        head.add("X-PUBLISHED-TTL", "PT1H")
    opening: bytes = head.to_ical()
    return b"".join([opening.removesuffix(_END), *blocks, _END])


def _feed(
    kind: str,
    rows: Iterable[Row],
    style: Style,
    subscription: Subscription,
    now: datetime,
    cache: EventCache | None,
) -> bytes:
    if (style.audience.kind == "patient") != (kind == "patient"):
        raise ValueError(f"a {kind} feed can't be written for a {style.audience.kind}")
    by_uid = _one_row_a_uid((row for row in rows if published(row, now)), style.clinic)
    shown = sorted(by_uid.values(), key=_position)
    zones = [zone_of(row) for row in shown]
    style_key = style.cache_key()
    events = [rendered(row, style, style_key, zone, cache) for row, zone in zip(shown, zones, strict=True)]
    name = calendar_name(style.audience.kind, style.audience.language)
    return calendar(name, [*vtimezones(zones), *(events or [_empty(style, subscription)])])


def _one_row_a_uid(rows: Iterable[Row], clinic: Clinic) -> dict[str, Row]:
    by_uid: dict[str, Row] = {}
    for row in rows:
        if by_uid.setdefault(event_uid := row_uid(row, clinic), row) is not row:
            raise ValueError(
                f"two rows share the UID {event_uid}; nothing was written. "
                "Pass either the due window or the visit booked from it, and each row once"
            )
    return by_uid


def _position(row: Row) -> tuple[int, float, str, int]:
    """By day, moment and id: the rows' own order, whatever order they came in."""
    if isinstance(row, Visit):
        return row.starts_at.toordinal(), row.starts_at.timestamp(), row.id, 0
    if isinstance(row, Window):
        return row.earliest_date.toordinal(), 0, row.id, int(isinstance(row, PlannedCycle))
    if isinstance(row, ReviewWeek):
        return row.monday.toordinal(), 0, row.id, 3
    return row.starts_on.toordinal(), 0, row.id, 2


def _empty(style: Style, subscription: Subscription) -> bytes:
    """Readers ignore a calendar without events and keep what they had, so one notice says there are none."""
    on = subscription.opened_at.astimezone(known_zone(style.clinic.zone) or UTC).date()
    empty_uid = uid("empty", subscription.id, style.clinic)
    words = empty_words(style.audience, style.clinic)
    return notice_event(empty_uid, words, on, subscription.opened_at, style.clinic)
