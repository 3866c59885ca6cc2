"""The schedule of a day (its providers) or a week (one provider): reads; cells.py lays it out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import starmap
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.kinds_and_states import NEVER_BOOKED, OCCUPYING, VisitState
from clinic_scheduler.domain.visits.slots import Diary, Slot, free_times
from clinic_scheduler.models import Appointment, Course, Patient, Provider
from clinic_scheduler.queries.schedule.availability import clinic_zone, diaries, shown_zone
from clinic_scheduler.queries.schedule.cells import Grid, OpenTime, Visit, column, minutes_of, rows_for
from clinic_scheduler.queries.schedule.override_lines import ShownVisit, override_lines
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, may_be_booked, suggestions

# Cancelled visits leave their time free, so they are listed beside the table rather than in it.
IN_THE_TABLE = (*OCCUPYING, VisitState.NOSHOW)


def day_grid(
    session: Session,
    clinic_id: int,
    day: date,
    now: datetime,
    *,
    provider_id: int | None = None,
    moving: Appointment | None = None,
) -> Grid:
    """Every active provider's day, and that of others with visits; `moving` leaves that visit's time free."""
    zone = shown_zone(session, clinic_id)
    visits = _visits(session, clinic_id, day, day, provider_id)
    found = _diaries(session, clinic_id, zone, day, day, moving)
    found += _without_hours(session, visits, found)
    chosen = [diary for diary in found if provider_id in (None, diary.provider_id)]
    return _grid([(diary, day) for diary in chosen], visits, zone, now)


def week_grid(
    session: Session,
    clinic_id: int,
    provider_id: int,
    monday: date,
    now: datetime,
    *,
    moving: Appointment | None = None,
) -> Grid:
    """One provider's week: Monday to Friday, and the weekend where there are hours or visits."""
    zone = shown_zone(session, clinic_id)
    sunday = monday + timedelta(6)
    visits = _visits(session, clinic_id, monday, sunday, provider_id)
    found = _diaries(session, clinic_id, zone, monday, sunday, moving)
    found = [diary for diary in found if diary.provider_id == provider_id] or _without_hours(
        session, visits, []
    )
    days = [monday + timedelta(n) for n in range(7)]
    used = {visit.local_date.weekday() for visit in visits} | {
        h.weekday for diary in found for h in diary.hours
    }
    shown = [day for day in days if day.weekday() < 5 or day.weekday() in used]
    return _grid([(diary, day) for diary in found for day in shown], visits, zone, now)


def free_beside(
    session: Session,
    course: Course,
    wanted: OpenTime,
    now: datetime,
    *,
    ignoring: int | None = None,
    limit: int = 4,
) -> list[Slot]:
    """What is free near a time that is not: that day's times, the nearest first, else what the rules suggest."""
    zone = clinic_zone(session, course.clinic_id)
    found = diaries(
        session,
        course.clinic_id,
        zone,
        wanted.day,
        wanted.day,
        patient_id=course.patient_id,
        ignoring=ignoring,
        indication=course.indication,
    )
    near = [
        Slot(
            diary.provider_id,
            diary.provider_name,
            wanted.day,
            start.astimezone(zone).time(),
            start,
            start + timedelta(minutes=diary.visit_minutes),
            wanted.day >= course.overdue_date,
        )
        for diary in found
        for start in free_times(diary, wanted.day, zone, now)
    ]
    near.sort(key=lambda slot: (_far(slot, wanted), slot.local_time))
    allowed = near if may_be_booked(session, course, wanted.day, now) else []
    return allowed[:limit] or suggestions(session, course, now, TimesWanted(limit, ignoring=ignoring))


def _far(slot: Slot, wanted: OpenTime) -> int:
    """Minutes away; another provider counts as half an hour more."""
    away = abs(minutes_of(slot.local_time) - minutes_of(wanted.at))
    return away + 30 * (slot.provider_id != wanted.provider_id)


def _visits(
    session: Session, clinic_id: int, first: date, last: date, provider_id: int | None
) -> list[Visit]:
    """Columns rather than rows of their own: a full day has hundreds of visits, each with three others to load."""
    query = (
        select(
            Appointment.id,
            Appointment.provider_id,
            Appointment.state,
            Appointment.local_date,
            Appointment.local_time,
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.arrived_at,
            Appointment.confirmed_at,
            Appointment.cancel_reason,
            Appointment.kind,
            Course.booking,
            Patient.family_name,
            Patient.given_name,
            Course.indication,
            Provider.name,
        )
        .join(Patient, Appointment.patient_id == Patient.id)
        .join(Course, Appointment.course_id == Course.id)
        .join(Provider, Appointment.provider_id == Provider.id)
        .where(
            Appointment.clinic_id == clinic_id,
            Appointment.local_date.between(first, last),
            Appointment.state.in_((*IN_THE_TABLE, VisitState.CANCELLED)),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    if provider_id is not None:
        query = query.where(Appointment.provider_id == provider_id)
    visits = list(starmap(Visit, session.execute(query)))
    seen = [ShownVisit(visit.id, visit.local_date) for visit in visits]
    lines = override_lines(session, clinic_id, seen)
    return [replace(visit, overrides=lines[visit.id]) if visit.id in lines else visit for visit in visits]


def _diaries(
    session: Session, clinic_id: int, zone: ZoneInfo, first: date, last: date, moving: Appointment | None
) -> list[Diary]:
    if moving is None:
        return diaries(session, clinic_id, zone, first, last)
    return diaries(
        session,
        clinic_id,
        zone,
        first,
        last,
        patient_id=moving.patient_id,
        ignoring=moving.id,
        indication=moving.course.indication,
        kind=moving.kind,
    )


def _without_hours(session: Session, visits: Sequence[Visit], known: Sequence[Diary]) -> list[Diary]:
    """Providers who take no bookings any more but still have visits to be seen."""
    others = {visit.provider_id for visit in visits} - {diary.provider_id for diary in known}
    rows = session.scalars(select(Provider).where(Provider.id.in_(others)).order_by(Provider.name))
    return [Diary(row.id, row.name, row.visit_minutes, []) for row in rows]


def _grid(
    wanted: Sequence[tuple[Diary, date]], visits: Sequence[Visit], zone: ZoneInfo, now: datetime
) -> Grid:
    shown = [visit for visit in visits if visit.state in IN_THE_TABLE]
    rows = rows_for(wanted, shown)
    own = _by_column(shown)
    return Grid(
        [column(diary, day, own.get((diary.provider_id, day), []), rows, zone, now) for diary, day in wanted],
        rows,
        # What was only proposed and came to nothing was never anybody's visit.
        [
            visit
            for visit in visits
            if visit.state == VisitState.CANCELLED and visit.cancel_reason not in NEVER_BOOKED
        ],
    )


def _by_column(visits: Sequence[Visit]) -> dict[tuple[int, date], list[Visit]]:
    gathered: dict[tuple[int, date], list[Visit]] = {}
    for visit in visits:
        gathered.setdefault((visit.provider_id, visit.local_date), []).append(visit)
    return gathered
