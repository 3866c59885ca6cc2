"""What calendars show, as plain values: visits, due windows, planned cycles, milestones. Links: links.py."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER
from clinic_scheduler.domain.calendars.values import (
    Clinic,
    DueWindow,
    Milestone,
    PlannedCycle,
    ReviewWeek,
    Revision,
    Row,
    Visit,
)
from clinic_scheduler.domain.forecast.projection import project_from
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, NEVER_BOOKED
from clinic_scheduler.models import Appointment, Course, Patient, Provider
from clinic_scheduler.models import Clinic as ClinicRow
from clinic_scheduler.queries.calendars.milestones import (
    REFERENCE_LENGTH,
    by_week,
    course_milestones,
    is_review,
)
from clinic_scheduler.queries.courses.history_values import BookedVisit, course_value, patient_value
from clinic_scheduler.queries.protocols.clinic_figures import Figures, clinic_figures
from clinic_scheduler.queries.schedule.override_requests import proposed_courses
from clinic_scheduler.queries.workplaces import Workplace, same_person

# How far back a person's feed reaches: a year, for those who look; all that is ahead.
BEHIND = timedelta(days=365)
# A whole clinic's is much longer: a month back is for the last visits' outcomes.
CLINIC_BEHIND = timedelta(days=31)
# Windows that open later are not yet the front desk's work.
_WINDOWS_AHEAD = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Besides:
    """What a person's calendar shows besides visits. `reviews` stand apart from the other milestones, by week."""

    cycles_ahead: int = 0
    windows: bool = False
    milestones: bool = False
    reviews: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose calendar, and what beyond the plain calendar it shows; `by_user_id` made the link."""

    kind: str
    clinic_id: int
    patient_id: int | None = None
    provider_id: int | None = None
    cycles_ahead: int = 0
    all_clinics: bool = False
    by_user_id: int | None = None
    due_windows: bool = False
    milestones: bool = False
    reviews: bool = False

    @property
    def besides(self) -> Besides:
        """A patient's own days are always shown to them; a provider's patients' only where the link says so."""
        if self.kind == PATIENT:
            return _of_patient(self.cycles_ahead)
        return Besides(self.cycles_ahead, self.due_windows, self.milestones, self.reviews)


def _of_patient(cycles_ahead: int) -> Besides:
    return Besides(cycles_ahead, windows=True, milestones=True)


def calendar_rows(session: Session, subject: Subject, now: datetime) -> tuple[Row, ...]:
    """What the subject's calendar shows now."""
    if subject.kind == CLINIC_DAY:
        return clinic_day_rows(session, subject.clinic_id, now)
    if subject.kind == DUE_WINDOWS:
        return due_window_rows(session, subject.clinic_id, now)
    if subject.kind == PATIENT:
        assert subject.patient_id is not None
        return patient_feed_rows(session, subject.patient_id, now, subject.cycles_ahead)
    assert subject.provider_id is not None
    if not subject.all_clinics:
        return provider_feed_rows(session, subject.provider_id, now, subject.besides)
    places = same_person(session, subject.provider_id, subject.clinic_id, subject.by_user_id)
    return tuple(
        _seen_from_elsewhere(row, place) if place.elsewhere else row
        for place in places
        for row in provider_feed_rows(session, place.provider_id, now, subject.besides)
    )


def patient_feed_rows(
    session: Session, patient_id: int, now: datetime, cycles_ahead: int = 0
) -> tuple[Row, ...]:
    """A patient's visits, due windows of what is not booked, later cycles, and milestones of every course."""
    of = Course.patient_id == patient_id, Appointment.patient_id == patient_id
    return _rows(session, of, now, _of_patient(cycles_ahead))


def provider_feed_rows(
    session: Session, provider_id: int, now: datetime, besides: Besides | None = None
) -> tuple[Row, ...]:
    """A provider's visits, and what is asked for of the courses they are named on. Visits alone unless asked: a
    dozen of them are lost among hundreds of whole days."""
    of = Course.provider_id == provider_id, Appointment.provider_id == provider_id
    return _rows(session, of, now, besides or Besides())


def clinic_day_rows(session: Session, clinic_id: int, now: datetime) -> tuple[Row, ...]:
    """Every visit of the clinic, whoever's."""
    return tuple(map(visit_value, _visits(session, Appointment.clinic_id == clinic_id, now - CLINIC_BEHIND)))


def due_window_rows(session: Session, clinic_id: int, now: datetime) -> tuple[Row, ...]:
    """Courses of the clinic that are due, or soon will be, without a visit."""
    opening = Course.earliest_date <= now.date() + _WINDOWS_AHEAD
    unbooked = Course.booked_on.is_(None) | Course.id.in_(proposed_courses())
    waiting = unbooked & (Course.lapse_date > now.date())
    return tuple(map(_window, _courses(session, (Course.clinic_id == clinic_id) & opening & waiting)))


def export_subjects(session: Session) -> list[Subject]:
    """Every active provider, then every clinic's day."""
    providers = session.execute(
        select(Provider.clinic_id, Provider.id).where(Provider.is_active).order_by(Provider.id)
    )
    clinics = session.scalars(select(ClinicRow.id).order_by(ClinicRow.id))
    return [
        *(Subject(PROVIDER, clinic_id, provider_id=provider_id) for clinic_id, provider_id in providers),
        *(Subject(CLINIC_DAY, clinic_id) for clinic_id in clinics),
    ]


def clinic_of_provider(session: Session, provider_id: int) -> int | None:
    """Whose provider it is, active or not; None where there is none of this number."""
    return session.scalar(select(Provider.clinic_id).where(Provider.id == provider_id))


def clinic_contact(session: Session, clinic_id: int, uid_host: str) -> Clinic:
    row = session.scalars(select(ClinicRow).where(ClinicRow.id == clinic_id)).one()
    revision = Revision(row.calendar_revision, row.calendar_revised_at)
    return Clinic(row.name, row.phone, row.address or "", row.zone, uid_host, revision)


def visit_value(row: Appointment) -> Visit:
    """An appointment as calendars show it."""
    return Visit(
        id=row.uid,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        status=row.state,
        sequence=row.sequence,
        updated_at=row.updated_at,
        provider_name=row.provider.name,
        reference=row.course.uid[:REFERENCE_LENGTH],
        course_id=row.course.uid,
        kind=row.kind,
    )


def _seen_from_elsewhere(row: Row, place: Workplace) -> Row:
    """The link's own clinic is counted in when it is written; what this place has changed is counted in here.

    At home a visit has no place named: a link that is widened to all clinics must not change what it showed.
    """
    sequence, updated_at = place.revision.counted_in(row.sequence, row.updated_at)
    if isinstance(row, Visit):
        row = replace(row, place=place.elsewhere)
    return replace(row, sequence=sequence, updated_at=updated_at)


def _courses(session: Session, of: ColumnElement[bool], *, whole: bool = False) -> Sequence[Course]:
    """Open courses of people who are treated here; `whole` with all that a projection needs."""
    parts = (
        joinedload(Course.protocol_version),
        selectinload(Course.authorizations),
        joinedload(Course.patient),
    )
    return session.scalars(
        select(Course)
        .join(Patient)
        .where(
            of,
            Course.stopped_on.is_(None),
            Patient.deceased_on.is_(None),
            Patient.moved_on.is_(None),
        )
        .options(*(parts if whole else ()))
        .order_by(Course.id)
    ).all()


def _visits(session: Session, of: ColumnElement[bool], since: datetime) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(of, Appointment.ends_at > since, _known_outside())
        .order_by(Appointment.starts_at, Appointment.id)
        .options(joinedload(Appointment.provider), joinedload(Appointment.course))
    ).all()


def _known_outside() -> ColumnElement[bool]:
    """What was only ever proposed is nobody's appointment, neither meanwhile nor when it came to nothing."""
    ended_unbooked = func.coalesce(Appointment.cancel_reason, "").in_(NEVER_BOOKED)
    return Appointment.state.not_in(AWAITING_ANSWER) & ~ended_unbooked


def _rows(
    session: Session, of: tuple[ColumnElement[bool], ColumnElement[bool]], now: datetime, besides: Besides
) -> tuple[Row, ...]:
    """`of`: whose courses, whose visits."""
    of_courses, of_visits = of
    visits = map(visit_value, _visits(session, of_visits, now - BEHIND))
    if besides == Besides():
        return tuple(visits)
    courses = _courses(session, of_courses, whole=besides.cycles_ahead > 0)
    # A lapsed course is the desk's work, not a date to keep; one that is booked goes on after the visit.
    # A time that is only proposed changes nothing that anybody reads.
    proposed = set(session.scalars(proposed_courses().where(Appointment.course_id == Course.id, of_courses)))
    booked = [course for course in courses if course.booked_on and course.id not in proposed]
    waiting = [course for course in courses if course not in booked and course.lapse_date > now.date()]
    planned = [*((course, course.booked_on) for course in booked), *((course, None) for course in waiting)]
    return (
        *visits,
        *(map(_window, waiting) if besides.windows else ()),
        *(_planned(session, planned, besides.cycles_ahead) if besides.cycles_ahead else ()),
        *_milestones(session, courses, now, besides),
    )


def _milestones(
    session: Session, courses: Sequence[Course], now: datetime, besides: Besides
) -> Iterable[Milestone | ReviewWeek]:
    """Each as it is, but for reviews where they are asked for by week."""
    if not (besides.milestones or besides.reviews):
        return
    found = list(course_milestones(session, courses, now))
    if besides.milestones:
        yield from (each for each in found if not (besides.reviews and is_review(each)))
    if besides.reviews:
        yield from by_week(each for each in found if is_review(each))


def _window(course: Course) -> DueWindow:
    return DueWindow(
        id=course.next_visit_uid,
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        sequence=course.forecast_sequence,
        updated_at=course.forecast_changed_at,
        reference=course.uid[:REFERENCE_LENGTH],
    )


def _planned(
    session: Session, courses: Sequence[tuple[Course, date | None]], count: int
) -> Iterator[PlannedCycle]:
    """The cycles after each course's next one; a course comes with its booked day (DD-13)."""
    figures = clinic_figures(session, {course.clinic_id for course, _ in courses})
    for course, booked_on in courses:
        yield from _planned_after(course, booked_on, figures[course.clinic_id], count)


def _planned_after(
    course: Course, booked_on: date | None, figures: Figures, count: int
) -> Iterator[PlannedCycle]:
    value = course_value(course, figures, BookedVisit(booked_on, ()) if booked_on else None)
    patient = patient_value(course.patient)
    for cycle in project_from(patient, value, course.due_date, course.cycles_given, count):
        named = f"{course.next_visit_uid}:{cycle.number}:{cycle.earliest_date}:{cycle.overdue_date}"
        yield PlannedCycle(
            id=sha256(named.encode()).hexdigest()[:32],
            earliest_date=cycle.earliest_date,
            overdue_date=cycle.overdue_date,
            sequence=course.forecast_sequence,
            updated_at=course.forecast_changed_at,
            reference=course.uid[:REFERENCE_LENGTH],
        )
