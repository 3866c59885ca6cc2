"""Recording what was given: the one event that moves a course's dates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.contract import KINDS, OUTCOMES
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.models import Appointment, Authorization, Course, Provider, Treatment
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.histories import OPEN_STATES
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.forecasting import new_next_visit, refresh
from clinic_scheduler.services.locks import lock_course
from clinic_scheduler.services.reminders import replan


@dataclass(frozen=True, slots=True)
class TreatmentEntry:
    """One injection visit. `fingerprint` makes the same entry sent twice one row."""

    course_id: int
    given_on: date
    units: Decimal
    product: str
    fingerprint: str
    provider_id: int | None = None
    appointment_id: int | None = None
    units_wasted: Decimal | None = None
    lot: str | None = None
    lot_expires_on: date | None = None
    outcome: str = "complete"
    kind: str = "cycle"
    notes: str | None = None


def record(session: Session, actor: Actor, entry: TreatmentEntry, now: datetime) -> Treatment:
    """Keep a treatment, fulfil its visit, take it off the authorization, and set every date anew."""
    course = row_in_clinic(session, Course, actor.clinic_id, entry.course_id)
    if entry.provider_id is not None:
        row_in_clinic(session, Provider, actor.clinic_id, entry.provider_id)
    lock_course(session, course)
    twin = session.scalar(
        select(Treatment).where(
            Treatment.clinic_id == actor.clinic_id, Treatment.fingerprint == entry.fingerprint
        )
    )
    if twin is not None:
        return twin
    today = now.astimezone(clinic_zone(session, actor.clinic_id)).date()
    _require_sound(entry, course, today)
    # Looked up first: a visit that is over already is refused in words, before the database would object.
    appointment = _visit_of(session, course, entry)
    row = treatment_row(entry, course, now)
    session.add(row)
    if appointment is not None:
        row.appointment_id = appointment.id
        appointment.state, appointment.updated_at = "fulfilled", now
        appointment.sequence += 1
        # Also where the treatment does not count (aborted, say): the visit has been, the next is another one.
        new_next_visit(course, now)
    if entry.units > 0:
        _use_authorization(course, entry)
    session.flush()
    audit(session, actor, now, "recorded", "treatments", row.id, patient_id=course.patient_id)
    refresh(session, [course.patient_id], today, now)
    _replan_all(session, course.patient_id, now)
    return row


def treatment_row(entry: TreatmentEntry, course: Course, now: datetime) -> Treatment:
    """The row for an entry, unsaved."""
    return Treatment(
        clinic_id=course.clinic_id,
        patient_id=course.patient_id,
        course_id=course.id,
        provider_id=entry.provider_id,
        appointment_id=entry.appointment_id,
        given_on=entry.given_on,
        units=entry.units,
        units_wasted=entry.units_wasted,
        product=entry.product,
        lot=entry.lot,
        lot_expires_on=entry.lot_expires_on,
        outcome=entry.outcome,
        kind=entry.kind,
        notes=entry.notes,
        fingerprint=entry.fingerprint,
        recorded_at=now,
    )


def _require_sound(entry: TreatmentEntry, course: Course, today: date) -> None:
    if entry.given_on > today:
        raise InvalidInput(
            f"{spoken(entry.given_on)} is in the future; a treatment is recorded once it is given"
        )
    if entry.given_on < course.patient.birth_date:
        raise InvalidInput(f"{spoken(entry.given_on)} is before the patient was born")
    if entry.units < 0 or (entry.units_wasted is not None and entry.units_wasted < 0):
        raise InvalidInput("units cannot be less than 0")
    if entry.outcome not in OUTCOMES or entry.kind not in KINDS:
        raise InvalidInput(f"outcome is one of {', '.join(OUTCOMES)}; kind is one of {', '.join(KINDS)}")


def _visit_of(session: Session, course: Course, entry: TreatmentEntry) -> Appointment | None:
    """The visit this treatment fulfils: the one named, else the course's open one of that day."""
    if entry.appointment_id is not None:
        appointment = row_in_clinic(session, Appointment, course.clinic_id, entry.appointment_id)
        if appointment.course_id != course.id or appointment.state not in OPEN_STATES:
            raise BookingRefused(
                "not_open", f"This visit is already {appointment.state}. Nothing was recorded."
            )
        return appointment
    return session.scalar(
        select(Appointment).where(
            Appointment.course_id == course.id,
            Appointment.local_date == entry.given_on,
            Appointment.state.in_(OPEN_STATES),
        )
    )


def _use_authorization(course: Course, entry: TreatmentEntry) -> None:
    """Take the visit and its units off the first authorization that covers the day."""
    covering = [a for a in course.authorizations if a.starts_on <= entry.given_on <= a.ends_on]
    for row in sorted(covering, key=_fewest_left_first):
        if row.visits_left is None or row.visits_left > 0:
            if row.visits_left is not None:
                row.visits_left -= 1
            if row.units_left is not None:
                row.units_left = max(row.units_left - entry.units, Decimal(0))
            return


def _fewest_left_first(row: Authorization) -> tuple[date, int]:
    return row.ends_on, row.id


def _replan_all(session: Session, patient_id: int, now: datetime) -> None:
    """A treatment moves its own course, and through the cap it may move the patient's others."""
    for course in session.scalars(select(Course).where(Course.patient_id == patient_id)):
        replan(session, course, now, "treated")
