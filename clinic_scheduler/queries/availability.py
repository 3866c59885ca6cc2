"""Providers' diaries over some days, and the free times to suggest for a course."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.booking import days_over_cap
from clinic_scheduler.domain.due_dates import forecast
from clinic_scheduler.domain.evaluation import in_order
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.slots import LATEST_SEARCH, Diary, Hours, Slot, Window, busy_by_provider, suggest
from clinic_scheduler.domain.slots import Closure as ClosureValue
from clinic_scheduler.domain.visit_kinds import VisitKind
from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Closure,
    Course,
    ProcedureLength,
    Provider,
    ProviderHours,
)
from clinic_scheduler.queries.busy_hours import busy_spans
from clinic_scheduler.queries.histories import patient_history

OCCUPYING = ("proposed", "booked", "arrived", "fulfilled")
_NEARBY = timedelta(days=2)


def clinic_zone(session: Session, clinic_id: int) -> ZoneInfo:
    return ZoneInfo(session.scalars(select(Clinic.zone).where(Clinic.id == clinic_id)).one())


def procedure_minutes(session: Session, clinic_id: int, indication: str) -> int | None:
    """How long a visit for the indication takes at this clinic; None where it is the provider's usual length."""
    return session.scalar(
        select(ProcedureLength.minutes).where(
            ProcedureLength.clinic_id == clinic_id,
            ProcedureLength.visit_kind == VisitKind.INJECTION,
            ProcedureLength.indication == indication,
        )
    )


def visit_length(session: Session, course: Course, provider: Provider) -> timedelta:
    """How long the course's next visit with this provider takes."""
    minutes = procedure_minutes(session, course.clinic_id, course.indication)
    return timedelta(minutes=minutes or provider.visit_minutes)


def diaries(
    session: Session,
    clinic_id: int,
    zone: ZoneInfo,
    first: date,
    last: date,
    *,
    patient_id: int | None = None,
    ignoring: int | None = None,
    indication: str | None = None,
) -> list[Diary]:
    """Active providers' diaries from `first` through `last`, by name.

    With `patient_id`, the patient's other visits count as busy for every provider: nobody is in two rooms at
    once. `ignoring` leaves one appointment out, the one about to be moved. With `indication`, visits
    are as long as the clinic says for it.
    """
    providers = session.execute(
        select(Provider.id, Provider.name, Provider.visit_minutes)
        .where(Provider.clinic_id == clinic_id, Provider.is_active)
        .order_by(Provider.name)
    ).all()
    hours = session.execute(
        select(
            ProviderHours.provider_id, ProviderHours.weekday, ProviderHours.starts_at, ProviderHours.ends_at
        ).where(ProviderHours.provider_id.in_([p.id for p in providers]))
    )
    hours_of: dict[int, list[Hours]] = {}
    for row in hours:
        hours_of.setdefault(row.provider_id, []).append(Hours(row.weekday, row.starts_at, row.ends_at))
    minutes = procedure_minutes(session, clinic_id, indication) if indication else None
    closures = _closures(session, clinic_id, first, last)
    taken = _occupied(session, clinic_id, zone, first, last, ignoring)
    busy = busy_by_provider((owner, starts_at, ends_at) for owner, _, starts_at, ends_at in taken)
    own = [(starts_at, ends_at) for _, patient, starts_at, ends_at in taken if patient == patient_id]
    start, end = to_utc(first, time(0), zone), to_utc(last + timedelta(1), time(0), zone)
    elsewhere = busy_spans(session, [provider.id for provider in providers], start, end)
    return [
        Diary(
            provider.id,
            provider.name,
            minutes or provider.visit_minutes,
            hours_of.get(provider.id, []),
            [value for owner, value in closures if owner in (None, provider.id)],
            busy.get(provider.id, []) + own,
            elsewhere.get(provider.id, ()),
        )
        for provider in providers
    ]


def _closures(
    session: Session, clinic_id: int, first: date, last: date
) -> list[tuple[int | None, ClosureValue]]:
    rows = session.scalars(
        select(Closure).where(
            Closure.clinic_id == clinic_id, Closure.starts_on <= last, Closure.ends_on >= first
        )
    )
    return [(row.provider_id, ClosureValue(row.starts_on, row.ends_on, row.reason)) for row in rows]


def _occupied(
    session: Session, clinic_id: int, zone: ZoneInfo, first: date, last: date, ignoring: int | None
) -> Sequence[Row[int, int, datetime, datetime]]:
    """(provider id, patient id, start, end) of visits that take time from `first` through `last`."""
    start, end = to_utc(first, time(0), zone), to_utc(last + timedelta(1), time(0), zone)
    query = select(
        Appointment.provider_id, Appointment.patient_id, Appointment.starts_at, Appointment.ends_at
    ).where(
        Appointment.clinic_id == clinic_id,
        # An index leads to these days; the day kept on a visit may be another zone's, if the clinic's was changed.
        Appointment.local_date.between(first - _NEARBY, last + _NEARBY),
        Appointment.state.in_(OCCUPYING),
        Appointment.starts_at < end,
        Appointment.ends_at > start,
    )
    if ignoring is not None:
        query = query.where(Appointment.id != ignoring)
    return session.execute(query).all()


def suggestions(
    session: Session,
    course: Course,
    now: datetime,
    *,
    limit: int = 6,
    per_diary: int = 1,
    ignoring: int | None = None,
    provider_id: int | None = None,
) -> list[Slot]:
    """Free times for the course's next visit, best first (DD-10): its own provider before the others.

    With `provider_id`, that provider's times only.
    """
    zone = clinic_zone(session, course.clinic_id)
    today = now.astimezone(zone).date()
    history = patient_history(session, course.patient_id)
    value = history.course(course.id)
    sessions = in_order(history.sessions, today)
    dates = forecast(history.patient, value, sessions, today)
    first = max(dates.due_date, today)
    last = max(dates.overdue_date, today) + LATEST_SEARCH
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    window = Window(
        dates.due_date,
        dates.overdue_date,
        days_over_cap(history.patient, value, sessions, dates.planned_units, days),
    )
    found = diaries(
        session,
        course.clinic_id,
        zone,
        first,
        last,
        patient_id=course.patient_id,
        ignoring=ignoring,
        indication=course.indication,
    )
    if provider_id is not None:
        found = [diary for diary in found if diary.provider_id == provider_id]
    found.sort(key=lambda diary: diary.provider_id != course.provider_id)
    return suggest(window, found, zone, now, limit=limit, per_diary=per_diary)
