"""What one treatment came to: its vials and judgement, and what it changed for the others' judgements and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.values import Evaluation, Forecast, GivenSession
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState
from clinic_scheduler.domain.visits.treatment_checks import (
    Moved,
    Recorded,
    Reevaluated,
    Stop,
    moved,
    reevaluated,
    stops_on,
)
from clinic_scheduler.models import Appointment, Course, Treatment, TreatmentVial, User
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_history
from clinic_scheduler.queries.courses.history_values import session_value
from clinic_scheduler.queries.lookups import row_in_clinic

# How many voided treatments a patient's page lists.
NEWEST = 50


@dataclass(frozen=True, slots=True)
class TreatmentResult:
    """`judged` is None for a voided one; `rejudged` and `moved` say what counting it, or no longer, changes."""

    treatment: Treatment
    course: Course
    vials: Sequence[TreatmentVial]
    evaluated: Evaluation | None
    reevaluated: list[Reevaluated]
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
    before, after = before_and_after(session, row, today)
    course = row_in_clinic(session, Course, clinic_id, row.course_id or 0)
    return TreatmentResult(
        treatment=row,
        course=course,
        vials=vials_of(session, row.id),
        evaluated=next((e for forecast in after for e in forecast.sessions if e.id == row.id), None),
        reevaluated=reevaluated(before, after, row.id),
        moved=moved(before, after),
        accepted=row.accepted_at is not None,
    )


def before_and_after(session: Session, row: Treatment, today: date) -> tuple[list[Forecast], list[Forecast]]:
    """The patient's courses before the treatment was kept and with it; of a voided one, with it and without."""
    history = patient_history(session, row.patient_id)
    others = [value for value in history.sessions if value.id != row.id]
    without = forecast_all(history.patient, history.courses, others, today)
    counted = forecast_all(history.patient, history.courses, [*others, session_value(row)], today)
    return (without, counted) if row.voided_at is None else (counted, without)


def vials_of(session: Session, treatment_id: int) -> Sequence[TreatmentVial]:
    return session.scalars(
        select(TreatmentVial).where(TreatmentVial.treatment_id == treatment_id).order_by(TreatmentVial.id)
    ).all()


def voided_treatments(session: Session, patient_id: int) -> Sequence[Treatment]:
    """Entered in error, given here or elsewhere, the newest first."""
    return session.scalars(
        select(Treatment)
        .where(
            Treatment.patient_id == patient_id,
            Treatment.voided_at.is_not(None),
        )
        .order_by(Treatment.voided_at.desc())
        .limit(NEWEST)
    ).all()


def recording_stops(
    session: Session,
    history: PatientHistory,
    given: GivenSession,
    vials: Sequence[tuple[str, date | None]],
    zone: ZoneInfo,
) -> list[Stop]:
    """What to show before this treatment is kept, by the patient's history."""
    same_day = [row for row in history.treatment_rows if row.given_on == given.given_on]
    recorded = _recorded(session, zone, same_day)
    return stops_on(history.patient, history.courses, history.sessions, given, vials, recorded)


def _recorded(session: Session, zone: ZoneInfo, rows: Sequence[Treatment]) -> dict[str | int, Recorded]:
    """When and by whom each was written down; one brought over from a file was entered by nobody here."""
    ids = {row.recorded_by_id for row in rows} - {None}
    known = session.scalars(select(User).where(User.id.in_(ids))) if ids else ()
    names = {user.id: user.name for user in known}
    found: dict[str | int, Recorded] = {}
    for row in rows:
        at = row.recorded_at.astimezone(zone)
        found[row.id] = Recorded(at.date(), at.time(), names.get(row.recorded_by_id or 0))
    return found


def rows_of_the_visit(session: Session, row: Treatment) -> Sequence[Treatment]:
    """The other rows that count for the same course and day: all of them are one visit."""
    return session.scalars(
        select(Treatment)
        .where(
            Treatment.course_id == row.course_id,
            Treatment.given_on == row.given_on,
            Treatment.voided_at.is_(None),
            Treatment.id != row.id,
        )
        .order_by(Treatment.id)
    ).all()


def last_treatment(session: Session, course: Course) -> Treatment | None:
    """The course's newest treatment in which something was given: what a form is filled from."""
    return session.scalar(
        select(Treatment)
        .where(Treatment.course_id == course.id, Treatment.voided_at.is_(None), Treatment.units > 0)
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
        .limit(1)
    )


def attended_visit(session: Session, course: Course, day: date) -> Appointment | None:
    """The course's attended injection visit of that day: the one its rows belong to, else one whose were voided."""
    return session.scalar(
        select(Appointment)
        .outerjoin(Treatment, Treatment.appointment_id == Appointment.id)
        .where(
            Appointment.course_id == course.id,
            Appointment.kind == VisitKind.INJECTION,
            Appointment.state == VisitState.FULFILLED,
            or_(Treatment.given_on == day, Treatment.id.is_(None) & (Appointment.local_date == day)),
        )
        .options(joinedload(Appointment.provider))
        .order_by(Treatment.id.is_(None), Appointment.id)
        .limit(1)
    )
