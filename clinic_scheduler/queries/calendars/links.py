"""Calendar links as they were issued: the one a token opens, and lists for staff. What they show: rows.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.links import CLINIC_KINDS
from clinic_scheduler.domain.calendars.values import Clinic, Revision, Subscription
from clinic_scheduler.domain.token_hash import token_hash
from clinic_scheduler.domain.visits.kinds_and_states import OPEN_STATES
from clinic_scheduler.models import Appointment, CalendarFeed, Course, JobRun, Patient, User
from clinic_scheduler.models import Clinic as ClinicRow
from clinic_scheduler.queries.calendars.milestones import REFERENCE_LENGTH
from clinic_scheduler.queries.calendars.rows import Subject
from clinic_scheduler.queries.lookups import row_in_clinic


@dataclass(frozen=True, slots=True)
class Feed:
    """A link as it was issued. `revoked_at` is set once it no longer shows anything but a notice."""

    id: int
    token_hash: str = field(repr=False)
    subject: Subject
    subscription: Subscription
    clinic: Clinic
    reveal: str
    alarms: bool
    language: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a list of links: the row, and who made it (nobody with an account: the terminal)."""

    feed: CalendarFeed
    created_by: str | None


@dataclass(frozen=True, slots=True)
class NextVisit:
    """On the clinic's wall, as the patient was promised."""

    local_date: date
    local_time: time


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What a patient's own page says besides the link itself."""

    language: str
    next_visit: NextVisit | None


_FOR_TOKEN = (
    select(
        *CalendarFeed.__table__.columns,
        ClinicRow.name.label("clinic_name"),
        ClinicRow.phone,
        ClinicRow.address,
        ClinicRow.zone,
        ClinicRow.calendar_revision,
        ClinicRow.calendar_revised_at,
    )
    .join(ClinicRow, ClinicRow.id == CalendarFeed.clinic_id)
    .where(CalendarFeed.token_sha256 == bindparam("hash"))
)


def feed_for_token(session: Session | Connection, token: str, uid_host: str) -> Feed | None:
    """The link this token opens, revoked ones too; None for a token never issued."""
    row = session.execute(_FOR_TOKEN, {"hash": token_hash(token)}).first()
    if row is None:
        return None
    revision = Revision(row.calendar_revision, row.calendar_revised_at)
    return Feed(
        id=row.id,
        token_hash=row.token_sha256,
        subject=Subject(
            row.kind,
            row.clinic_id,
            row.patient_id,
            row.provider_id,
            row.cycles_ahead,
            row.all_clinics,
            row.created_by_id,
            row.due_windows,
            row.milestones,
            row.reviews,
        ),
        subscription=Subscription(f"feed-{row.id}", row.created_at),
        clinic=Clinic(row.clinic_name, row.phone, row.address or "", row.zone, uid_host, revision),
        reveal=row.reveal,
        alarms=row.alarms,
        language=row.language,
        revoked_at=row.revoked_at,
    )


def link_in_clinic(session: Session, clinic_id: int, feed_id: int) -> CalendarFeed:
    """Raises NotFound for another clinic's link."""
    return row_in_clinic(session, CalendarFeed, clinic_id, feed_id)


def links_of_patient(session: Session, patient_id: int) -> list[Link]:
    return _links(session, CalendarFeed.patient_id == patient_id)


def links_of_provider(session: Session, provider_id: int) -> list[Link]:
    return _links(session, CalendarFeed.provider_id == provider_id)


def links_of_clinic(session: Session, clinic_id: int) -> list[Link]:
    """The clinic's own: its day and its due windows."""
    return _links(session, CalendarFeed.clinic_id == clinic_id, CalendarFeed.kind.in_(CLINIC_KINDS))


def newest_that_can_be_told(
    session: Session, patient_id: int, token_of: Callable[[str], str]
) -> CalendarFeed | None:
    """The patient's newest link that holds and whose token the newest key still makes."""
    return next(
        (
            feed
            for feed in session.scalars(
                select(CalendarFeed)
                .where(
                    CalendarFeed.patient_id == patient_id,
                    CalendarFeed.revoked_at.is_(None),
                    CalendarFeed.uid.isnot(None),
                )
                .order_by(CalendarFeed.id.desc())
            )
            if feed.uid and token_hash(token_of(feed.uid)) == feed.token_sha256
        ),
        None,
    )


def told_token(feed: CalendarFeed, tokens: Sequence[str]) -> str | None:
    """Which of the tokens its uid makes under the known keys was given; None: it cannot be shown again."""
    return next((token for token in tokens if token_hash(token) == feed.token_sha256), None)


def patient_facts(session: Session, patient_id: int, now: datetime) -> PatientFacts:
    visit = session.execute(
        select(Appointment.local_date, Appointment.local_time)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.state.in_(OPEN_STATES),
            Appointment.ends_at > now,
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    ).first()
    language = session.scalars(select(Patient.language).where(Patient.id == patient_id)).one()
    return PatientFacts(language, NextVisit(*visit) if visit else None)


def patients_of_reference(session: Session, clinic_id: int, reference: str) -> Sequence[Patient]:
    """Whose course staff's calendars call by this reference; at most one, but for a chance of one in billions."""
    if len(reference) != REFERENCE_LENGTH:
        return []
    named = func.substr(Course.uid, 1, REFERENCE_LENGTH) == reference
    return session.scalars(
        select(Patient)
        .join(Course, Course.patient_id == Patient.id)
        .where(Course.clinic_id == clinic_id, named)
    ).all()


def neutral_clinic_name(session: Session, clinic_id: int) -> str | None:
    """The name a clinic signs texts with, where it chose one because its own names a specialty."""
    return session.scalars(select(ClinicRow.text_name).where(ClinicRow.id == clinic_id)).one()


def last_run(session: Session, job: str) -> JobRun | None:
    """The job's latest finished run, by any worker."""
    return session.scalar(
        select(JobRun)
        .where(JobRun.job == job, JobRun.finished_at.isnot(None))
        .order_by(JobRun.finished_at.desc())
        .limit(1)
    )


def _links(session: Session, *of: ColumnElement[bool]) -> list[Link]:
    """Those that hold first, then the newest."""
    rows = session.execute(
        select(CalendarFeed, User.name)
        .outerjoin(User, User.id == CalendarFeed.created_by_id)
        .where(*of)
        .order_by(CalendarFeed.revoked_at.isnot(None), CalendarFeed.id.desc())
    )
    return [Link(*row) for row in rows]
