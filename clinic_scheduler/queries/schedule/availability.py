"""Providers' diaries over some days, and the free times to suggest for a course."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.check_texts import is_good
from clinic_scheduler.domain.visits.kinds_and_states import OCCUPYING, VisitKind
from clinic_scheduler.domain.visits.slots import (
    LATEST_SEARCH,
    Diary,
    Hours,
    Slot,
    Window,
    busy_by_provider,
    suggest,
)
from clinic_scheduler.domain.visits.slots import Closure as ClosureValue
from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Closure,
    Course,
    ProcedureLength,
    Provider,
    ProviderHours,
)
from clinic_scheduler.queries.courses.histories import patient_history
from clinic_scheduler.queries.schedule.busy_hours import busy_spans

_NEARBY = timedelta(days=2)
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
    Appointment.state.in_(OCCUPYING),
    # Said twice, so that an index leads to these days: no visit lasts as long.
    Appointment.starts_at > bindparam("near"),
    Appointment.starts_at < bindparam("end"),
    Appointment.ends_at > bindparam("start"),
    Appointment.id != bindparam("ignoring"),
)


def clinic_zone(session: Session, clinic_id: int) -> ZoneInfo:
    return ZoneInfo(session.scalars(select(Clinic.zone).where(Clinic.id == clinic_id)).one())


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
    minutes = procedure_minutes(session, clinic_id, indication, kind) if indication else None
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
    kind: str = VisitKind.INJECTION,
    near: date | None = None,
    first: int | None = None,
    late_too: bool = False,
) -> list[Slot]:
    """Free times for the course's next visit of a kind, best first (DD-10): its own provider before the others.

    Only days on which an injection may be booked as it is. With `provider_id`, that provider's times only; with
    `first`, theirs before the others'; with `near`, from that day on, or as without it where nothing is free then.
    With `late_too`, also days against which nothing stands but that they are late, which takes a reason.
    """
    zone = clinic_zone(session, course.clinic_id)
    today = now.astimezone(zone).date()
    window = _window(session, course, today, kind, late_too)
    if near is not None:
        window = replace(window, due_date=max(near, window.earliest_date))
    last = max(window.overdue_date, window.due_date, today) + LATEST_SEARCH
    found = diaries(
        session,
        course.clinic_id,
        zone,
        today,
        last,
        patient_id=course.patient_id,
        ignoring=ignoring,
        indication=course.indication,
        kind=kind,
    )
    if provider_id is not None:
        found = [diary for diary in found if diary.provider_id == provider_id]
    preferred = (first, course.provider_id)
    found.sort(key=lambda diary: [diary.provider_id != each for each in preferred])
    slots = suggest(window, found, zone, now, limit=limit, per_diary=per_diary)
    if slots or near is None:
        return slots
    return suggest(
        _window(session, course, today, kind, late_too), found, zone, now, limit=limit, per_diary=per_diary
    )


def may_be_booked(session: Session, course: Course, day: date, today: date) -> bool:
    """Whether an injection of the course may be booked on `day` as it is, with nothing to override."""
    return _window(session, course, today, VisitKind.INJECTION).is_good(day)


def _window(session: Session, course: Course, today: date, kind: str, late_too: bool = False) -> Window:
    """From when to offer times, and which days may not be booked as they are."""
    if kind != VisitKind.INJECTION:
        return Window(today, today, today, lambda _day: True)
    dates, facts = patient_history(session, course.patient_id).read(today)[course.id]
    late_is_fine = late_too or today >= dates.overdue_date
    closed_from = dates.closed_from or date.max
    return Window(
        dates.earliest_date,
        dates.due_date,
        dates.overdue_date,
        lambda day: day < closed_from and is_good(facts, day, late_is_fine=late_is_fine),
    )
