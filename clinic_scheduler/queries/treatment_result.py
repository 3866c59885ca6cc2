"""What one treatment came to: its vials and judgement, and what it changed for the others' judgements and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.recording import Moved, Rejudged, Stop, moved, rejudged, stops_on
from clinic_scheduler.domain.values import Evaluation
from clinic_scheduler.domain.values import Session as SessionValue
from clinic_scheduler.domain.visits import OPEN_STATES, VisitKind
from clinic_scheduler.models import Appointment, Course, Treatment, TreatmentVial
from clinic_scheduler.queries.histories import patient_history, session_value
from clinic_scheduler.queries.lookups import row_in_clinic

# How many voided treatments a patient's page lists.
NEWEST = 50


@dataclass(frozen=True, slots=True)
class TreatmentResult:
    """`judged` is None for a voided one; `rejudged` and `moved` say what counting it, or no longer, changes."""

    treatment: Treatment
    course: Course
    vials: Sequence[TreatmentVial]
    judged: Evaluation | None
    rejudged: list[Rejudged]
    moved: list[Moved]
    accepted: bool


def treatment_in_clinic(session: Session, clinic_id: int, treatment_id: int) -> Treatment:
    """Raises NotFound for another clinic's treatment, and for one that was given elsewhere."""
    row = session.get(Treatment, treatment_id)
    if row is None or row.clinic_id != clinic_id or row.course_id is None:
        raise NotFound("no such treatment")
    return row


def treatment_result(session: Session, clinic_id: int, treatment_id: int, today: date) -> TreatmentResult:
    """Compares the patient's courses with this treatment and without it, as of today."""
    row = treatment_in_clinic(session, clinic_id, treatment_id)
    history = patient_history(session, row.patient_id)
    others = [value for value in history.sessions if value.id != row.id]
    without = forecast_all(history.patient, history.courses, others, today)
    counted = forecast_all(history.patient, history.courses, [*others, session_value(row)], today)
    before, after = (without, counted) if row.voided_at is None else (counted, without)
    course = row_in_clinic(session, Course, clinic_id, row.course_id or 0)
    return TreatmentResult(
        treatment=row,
        course=course,
        vials=vials_of(session, row.id),
        judged=next((e for forecast in after for e in forecast.sessions if e.id == row.id), None),
        rejudged=rejudged(before, after, row.id),
        moved=moved(before, after),
        accepted=row.accepted_at is not None,
    )


def vials_of(session: Session, treatment_id: int) -> Sequence[TreatmentVial]:
    return session.scalars(
        select(TreatmentVial).where(TreatmentVial.treatment_id == treatment_id).order_by(TreatmentVial.id)
    ).all()


def voided_treatments(session: Session, patient_id: int) -> Sequence[Treatment]:
    """Entered in error, the newest first."""
    return session.scalars(
        select(Treatment)
        .where(
            Treatment.patient_id == patient_id,
            Treatment.voided_at.is_not(None),
            Treatment.course_id.is_not(None),
        )
        .order_by(Treatment.voided_at.desc())
        .limit(NEWEST)
    ).all()


def recording_stops(
    session: Session, course: Course, given: SessionValue, vials: Sequence[tuple[str, date | None]]
) -> list[Stop]:
    """What to show before this treatment of the course is kept."""
    history = patient_history(session, course.patient_id)
    return stops_on(
        history.patient, history.course(course.id), history.courses, history.sessions, given, vials
    )


def last_treatment(session: Session, course: Course) -> Treatment | None:
    """The course's newest treatment in which something was given: what a form is filled from."""
    return session.scalar(
        select(Treatment)
        .where(Treatment.course_id == course.id, Treatment.voided_at.is_(None), Treatment.units > 0)
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
        .limit(1)
    )


def visit_of_day(session: Session, course: Course, day: date) -> Appointment | None:
    """The course's injection visit of that day: the open one, else the attended one, whose other parts are kept too."""
    return session.scalar(
        select(Appointment)
        .where(
            Appointment.course_id == course.id,
            Appointment.kind == VisitKind.INJECTION,
            Appointment.local_date == day,
            Appointment.state.in_((*OPEN_STATES, "fulfilled")),
        )
        .options(joinedload(Appointment.provider))
        .order_by(Appointment.state == "fulfilled", Appointment.id)
        .limit(1)
    )
