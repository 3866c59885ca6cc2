"""What calendars show, as plain values: visits, due windows and milestones of a patient or a provider."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.calendar_values import Clinic, DueWindow, Milestone, Row, Subscription, Visit
from clinic_scheduler.domain.milestones import milestones
from clinic_scheduler.domain.token import token_hash
from clinic_scheduler.models import Appointment, CalendarFeed, Course, Patient, Provider, Treatment
from clinic_scheduler.models import Clinic as ClinicRow
from clinic_scheduler.queries.histories import OPEN_STATES

# How far back and ahead a feed reaches: a year behind for those who look, all that is ahead.
_BEHIND = timedelta(days=365)
# Milestones of a session matter until its cycle ends.
_MILESTONES_BEHIND = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Feed:
    """A link as it was issued. `revoked_at` is set once it no longer shows anything but a notice."""

    id: int
    subscription: Subscription
    clinic: Clinic
    patient_id: int | None
    provider_id: int | None
    reveal: str
    revoked_at: datetime | None
    last_used_at: datetime | None


def feed_for_token(session: Session, token: str, uid_host: str) -> Feed | None:
    """The link this token opens, revoked ones too; None for a token never issued."""
    row = session.scalar(select(CalendarFeed).where(CalendarFeed.token_sha256 == token_hash(token)))
    if row is None:
        return None
    return Feed(
        id=row.id,
        subscription=Subscription(f"feed-{row.id}", row.created_at),
        clinic=clinic_contact(session, row.clinic_id, uid_host),
        patient_id=row.patient_id,
        provider_id=row.provider_id,
        reveal=row.reveal,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def feed_rows(session: Session, feed: Feed, now: datetime) -> tuple[Row, ...]:
    """What the link shows now."""
    if feed.patient_id is not None:
        return patient_feed_rows(session, feed.patient_id, now)
    assert feed.provider_id is not None
    return provider_feed_rows(session, feed.provider_id, now)


def patient_feed_rows(session: Session, patient_id: int, now: datetime) -> tuple[Row, ...]:
    """A patient's visits, due windows of what is not booked, and milestones of every course."""
    return _rows(session, Course.patient_id == patient_id, Appointment.patient_id == patient_id, now)


def provider_feed_rows(session: Session, provider_id: int, now: datetime) -> tuple[Row, ...]:
    """A provider's visits, and due windows and milestones of the courses they are named on."""
    return _rows(session, Course.provider_id == provider_id, Appointment.provider_id == provider_id, now)


def provider_ids(session: Session) -> list[int]:
    """Every active provider of every clinic."""
    return list(session.scalars(select(Provider.id).where(Provider.is_active).order_by(Provider.id)))


def provider_contact(session: Session, provider_id: int, uid_host: str) -> Clinic:
    """The clinic a provider works at."""
    clinic_id = session.scalars(select(Provider.clinic_id).where(Provider.id == provider_id)).one()
    return clinic_contact(session, clinic_id, uid_host)


def clinic_contact(session: Session, clinic_id: int, uid_host: str) -> Clinic:
    row = session.scalars(select(ClinicRow).where(ClinicRow.id == clinic_id)).one()
    return Clinic(row.name, row.phone, row.address or "", row.zone, uid_host)


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
        reference=row.course.uid[:8],
        course_id=row.course.uid,
    )


def _rows(
    session: Session, of_courses: ColumnElement[bool], of_visits: ColumnElement[bool], now: datetime
) -> tuple[Row, ...]:
    appointments = session.scalars(
        select(Appointment)
        .where(of_visits, Appointment.ends_at > now - _BEHIND)
        .options(joinedload(Appointment.provider), joinedload(Appointment.course))
    ).all()
    courses = session.scalars(
        select(Course)
        .join(Patient)
        .where(
            of_courses,
            Course.stopped_on.is_(None),
            Patient.deceased_on.is_(None),
            Patient.moved_on.is_(None),
        )
        .order_by(Course.id)
    ).all()
    booked = {row.course_id for row in appointments if row.state in OPEN_STATES}
    booked |= _booked_elsewhere(session, courses)
    # A lapsed course is the desk's work, not a date to keep.
    open_ = [course for course in courses if course.id not in booked and course.lapse_date > now.date()]
    windows = [_window(course) for course in open_]
    return (*(visit_value(row) for row in appointments), *windows, *_milestones(session, courses, now))


def _booked_elsewhere(session: Session, courses: Sequence[Course]) -> set[int]:
    """Courses whose next visit is with another provider: booked all the same."""
    return set(
        session.scalars(
            select(Appointment.course_id).where(
                Appointment.course_id.in_([course.id for course in courses]),
                Appointment.state.in_(OPEN_STATES),
            )
        )
    )


def _window(course: Course) -> DueWindow:
    return DueWindow(
        id=course.next_visit_uid,
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        sequence=course.forecast_sequence,
        updated_at=course.forecast_changed_at,
        reference=course.uid[:8],
    )


def _milestones(session: Session, courses: Sequence[Course], now: datetime) -> Iterable[Milestone]:
    """Milestones after each course's latest satisfying session (its reference), while its cycle runs."""
    by_reference = {(course.id, course.reference_on): course for course in courses if course.reference_on}
    treatments = session.scalars(
        select(Treatment)
        .where(
            Treatment.course_id.in_([course.id for course in courses]),
            Treatment.voided_at.is_(None),
            Treatment.given_on > now.date() - _MILESTONES_BEHIND,
        )
        .order_by(Treatment.id)
    )
    shown = {}
    for treatment in treatments:
        course = by_reference.get((treatment.course_id or 0, treatment.given_on))
        if course is not None:
            shown[course.id] = treatment
    for course in courses:
        if course.id in shown:
            yield from _milestones_after(course, shown[course.id])


def _milestones_after(course: Course, treatment: Treatment) -> Iterable[Milestone]:
    for milestone in milestones(course.indication, treatment.given_on, course.cycles_given):
        yield Milestone(
            id=f"{treatment.uid}-{milestone.kind}"[:64],
            kind=milestone.kind,
            starts_on=milestone.starts_on,
            ends_on=milestone.ends_on,
            sequence=0,
            updated_at=treatment.recorded_at,
            reference=course.uid[:8],
        )
