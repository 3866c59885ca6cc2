"""One course with everything a page about it shows: rows, the forecast as of a day, and its judged treatments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.adherence import Adherence, adherence
from clinic_scheduler.domain.forecast.earliest_date import cap_on
from clinic_scheduler.domain.forecast.judgements import Timing
from clinic_scheduler.domain.forecast.projection import ProjectedCycle, project
from clinic_scheduler.domain.forecast.values import Evaluation, Forecast
from clinic_scheduler.domain.visits.day_checks import CourseFacts
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, VisitKind
from clinic_scheduler.models import Appointment, Course, Patient, Provider, Treatment
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_history
from clinic_scheduler.queries.lookups import row_in_clinic

CYCLES_AHEAD = 4
# Built once: every page about a course or a patient asks it.
_OPEN_VISITS = select(Appointment).where(
    Appointment.patient_id == bindparam("patient"), Appointment.state.in_(HELD_STATES)
)


@dataclass(frozen=True, slots=True)
class CourseView:
    """`treatments` pairs each of the course's treatments with how it was judged, newest first.

    `elsewhere` is what the patient was given elsewhere, for whatever, the oldest first.

    `appointment` is the open injection visit, proposed ones too; `other_visits` are open and of another kind.
    `cap` is today's, in units; None where none is known. By `facts` any other day of the course is judged.
    """

    course: Course
    patient: Patient
    forecast: Forecast
    treatments: list[tuple[Treatment, Evaluation]]
    elsewhere: list[Treatment]
    adherence: Adherence
    projected: list[ProjectedCycle]
    appointment: Appointment | None
    other_visits: list[Appointment]
    cap: float | None
    facts: CourseFacts


def course_view(session: Session, clinic_id: int, course_id: int, today: date) -> CourseView:
    """Raises NotFound for another clinic's course."""
    course = row_in_clinic(session, Course, clinic_id, course_id)
    history = patient_history(session, course.patient_id)
    read = history.read(today)[course.id]
    return _view(history, course, read, today, _open_visits(session, course.patient_id))


def course_views(session: Session, patient: Patient, today: date) -> list[CourseView]:
    """All of a patient's courses, open ones first, then the newest."""
    history = patient_history(session, patient.id)
    read = history.read(today)
    booked = _open_visits(session, patient.id)
    views = [_view(history, row, read[row.id], today, booked) for row in history.course_rows]
    return sorted(views, key=lambda view: (view.forecast.timing == Timing.CLOSED, -view.course.id))


def active_providers(session: Session, clinic_id: int) -> Sequence[Provider]:
    """Those who take bookings, by name."""
    return session.scalars(
        select(Provider).where(Provider.clinic_id == clinic_id, Provider.is_active).order_by(Provider.name)
    ).all()


def appointment_in_clinic(session: Session, clinic_id: int, appointment_id: int) -> Appointment:
    """Raises NotFound for another clinic's appointment."""
    return row_in_clinic(session, Appointment, clinic_id, appointment_id)


def _view(
    history: PatientHistory,
    row: Course,
    read: tuple[Forecast, CourseFacts],
    today: date,
    booked: Mapping[tuple[int, str], Appointment],
) -> CourseView:
    dates, facts = read
    value = history.course(row.id)
    rows = {treatment.id: treatment for treatment in history.treatment_rows}
    return CourseView(
        course=row,
        patient=row.patient,
        forecast=dates,
        treatments=[(rows[int(evaluated.id)], evaluated) for evaluated in reversed(dates.sessions)],
        elsewhere=[treatment for treatment in history.treatment_rows if treatment.course_id is None],
        adherence=adherence(history.patient, value, dates.sessions, today),
        projected=project(history.patient, value, dates, CYCLES_AHEAD),
        appointment=booked.get((row.id, VisitKind.INJECTION)),
        other_visits=[
            visit
            for (owner, kind), visit in booked.items()
            if owner == row.id and kind != VisitKind.INJECTION
        ],
        cap=cap_on(history.patient, value, today),
        facts=facts,
    )


def _open_visits(session: Session, patient_id: int) -> dict[tuple[int, str], Appointment]:
    """By course and kind; a proposed visit is among them."""
    rows = session.scalars(_OPEN_VISITS, {"patient": patient_id})
    return {(row.course_id, row.kind): row for row in rows}
