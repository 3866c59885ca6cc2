"""Calendars of providers from elsewhere: added, read anew, removed; and what the worker found out by reading them.

Nothing is fetched here and no visit is touched. An address is a secret: it is kept, used, and never shown whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.remote_url import read_address
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.busy_hours import Span
from clinic_scheduler.models import BusyCalendar, BusyTime, Provider
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_providers

READ_EVERY = timedelta(minutes=30)
MOST_CALENDARS = 10
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class ToRead:
    """A calendar whose turn it is; `etag` only where an unchanged answer would do."""

    calendar_id: int
    url: str = field(repr=False)
    etag: str | None
    zone: ZoneInfo


def add_address(change: Change, provider_id: int, name: str, url: str) -> BusyCalendar:
    """A calendar the worker reads from its next tick on. Raises InvalidInput, NotFound."""
    address = read_address(url)
    if _named(change, provider_id, name) is not None:
        raise InvalidInput("there is a calendar of this name already")
    return _add(change, provider_id, name, address.url)


def keep_file(change: Change, provider_id: int, name: str, spans: Sequence[Span]) -> BusyCalendar:
    """Busy times out of a file; in place of the file of the same name, if there is one. Raises InvalidInput."""
    row = _named(change, provider_id, name)
    if row is not None and row.url is not None:
        raise InvalidInput("there is a calendar of this name already, read from an address")
    if row is None:
        row = _add(change, provider_id, name, None)
    else:
        record(change, "replaced", "busy_calendars", row.id, provider_id=provider_id)
    row.read_at = row.tried_at = change.now
    _replace(change.session, row, spans)
    return row


def ask_again(change: Change, calendar_id: int) -> BusyCalendar:
    """Let the worker read it at its next tick. Raises NotFound."""
    row = row_in_clinic(change.session, BusyCalendar, change.clinic_id, calendar_id)
    if row.url is None:
        raise InvalidInput("a file is read once")
    row.tried_at = None
    record(change, "asked_again", "busy_calendars", row.id, provider_id=row.provider_id)
    return row


def remove(change: Change, calendar_id: int) -> int:
    """The calendar and its busy times go; whose they were comes back. Raises NotFound."""
    session = change.session
    row = row_in_clinic(session, BusyCalendar, change.clinic_id, calendar_id)
    session.refresh(row, with_for_update=True)
    session.execute(delete(BusyTime).where(BusyTime.busy_calendar_id == row.id))
    session.delete(row)
    record(change, "removed", "busy_calendars", row.id, provider_id=row.provider_id)
    return row.provider_id


def due_to_read(session: Session, now: datetime) -> Sequence[int]:
    """Calendars with an address that nobody has tried lately, the longest untried first."""
    return session.scalars(
        select(BusyCalendar.id)
        .where(BusyCalendar.url.is_not(None), _untried(now))
        .order_by(BusyCalendar.tried_at.is_not(None), BusyCalendar.tried_at, BusyCalendar.id)
    ).all()


def claim(session: Session, calendar_id: int, now: datetime) -> ToRead | None:
    """Take the calendar for reading; None where another worker was first, or it is gone.

    Each day's first reading is a whole one, as is one that was asked for, so that what repeats reaches as far
    ahead as it should.
    """
    before = session.execute(
        select(BusyCalendar.tried_at, BusyCalendar.etag).where(BusyCalendar.id == calendar_id)
    ).one_or_none()
    taken = session.scalar(
        update(BusyCalendar)
        .where(BusyCalendar.id == calendar_id, BusyCalendar.url.is_not(None), _untried(now))
        .values(tried_at=now)
        .returning(BusyCalendar.id)
        .execution_options(synchronize_session=False)
    )
    if before is None or taken is None:
        return None
    row = session.get_one(BusyCalendar, calendar_id, populate_existing=True)
    today = before.tried_at is not None and before.tried_at.date() == now.date()
    zone = clinic_zone(session, row.clinic_id)
    return ToRead(row.id, row.url or "", before.etag if today else None, zone)


def keep_reading(
    session: Session, calendar_id: int, spans: Sequence[Span] | None, etag: str | None, now: datetime
) -> bool:
    """What the worker read: None where it is what it was. Returns whether busy times changed."""
    row = session.get(BusyCalendar, calendar_id, with_for_update=True)
    if row is None:  # removed meanwhile
        return False
    row.read_at, row.failure = now, None
    if spans is None:
        return False
    row.etag = etag if etag and len(etag) <= _LONGEST else None
    return _replace(session, row, spans)


def keep_failure(session: Session, calendar_id: int, words: str) -> None:
    """Why it could not be read; what was read before still counts, and the next try asks for all of it."""
    row = session.get(BusyCalendar, calendar_id, with_for_update=True)
    if row is not None:
        row.failure, row.etag = words[:_LONGEST], None


def _untried(now: datetime) -> ColumnElement[bool]:
    return or_(BusyCalendar.tried_at.is_(None), BusyCalendar.tried_at <= now - READ_EVERY)


def _named(change: Change, provider_id: int, name: str) -> BusyCalendar | None:
    """The provider's calendar of that name; the provider is locked, so that a name is taken once."""
    provider = row_in_clinic(change.session, Provider, change.clinic_id, provider_id)
    lock_providers(change.session, [provider.id])
    return change.session.scalar(
        select(BusyCalendar).where(BusyCalendar.provider_id == provider.id, BusyCalendar.name == name)
    )


def _add(change: Change, provider_id: int, name: str, url: str | None) -> BusyCalendar:
    mine = select(BusyCalendar.id).where(BusyCalendar.provider_id == provider_id)
    if len(change.session.scalars(mine).all()) >= MOST_CALENDARS:
        raise InvalidInput(f"a provider may have {MOST_CALENDARS} calendars from elsewhere at most")
    row = BusyCalendar(
        clinic_id=change.clinic_id, provider_id=provider_id, name=name, url=url, created_at=change.now
    )
    change.session.add(row)
    change.session.flush()
    kind = "file" if url is None else "address"
    record(change, "added", "busy_calendars", row.id, provider_id=provider_id, kind=kind)
    return row


def _replace(session: Session, row: BusyCalendar, spans: Sequence[Span]) -> bool:
    """Whether they were others before; equal ones are not written again."""
    mine = BusyTime.busy_calendar_id == row.id
    known = session.execute(
        select(BusyTime.starts_at, BusyTime.ends_at).where(mine).order_by(BusyTime.starts_at)
    )
    if [(start, end) for start, end in known] == list(spans):
        return False
    session.execute(delete(BusyTime).where(mine))
    values = {"busy_calendar_id": row.id, "provider_id": row.provider_id}
    if spans:
        session.execute(
            insert(BusyTime), [{**values, "starts_at": start, "ends_at": end} for start, end in spans]
        )
    return True
