"""What the pages behind patients' links show: a visit as it stands, and whose messages a link can stop."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.models import Appointment, Clinic, InboundMessage, Patient


@dataclass(frozen=True, slots=True)
class ClinicCard:
    """Whom the patient may turn to."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class LinkedVisit:
    """A visit as its patient may see it. `standing`: open, confirmed, asked, moved, cancelled or over."""

    clinic: ClinicCard
    language: str
    standing: str
    local_date: date
    local_time: time


@dataclass(frozen=True, slots=True)
class LinkedPatient:
    """The record a link is about, or whom it was merged into."""

    id: int
    clinic_id: int
    language: str
    clinic: ClinicCard


def linked_visit(
    session: Session, appointment_id: int, starts_at: datetime, asked_key: str, now: datetime
) -> LinkedVisit | None:
    """`starts_at` is the time the link was made for, `asked_key` how requests by it are filed."""
    row = session.execute(
        select(Appointment, Patient.language, Clinic)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Clinic, Clinic.id == Appointment.clinic_id)
        .where(Appointment.id == appointment_id)
    ).one_or_none()
    if row is None:
        return None
    visit, language, clinic = row
    standing = _standing(visit, starts_at, now)
    if standing == "open" and _asked(session, visit, asked_key):
        standing = "asked"
    return LinkedVisit(_card(clinic), language, standing, visit.local_date, visit.local_time)


def linked_patient(session: Session, patient_id: int) -> LinkedPatient | None:
    patient = session.get(Patient, patient_id)
    if patient is not None and patient.merged_into_id is not None:
        patient = session.get(Patient, patient.merged_into_id)
    if patient is None:
        return None
    clinic = session.get_one(Clinic, patient.clinic_id)
    return LinkedPatient(patient.id, patient.clinic_id, patient.language, _card(clinic))


def _standing(visit: Appointment, starts_at: datetime, now: datetime) -> str:
    if visit.state in (VisitState.CANCELLED, VisitState.IN_ERROR):
        return "cancelled"
    if visit.starts_at != starts_at:
        return "moved"
    if visit.state != VisitState.BOOKED or starts_at <= now:
        return "over"
    return "open" if visit.confirmed_at is None else "confirmed"


def _asked(session: Session, visit: Appointment, asked_key: str) -> bool:
    """Whether another time was asked for by this link."""
    said = select(InboundMessage.id).where(
        InboundMessage.patient_id == visit.patient_id,
        InboundMessage.appointment_id == visit.id,
        InboundMessage.provider_reference.startswith(f"{asked_key}:"),
    )
    return session.scalar(said.limit(1)) is not None


def _card(clinic: Clinic) -> ClinicCard:
    return ClinicCard(clinic.name, clinic.phone.strip(), (clinic.address or "").strip())
