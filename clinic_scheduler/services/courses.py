"""Patients and their courses: opening, holding, authorizing and stopping them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.models import Authorization, Course, Hold, Patient
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.clinics import current_protocol
from clinic_scheduler.services.forecasting import refresh
from clinic_scheduler.services.reminders import replan


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """A person as the desk types or a log tells. `phone` is E.164."""

    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    phone: str | None = None
    email: str | None = None
    weight_kg: Decimal | None = None
    weighed_on: date | None = None


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """Patient x indication x product; intervals are ISO 8601 texts."""

    patient_id: int
    indication: str
    product: str
    started_on: date
    provider_id: int | None = None
    planned_units: Decimal | None = None
    personal_interval: str | None = None
    payer_minimum_interval: str | None = None
    authorization_required: bool = False


def add_patient(session: Session, actor: Actor, entry: PatientEntry, now: datetime) -> Patient:
    """A new patient of the actor's clinic; the MRN must be free there."""
    patient = Patient(
        clinic_id=actor.clinic_id,
        mrn=entry.mrn,
        family_name=entry.family_name,
        given_name=entry.given_name,
        birth_date=entry.birth_date,
        phone=entry.phone,
        email=entry.email,
        weight_kg=entry.weight_kg,
        weighed_on=entry.weighed_on,
        created_at=now,
        updated_at=now,
    )
    session.add(patient)
    session.flush()
    record(session, actor, now, "added", "patients", patient.id, patient_id=patient.id)
    return patient


def open_course(session: Session, actor: Actor, entry: CourseEntry, now: datetime) -> Course:
    """A course under the clinic's newest protocol edition. Its dates are right once refreshed and planned.

    Callers that open many courses (an import) refresh per patient afterwards; `start_course` does it at once.
    """
    for interval in (entry.personal_interval, entry.payer_minimum_interval):
        if interval is not None:
            parse_interval(interval)
    day = entry.started_on
    course = Course(
        clinic_id=actor.clinic_id,
        patient_id=entry.patient_id,
        provider_id=entry.provider_id,
        protocol_version=current_protocol(session, actor.clinic_id, entry.indication),
        indication=entry.indication,
        product=entry.product,
        started_on=day,
        planned_units=entry.planned_units,
        personal_interval=entry.personal_interval,
        payer_minimum_interval=entry.payer_minimum_interval,
        authorization_required=entry.authorization_required,
        created_at=now,
        # Stand-ins until the forecast is written in the same transaction.
        earliest_date=day,
        due_date=day,
        overdue_date=day,
        lapse_date=day,
        forecast_changed_at=now,
    )
    session.add(course)
    session.flush()
    record(session, actor, now, "opened", "courses", course.id, patient_id=course.patient_id)
    return course


def start_course(session: Session, actor: Actor, entry: CourseEntry, now: datetime) -> Course:
    """Open a course with its dates and its first telling planned."""
    course = open_course(session, actor, entry, now)
    settle(session, course, now, "opened")
    return course


def hold(
    session: Session,
    actor: Actor,
    course_id: int,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    now: datetime,
) -> Hold:
    """Put a course on hold; its dates stay, what would be told meanwhile is not."""
    course = row_in_clinic(session, Course, actor.clinic_id, course_id)
    row = Hold(starts_on=starts_on, ends_on=ends_on, reason=reason)
    course.holds.append(row)
    session.flush()
    record(session, actor, now, "held", "courses", course.id, patient_id=course.patient_id)
    settle(session, course, now, "on_hold")
    return row


def release(session: Session, actor: Actor, course_id: int, last_day: date, now: datetime) -> None:
    """End every open hold of the course with `last_day`."""
    course = row_in_clinic(session, Course, actor.clinic_id, course_id)
    for row in course.holds:
        if row.ends_on is None or row.ends_on > last_day:
            row.ends_on = last_day
    record(session, actor, now, "released", "courses", course.id, patient_id=course.patient_id)
    settle(session, course, now, "released")


def authorize(
    session: Session,
    actor: Actor,
    course_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    *,
    visits_left: int | None = None,
    units_left: Decimal | None = None,
    number: str | None = None,
) -> Authorization:
    """Record a payer's authorization for the course."""
    course = row_in_clinic(session, Course, actor.clinic_id, course_id)
    row = Authorization(
        starts_on=starts_on, ends_on=ends_on, visits_left=visits_left, units_left=units_left, number=number
    )
    course.authorizations.append(row)
    session.flush()
    record(session, actor, now, "authorized", "courses", course.id, patient_id=course.patient_id)
    settle(session, course, now, "authorized")
    return row


def stop(
    session: Session, actor: Actor, course_id: int, stopped_on: date, reason: str, now: datetime
) -> Course:
    """Close a course; a switch of product closes one and opens another."""
    course = row_in_clinic(session, Course, actor.clinic_id, course_id)
    course.stopped_on, course.stop_reason = stopped_on, reason
    record(session, actor, now, "stopped", "courses", course.id, patient_id=course.patient_id)
    settle(session, course, now, "course_stopped")
    return course


def settle(session: Session, course: Course, now: datetime, because: str) -> None:
    """Bring the patient's dates and the course's reminders in line after a change."""
    zone: ZoneInfo = clinic_zone(session, course.clinic_id)
    refresh(session, [course.patient_id], now.astimezone(zone).date(), now)
    replan(session, course, now, because)
