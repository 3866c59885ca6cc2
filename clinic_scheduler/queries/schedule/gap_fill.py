"""Who fits a free time best: due patients whom one press can book there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.visits.booking_checks import Check, checks_on
from clinic_scheduler.domain.visits.kinds_and_states import OCCUPYING
from clinic_scheduler.domain.visits.slots import busy_by_provider, overlaps, within_hours
from clinic_scheduler.models import Appointment, Course
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_histories
from clinic_scheduler.queries.due.bucket_sql import held_courses, open_on, waited_for
from clinic_scheduler.queries.schedule.availability import diaries, shown_zone
from clinic_scheduler.queries.schedule.cells import OpenTime

# Read more than are shown: a few fall away when their checks are made.
LOOKED_AT = 24


@dataclass(frozen=True, slots=True)
class Fit:
    """A course that may be booked at the time. `own`: with its own provider; `care`: soft checks that fail."""

    course: Course
    own: bool
    care: list[Check]


def best_fits(
    session: Session, clinic_id: int, wanted: OpenTime, starts_at: datetime, now: datetime, *, limit: int = 8
) -> list[Fit]:
    """Courses whose window holds that day, their own provider's first, then the most overdue.

    Left out: blocked, on hold, booked, gone, and those whose answer to a contact is being waited for.
    """
    today = now.astimezone(shown_zone(session, clinic_id)).date()
    courses = _in_window(session, clinic_id, wanted, today)
    free = _free_for(session, clinic_id, wanted, starts_at, courses)
    courses = [course for course in courses if course.id in free and starts_at > now]
    histories = patient_histories(session, [course.patient_id for course in courses])
    found: list[Fit] = []
    for course in courses:
        failed = list(_checks(histories[course.patient_id], course, wanted.day, today))
        if any(check.stop != "soft" for check in failed):
            continue
        found.append(Fit(course, course.provider_id == wanted.provider_id, failed))
        if len(found) == limit:
            break
    return found


def _in_window(session: Session, clinic_id: int, wanted: OpenTime, today: date) -> Sequence[Course]:
    day = wanted.day
    query = (
        select(Course)
        .where(
            Course.clinic_id == clinic_id,
            open_on(day),
            Course.booking == "none",
            Course.blocks == "",
            Course.earliest_date <= day,
            Course.lapse_date > day,
            Course.id.not_in(waited_for(clinic_id, today)),
            Course.id.not_in(held_courses(today)),
            Course.id.not_in(held_courses(day)),
        )
        .order_by(
            case((Course.provider_id == wanted.provider_id, 0), else_=1), Course.overdue_date, Course.id
        )
        .limit(LOOKED_AT)
    )
    return session.scalars(query.options(joinedload(Course.patient), joinedload(Course.provider))).all()


def _checks(history: PatientHistory, course: Course, day: date, today: date) -> Iterator[Check]:
    """Those that fail."""
    dates, facts = history.read(today)[course.id]
    return (check for check in checks_on(facts, dates, day, today) if not check.ok)


def _free_for(
    session: Session, clinic_id: int, wanted: OpenTime, starts_at: datetime, courses: Sequence[Course]
) -> set[int]:
    """Ids of courses whose visit, as long as it takes, is free then for the provider and for the patient."""
    zone = shown_zone(session, clinic_id)
    elsewhere = _visits_of(session, wanted.day, courses)
    free: set[int] = set()
    for indication in {course.indication for course in courses}:
        found = diaries(session, clinic_id, zone, wanted.day, wanted.day, indication=indication)
        diary = next((diary for diary in found if diary.provider_id == wanted.provider_id), None)
        if diary is None or diary.closure_on(wanted.day) is not None:
            continue
        ends_at = starts_at + timedelta(minutes=diary.visit_minutes)
        if within_hours(diary, wanted.day, starts_at, ends_at, zone):
            free |= {
                course.id
                for course in courses
                if course.indication == indication
                and not overlaps(
                    [*diary.busy, *diary.elsewhere, *elsewhere.get(course.patient_id, ())], starts_at, ends_at
                )
            }
    return free


def _visits_of(
    session: Session, day: date, courses: Sequence[Course]
) -> Mapping[int, list[tuple[datetime, datetime]]]:
    """When these patients are in the clinic that day anyway, by patient."""
    rows = session.execute(
        select(Appointment.patient_id, Appointment.starts_at, Appointment.ends_at).where(
            Appointment.patient_id.in_({course.patient_id for course in courses}),
            Appointment.local_date == day,
            Appointment.state.in_(OCCUPYING),
        )
    )
    return busy_by_provider((row.patient_id, row.starts_at, row.ends_at) for row in rows)
