"""Providers' diaries over some days, and the free times to suggest for a course."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import UNKNOWN_ZONE, known_zone, to_utc, zone_named
from clinic_scheduler.domain.visits.kinds_and_states import OCCUPYING, VisitKind
from clinic_scheduler.domain.visits.slots import Closure as ClosureValue
from clinic_scheduler.domain.visits.slots import (
    Diary,
    Hours,
    busy_by_provider,
)
from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Closure,
    Course,
    ProcedureLength,
    Provider,
    ProviderHours,
)
from clinic_scheduler.queries.schedule.busy_hours import busy_spans

_NEARBY = timedelta(days=2)


def _takes_time() -> tuple[ColumnElement[bool], ...]:
    """A visit that takes time between :start and :end, other than :ignoring and the time held for moving it.

    :near is well before :start, so that an index leads to these days: no visit lasts as long.
    """
    return (
        Appointment.state.in_(OCCUPYING),
        Appointment.starts_at > bindparam("near"),
        Appointment.starts_at < bindparam("end"),
        Appointment.ends_at > bindparam("start"),
        Appointment.id != bindparam("ignoring"),
        or_(Appointment.replaces_id.is_(None), Appointment.replaces_id != bindparam("ignoring")),
    )


# Built once: every booking asks these.
_HOURS_ON = select(ProviderHours.weekday, ProviderHours.starts_at, ProviderHours.ends_at).where(
    ProviderHours.provider_id == bindparam("provider"), ProviderHours.weekday == bindparam("weekday")
)
_CLOSED_ON = select(Closure.starts_on, Closure.ends_on, Closure.reason).where(
    Closure.clinic_id == bindparam("clinic"),
    or_(Closure.provider_id.is_(None), Closure.provider_id == bindparam("provider")),
    Closure.starts_on <= bindparam("day"),
    Closure.ends_on >= bindparam("day"),
)
_TAKEN_ON = select(Appointment.starts_at, Appointment.ends_at).where(
    or_(Appointment.provider_id == bindparam("provider"), Appointment.patient_id == bindparam("patient")),
    *_takes_time(),
)
_ACTIVE = (
    select(Provider.id, Provider.name, Provider.visit_minutes)
    .where(Provider.clinic_id == bindparam("clinic"), Provider.is_active)
    .order_by(Provider.name)
)
_HOURS = select(
    ProviderHours.provider_id, ProviderHours.weekday, ProviderHours.starts_at, ProviderHours.ends_at
).where(ProviderHours.provider_id.in_(bindparam("providers", expanding=True)))
_TAKEN = select(
    Appointment.provider_id, Appointment.patient_id, Appointment.starts_at, Appointment.ends_at
).where(
    or_(
        Appointment.provider_id.in_(bindparam("providers", expanding=True)),
        Appointment.patient_id == bindparam("patient"),
    ),
    *_takes_time(),
)


def clinic_zone(session: Session, clinic_id: int) -> ZoneInfo:
    return zone_named(session.scalars(select(Clinic.zone).where(Clinic.id == clinic_id)).one())


def shown_zone(session: Session, clinic_id: int) -> ZoneInfo:
    """By which a clinic's times are shown: its own, or UTC where that is not known, as every page then says."""
    return (
        known_zone(session.scalars(select(Clinic.zone).where(Clinic.id == clinic_id)).one()) or UNKNOWN_ZONE
    )


def procedure_minutes(
    session: Session, clinic_id: int, indication: str, kind: str = VisitKind.INJECTION
) -> int | None:
    """How long a visit takes at this clinic; None where it is the provider's usual length.

    Injections have a length an indication; consultations and follow-ups one each.
    """
    return session.scalar(
        select(ProcedureLength.minutes).where(
            ProcedureLength.clinic_id == clinic_id,
            ProcedureLength.visit_kind == kind,
            ProcedureLength.indication == (indication if kind == VisitKind.INJECTION else ""),
        )
    )


def visit_length(
    session: Session, course: Course, provider: Provider, kind: str = VisitKind.INJECTION
) -> timedelta:
    """How long the course's next visit of a kind with this provider takes."""
    minutes = procedure_minutes(session, course.clinic_id, course.indication, kind)
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
    kind: str = VisitKind.INJECTION,
) -> list[Diary]:
    """Active providers' diaries from `first` through `last`, by name.

    With `patient_id`, the patient's other visits count as busy for every provider: nobody is in two rooms at
    once. `ignoring` leaves one appointment out, the one about to be moved, with the time held for moving it. With
    `indication`, visits are as long as the clinic says for it.
    """
    empty = empty_diaries(session, clinic_id, first, last, indication=indication, kind=kind)
    return filled(session, empty, zone, (first, last), patient_id=patient_id, ignoring=ignoring)


def empty_diaries(
    session: Session,
    clinic_id: int,
    first: date,
    last: date,
    *,
    indication: str | None = None,
    kind: str = VisitKind.INJECTION,
) -> list[Diary]:
    """The same before any visit or anything elsewhere is in them: hours, and closures of those days."""
    providers = session.execute(_ACTIVE, {"clinic": clinic_id}).all()
    hours_of: dict[int, list[Hours]] = {}
    asked = {"providers": [row.id for row in providers]}
    for provider_id, weekday, starts_at, ends_at in session.execute(_HOURS, asked):
        hours_of.setdefault(provider_id, []).append(Hours(weekday, starts_at, ends_at))
    minutes = procedure_minutes(session, clinic_id, indication, kind) if indication else None
    closures = _closures(session, clinic_id, first, last)
    return [
        Diary(
            provider.id,
            provider.name,
            minutes or provider.visit_minutes,
            hours_of.get(provider.id, []),
            [value for owner, value in closures if owner in (None, provider.id)],
        )
        for provider in providers
    ]


def filled(
    session: Session,
    empty: Sequence[Diary],
    zone: ZoneInfo,
    days: tuple[date, date],
    *,
    patient_id: int | None = None,
    ignoring: int | None = None,
) -> list[Diary]:
    """These diaries with what takes time in them from the first through the last of these days."""
    first, last = days
    start, end = to_utc(first, time(0), zone), to_utc(last + timedelta(1), time(0), zone)
    ids = [diary.provider_id for diary in empty]
    asked = {
        "providers": ids,
        "patient": patient_id or 0,
        "ignoring": ignoring or 0,
        "near": start - _NEARBY,
        "start": start,
        "end": end,
    }
    taken = session.execute(_TAKEN, asked).all()
    busy = busy_by_provider((owner, starts_at, ends_at) for owner, _, starts_at, ends_at in taken)
    own = [(starts_at, ends_at) for _, patient, starts_at, ends_at in taken if patient == patient_id]
    elsewhere = busy_spans(session, ids, start, end)
    return [
        replace(
            diary,
            busy=busy.get(diary.provider_id, []) + own,
            elsewhere=elsewhere.get(diary.provider_id, ()),
        )
        for diary in empty
    ]


def diary_on(
    session: Session,
    provider: Provider,
    zone: ZoneInfo,
    day: date,
    *,
    patient_id: int,
    ignoring: int | None = None,
) -> Diary:
    """One provider's diary of one day, with the patient's other visits as `diaries` counts them.

    What the provider has elsewhere is not in it, since it keeps nobody from booking.
    """
    start, end = to_utc(day, time(0), zone), to_utc(day + timedelta(1), time(0), zone)
    asked = {
        "provider": provider.id,
        "clinic": provider.clinic_id,
        "patient": patient_id,
        "ignoring": ignoring or 0,
        "day": day,
        "weekday": day.weekday(),
        "near": start - _NEARBY,
        "start": start,
        "end": end,
    }
    return Diary(
        provider.id,
        provider.name,
        provider.visit_minutes,
        [Hours(*row) for row in session.execute(_HOURS_ON, asked)],
        [ClosureValue(*row) for row in session.execute(_CLOSED_ON, asked)],
        [(row.starts_at, row.ends_at) for row in session.execute(_TAKEN_ON, asked)],
    )


def _closures(
    session: Session, clinic_id: int, first: date, last: date
) -> list[tuple[int | None, ClosureValue]]:
    rows = session.scalars(
        select(Closure).where(
            Closure.clinic_id == clinic_id, Closure.starts_on <= last, Closure.ends_on >= first
        )
    )
    return [(row.provider_id, ClosureValue(row.starts_on, row.ends_on, row.reason)) for row in rows]
