"""One row by its key, within one clinic; another clinic's row is not found."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.models import (
    Appointment,
    BusyCalendar,
    CalendarFeed,
    Clinic,
    ContactAttempt,
    Course,
    Message,
    OverrideRequest,
    Patient,
    Provider,
    WorkItem,
)

_Row = TypeVar(
    "_Row",
    OverrideRequest,
    Appointment,
    BusyCalendar,
    CalendarFeed,
    ContactAttempt,
    Course,
    Message,
    Patient,
    Provider,
    WorkItem,
)


def row_in_clinic(session: Session, table: type[_Row], clinic_id: int, key: int) -> _Row:
    """The row, or NotFound."""
    row = session.get(table, key)
    if row is None or row.clinic_id != clinic_id:
        raise NotFound(f"no such {table.__name__.lower()}")
    return row


def patient_by_mrn(session: Session, clinic_id: int, mrn: str) -> Patient:
    """The patient with this medical record number, or whom that record was merged into; or NotFound."""
    row = session.scalar(select(Patient).where(Patient.clinic_id == clinic_id, Patient.mrn == mrn))
    if row is None:
        raise NotFound(f"no patient has the MRN {mrn}")
    return row if row.merged_into_id is None else session.get_one(Patient, row.merged_into_id)


def provider_by_name(session: Session, clinic_id: int, name: str) -> Provider:
    """The provider whose name is, or alone contains, `name` (any case). Raises NotFound, naming the choices."""
    rows = session.scalars(
        select(Provider).where(Provider.clinic_id == clinic_id).order_by(Provider.name)
    ).all()
    wanted = name.casefold().strip()
    exact = [row for row in rows if row.name.casefold() == wanted]
    close = exact or [row for row in rows if wanted in row.name.casefold()]
    if len(close) != 1:
        names = ", ".join(row.name for row in close or rows) or "none yet"
        raise NotFound(
            f"{'no' if not close else 'more than one'} provider is called {name!r}; there are: {names}"
        )
    return close[0]


def clinics(session: Session) -> list[Clinic]:
    """Every clinic, by name."""
    return list(session.scalars(select(Clinic).order_by(Clinic.name, Clinic.id)))


def zones_of_clinics(session: Session) -> dict[int, str]:
    """Clinic -> the name of its zone, which may be one that nobody knows any more."""
    return {row.id: row.zone for row in session.execute(select(Clinic.id, Clinic.zone))}


def clinic_ids(session: Session) -> list[int]:
    return list(session.scalars(select(Clinic.id).order_by(Clinic.id)))


def clinic_of(session: Session, clinic_id: int) -> Clinic:
    """The clinic, for rooms that do not know the tables."""
    return session.get_one(Clinic, clinic_id)


def offered_indications(session: Session, clinic_id: int) -> list[str]:
    """Codes of what the clinic treats, in the order of the records."""
    offered = clinic_of(session, clinic_id).indications
    return [code for code in INDICATIONS if code in offered]


def only_clinic(session: Session, name: str | None = None) -> Clinic:
    """The clinic of that name, or the only one. Raises NotFound saying which to choose from."""
    known = clinics(session)
    chosen = [clinic for clinic in known if name is None or clinic.name == name]
    if len(chosen) != 1:
        names = ", ".join(clinic.name for clinic in known)
        raise NotFound(f"name one of the clinics: {names}" if known else "there is no clinic yet")
    return chosen[0]


def open_course_of(session: Session, patient: Patient, indication: str | None = None) -> Course:
    """The patient's open course, of this indication if several are open. Raises NotFound naming the choices."""
    courses = session.scalars(
        select(Course).where(Course.patient_id == patient.id, Course.stopped_on.is_(None)).order_by(Course.id)
    ).all()
    chosen = [course for course in courses if indication in (None, course.indication)]
    if len(chosen) != 1:
        open_ones = ", ".join(f"{course.indication} ({course.product})" for course in courses) or "none"
        raise NotFound(f"choose one course with --indication; open for this patient: {open_ones}")
    return chosen[0]


def course_in_clinic(session: Session, clinic_id: int, course_id: int) -> Course:
    """The course, for rooms that do not know the tables. Raises NotFound."""
    return row_in_clinic(session, Course, clinic_id, course_id)


def provider_in_clinic(session: Session, clinic_id: int, provider_id: int) -> Provider:
    """Raises NotFound for another clinic's provider."""
    return row_in_clinic(session, Provider, clinic_id, provider_id)
