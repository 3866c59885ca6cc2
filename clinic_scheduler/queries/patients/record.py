"""What a patient's page shows beside the courses: visits, notifications, contacts, calendar links and who did what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.messaging.invitations import INVITATION
from clinic_scheduler.domain.visits.kinds_and_states import NEVER_BOOKED, OPEN_STATES, VisitState
from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    ContactAttempt,
    Course,
    Hold,
    Message,
    Patient,
    Reminder,
    Treatment,
    WorkItem,
)
from clinic_scheduler.queries.calendars.links import Link, links_of_patient
from clinic_scheduler.queries.courses.holds import asked_about, current_holds
from clinic_scheduler.queries.courses.treatment_result import voided_treatments
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.patients.merge_record import Merged, newest_merge
from clinic_scheduler.queries.schedule.override_lines import override_lines, shown

NEWEST = 50


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Newest first, at most NEWEST of each. `tellings` are (reminder, its message or None).

    `override_lines` say by visit why it stands where the rules would not have it. `holds` are those not over by the
    day asked of, `asked` what waits for an answer by hold.

    `merged` is the merge into this record that may be undone, if any.
    """

    patient: Patient
    visits: Sequence[Appointment]
    override_lines: Mapping[int, Sequence[str]]
    elsewhere: Sequence[Treatment]
    notifications: Sequence[Any]
    contacts: Sequence[ContactAttempt]
    links: Sequence[Link]
    events: Sequence[AuditEvent]
    voided: Sequence[Treatment]
    holds: Sequence[Hold]
    asked: Mapping[int, WorkItem]
    merged: Merged | None

    @property
    def was_invited(self) -> bool:
        """Whether invitations have made entries in their calendar, as far as `tellings` reach."""
        sent = (
            reminder for reminder, message in self.notifications if message is not None and message.sent_at
        )
        return any(reminder.step == INVITATION for reminder in sent)


def patient_in_clinic(session: Session, clinic_id: int, patient_id: int) -> Patient:
    """Raises NotFound for another clinic's patient."""
    return row_in_clinic(session, Patient, clinic_id, patient_id)


def patient_record(session: Session, clinic_id: int, patient_id: int, today: date) -> PatientRecord:
    """Raises NotFound for another clinic's patient."""
    visits = _visits(session, patient_id)
    return PatientRecord(
        patient=patient_in_clinic(session, clinic_id, patient_id),
        visits=visits,
        override_lines=override_lines(session, clinic_id, shown(visits)),
        elsewhere=session.scalars(
            select(Treatment)
            .where(
                Treatment.patient_id == patient_id,
                Treatment.course_id.is_(None),
                Treatment.voided_at.is_(None),
            )
            .order_by(Treatment.given_on.desc(), Treatment.id.desc())
            .limit(NEWEST)
        ).all(),
        notifications=session.execute(
            select(Reminder, Message)
            .outerjoin(Message, Message.reminder_id == Reminder.id)
            .where(Reminder.patient_id == patient_id)
            .order_by(Reminder.due_at.desc(), Reminder.id.desc())
            .limit(NEWEST)
        ).all(),
        contacts=session.scalars(
            select(ContactAttempt)
            .join(Course, ContactAttempt.course_id == Course.id)
            .where(Course.patient_id == patient_id)
            .order_by(ContactAttempt.at.desc(), ContactAttempt.id.desc())
            .limit(NEWEST)
        ).all(),
        links=links_of_patient(session, patient_id),
        events=session.scalars(
            select(AuditEvent)
            # What was done to records since merged into this one stays theirs, and is told here.
            .where(AuditEvent.patient_id.in_(_and_merged(patient_id)))
            .order_by(AuditEvent.id.desc())
            .limit(NEWEST)
        ).all(),
        voided=voided_treatments(session, patient_id),
        holds=current_holds(session, patient_id, today),
        asked=asked_about(session, patient_id),
        merged=newest_merge(session, patient_in_clinic(session, clinic_id, patient_id)),
    )


def visits_ahead(session: Session, patient_id: int, now: datetime) -> Sequence[Appointment]:
    """Booked visits that have not begun, the next first."""
    return [visit for visit in to_come(session, patient_id, now) if visit.state in OPEN_STATES]


def to_come(session: Session, patient_id: int, now: datetime) -> Sequence[Appointment]:
    """Visits whose time has not come, the cancelled ones too but for those never booked; the next first."""
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.starts_at > now,
            Appointment.state != VisitState.PENDING,
            func.coalesce(Appointment.cancel_reason, "").not_in(NEVER_BOOKED),
        )
        .options(joinedload(Appointment.provider))
        .order_by(Appointment.starts_at)
    ).all()


def _and_merged(patient_id: int) -> Select[int]:
    return select(Patient.id).where((Patient.id == patient_id) | (Patient.merged_into_id == patient_id))


def _visits(session: Session, patient_id: int) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(Appointment.patient_id == patient_id)
        .options(joinedload(Appointment.provider), joinedload(Appointment.course))
        .order_by(Appointment.starts_at.desc())
        .limit(NEWEST)
    ).all()
