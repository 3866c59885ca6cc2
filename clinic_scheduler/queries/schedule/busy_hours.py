"""Hours providers are busy elsewhere: for diaries, for the panel's checks, and the visits that stand in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.calendars.remote_url import host_of
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.booking_checks import Check
from clinic_scheduler.domain.visits.busy_hours import Span, busy_check, hours_in_words, merged
from clinic_scheduler.domain.visits.kinds_and_states import OPEN_STATES
from clinic_scheduler.domain.visits.slots import busy_by_provider
from clinic_scheduler.models import Appointment, BusyCalendar, BusyTime, Provider

# Built once: every booking panel asks it several times.
_BUSY = (
    select(BusyTime.provider_id, Provider.name, BusyTime.starts_at, BusyTime.ends_at)
    .join(Provider, BusyTime.provider_id == Provider.id)
    .where(
        BusyTime.provider_id.in_(bindparam("providers", expanding=True)),
        BusyTime.starts_at < bindparam("end"),
        BusyTime.ends_at > bindparam("start"),
    )
)


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """`host` is empty for a file; `hours` are the busy ones from now on, rounded up."""

    id: int
    name: str
    host: str
    read_at: datetime | None
    waiting: bool
    hours: int
    failure: str | None


def busy_spans(
    session: Session, provider_ids: Iterable[int], start: datetime, end: datetime
) -> Mapping[int, list[Span]]:
    """By provider, in order and apart, whatever overlaps the time from `start` to `end`."""
    rows = session.execute(_BUSY, {"providers": list(set(provider_ids)), "start": start, "end": end})
    gathered = busy_by_provider((owner, starts_at, ends_at) for owner, _, starts_at, ends_at in rows)
    return {provider_id: merged(spans) for provider_id, spans in gathered.items()}


def busy_checks(
    session: Session, provider_id: int | None, day: date, zone: ZoneInfo, *, during: Span | None = None
) -> list[Check]:
    """The panel's line where the provider is busy elsewhere that day, or during that span of it; else none."""
    start, end = during or (to_utc(day, time(0), zone), to_utc(day + timedelta(1), time(0), zone))
    rows = session.execute(_BUSY, {"providers": [provider_id or 0], "start": start, "end": end}).all()
    spans = merged((row.starts_at, row.ends_at) for row in rows)
    return busy_check(rows[0].name, spans, day, zone) if spans else []


def busy_during(session: Session, visit: Appointment, zone: ZoneInfo) -> list[Check]:
    """The same for a visit as it is booked."""
    span = (visit.starts_at, visit.ends_at)
    return busy_checks(session, visit.provider_id, visit.local_date, zone, during=span)


def visits_in_busy_hours(
    session: Session, clinic_id: int, zone: ZoneInfo, now: datetime
) -> Sequence[tuple[Appointment, str]]:
    """Open visits not over yet that overlap busy hours of their provider, in order, each with those hours."""
    visits = session.scalars(
        select(Appointment)
        .where(Appointment.id.in_(_standing(select(Appointment.id), clinic_id, now)))
        .options(
            joinedload(Appointment.patient), joinedload(Appointment.course), joinedload(Appointment.provider)
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    if not visits:
        return []
    spans = busy_spans(
        session,
        {visit.provider_id for visit in visits},
        visits[0].starts_at,
        max(visit.ends_at for visit in visits),
    )
    return [
        (visit, hours_in_words(_over(spans[visit.provider_id], visit), visit.local_date, zone))
        for visit in visits
    ]


def count_in_busy_hours(session: Session, clinic_id: int, now: datetime) -> int:
    query = _standing(select(func.count(func.distinct(Appointment.id))), clinic_id, now)
    number: int = session.scalars(query).one()
    return number


def calendars_of(session: Session, provider_id: int, now: datetime) -> list[CalendarLine]:
    """The provider's calendars from elsewhere, by name."""
    rows = session.scalars(
        select(BusyCalendar)
        .where(BusyCalendar.provider_id == provider_id)
        .order_by(BusyCalendar.name, BusyCalendar.id)
    ).all()
    ahead = session.execute(
        select(BusyTime.busy_calendar_id, BusyTime.starts_at, BusyTime.ends_at).where(
            BusyTime.provider_id == provider_id, BusyTime.ends_at > now
        )
    )
    left: dict[int, timedelta] = {}
    for calendar_id, start, end in ahead:
        left[calendar_id] = left.get(calendar_id, timedelta(0)) + (end - max(start, now))
    return [
        CalendarLine(
            row.id,
            row.name,
            host_of(row.url or ""),
            row.read_at,
            row.tried_at is None,
            -(-left.get(row.id, timedelta(0)) // timedelta(hours=1)),
            row.failure,
        )
        for row in rows
    ]


def _over(spans: Iterable[Span], visit: Appointment) -> list[Span]:
    return [span for span in spans if span[0] < visit.ends_at and span[1] > visit.starts_at]


def _standing(query: Select, clinic_id: int, now: datetime) -> Select:  # type: ignore[type-arg]
    """Open visits of the clinic joined with busy times of their provider that they overlap."""
    overlaps = and_(
        BusyTime.provider_id == Appointment.provider_id,
        BusyTime.starts_at < Appointment.ends_at,
        BusyTime.ends_at > Appointment.starts_at,
    )
    return (
        query.select_from(Appointment)
        .join(BusyTime, overlaps)
        .where(
            Appointment.clinic_id == clinic_id,
            Appointment.ends_at > now,
            Appointment.state.in_(OPEN_STATES),
            # Said twice, so that what is over is not looked through for each visit.
            BusyTime.ends_at > now,
        )
    )
