"""Patients with their courses and treatments, as the plain values the rules work on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.values import (
    Authorization,
    Course,
    Decision,
    Forecast,
    GivenSession,
    Hold,
    Patient,
)
from clinic_scheduler.domain.patients.holds import spoken_reason
from clinic_scheduler.domain.protocols.indications import protocol_with
from clinic_scheduler.domain.protocols.labels import label_with
from clinic_scheduler.domain.protocols.protocol import Protocol
from clinic_scheduler.domain.visits.day_checks import CourseFacts
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, VisitKind
from clinic_scheduler.models import Appointment, ProtocolVersion, Treatment, VisitOverride
from clinic_scheduler.models import Course as CourseRow
from clinic_scheduler.models import Hold as HoldRow
from clinic_scheduler.models import Patient as PatientRow
from clinic_scheduler.queries.due.counted import Counted, counted_columns
from clinic_scheduler.queries.protocols.clinic_figures import Figures, clinic_figures

_Owned = TypeVar("_Owned", CourseRow, Treatment, HoldRow)

# Built once: every booking and every recording asks these, and building one costs more than running it.
_ASKED: BindParameter[int] = bindparam("patients", expanding=True)
_PATIENTS = select(PatientRow).where(PatientRow.id.in_(_ASKED))
_COURSES = (
    select(CourseRow, *counted_columns())
    .where(CourseRow.patient_id.in_(_ASKED))
    .options(
        joinedload(CourseRow.protocol_version),
        selectinload(CourseRow.authorizations),
        selectinload(CourseRow.decisions),
    )
    .order_by(CourseRow.id)
)
_TREATMENTS = (
    select(Treatment)
    .where(Treatment.patient_id.in_(_ASKED), Treatment.voided_at.is_(None))
    .order_by(Treatment.given_on, Treatment.id)
)
_HOLDS = select(HoldRow).where(HoldRow.patient_id.in_(_ASKED)).order_by(HoldRow.starts_on, HoldRow.id)
_OPEN_INJECTIONS = (
    select(Appointment.course_id, Appointment.local_date, VisitOverride.name)
    .outerjoin(VisitOverride, VisitOverride.appointment_id == Appointment.id)
    .where(
        Appointment.patient_id.in_(_ASKED),
        Appointment.kind == VisitKind.INJECTION,
        Appointment.state.in_(HELD_STATES),
    )
    .order_by(VisitOverride.id)
)


class BookedVisit(NamedTuple):
    """The day of a course's open injection visit, and what was overridden for it by name."""

    day: date
    overridden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """One patient's inputs to the forecast; rows beside values, in the same order.

    `counted`: by course, what its row says of how the due list counts it, and the rest of what that is by.
    """

    patient: Patient
    patient_row: PatientRow
    courses: tuple[Course, ...]
    sessions: tuple[GivenSession, ...]
    course_rows: tuple[CourseRow, ...]
    treatment_rows: tuple[Treatment, ...]
    counted: dict[int, Counted] = field(default_factory=dict)

    def with_visit(self, course_id: int, visit: BookedVisit) -> "PatientHistory":
        """The same, with this as the course's open injection visit: what a booking changes of it."""
        courses = tuple(
            course._replace(booked_on=visit.day, booked_override=visit.overridden)
            if course.id == course_id
            else course
            for course in self.courses
        )
        return replace(self, courses=courses)

    def course(self, course_id: int) -> Course:
        return next(course for course in self.courses if course.id == course_id)

    def read(self, today: date) -> dict[int | str, tuple[Forecast, CourseFacts]]:
        """By course id: its forecast, and the facts by which any other day of it is judged."""
        read = read_all(self.patient, self.courses, self.sessions, today)
        return {forecast.id: (forecast, facts) for forecast, facts in read}


def patient_history(session: Session, patient_id: int) -> PatientHistory:
    """One patient's history; the patient must exist."""
    return patient_histories(session, [patient_id])[patient_id]


def patient_histories(session: Session, patient_ids: Sequence[int]) -> dict[int, PatientHistory]:
    """Histories by patient id, in a handful of queries however many patients."""
    asked = {"patients": list(patient_ids)}
    patients = session.scalars(_PATIENTS, asked).all()
    figures = clinic_figures(session, {row.clinic_id for row in patients})
    counted: dict[int, dict[int, Counted]] = {}
    courses: dict[int, list[CourseRow]] = {}
    for row, *known in session.execute(_COURSES, asked):
        counted.setdefault(row.patient_id, {})[row.id] = Counted(*known)
        courses.setdefault(row.patient_id, []).append(row)
    treatments = _by_patient(session.scalars(_TREATMENTS, asked))
    holds = _by_patient(session.scalars(_HOLDS, asked))
    booked = _booked(session.execute(_OPEN_INJECTIONS, asked))
    histories = {
        row.id: _history(
            row,
            courses.get(row.id, []),
            treatments.get(row.id, []),
            holds.get(row.id, []),
            booked,
            figures[row.clinic_id],
        )
        for row in patients
    }
    for patient_id, history in histories.items():
        history.counted.update(counted.get(patient_id, {}))
    return histories


def _history(
    row: PatientRow,
    courses: list[CourseRow],
    treatments: list[Treatment],
    holds: list[HoldRow],
    booked: dict[int, BookedVisit],
    figures: Figures,
) -> PatientHistory:
    consulted = _consulted(courses)
    return PatientHistory(
        patient=patient_value(row, hold_values(holds, None)),
        patient_row=row,
        courses=tuple(
            course_value(
                course,
                figures,
                booked.get(course.id),
                hold_values(holds, course.indication),
                consulted.get(course.indication),
                tuple(Decision(decision.block, decision.until) for decision in course.decisions),
            )
            for course in courses
        ),
        sessions=tuple(session_value(treatment) for treatment in treatments),
        course_rows=tuple(courses),
        treatment_rows=tuple(treatments),
    )


def _consulted(courses: Iterable[CourseRow]) -> dict[str, date]:
    """The last consultation by indication: stopping a course and opening another does not forget it."""
    latest: dict[str, date] = {}
    for course in courses:
        if course.consulted_on is not None:
            known = latest.get(course.indication)
            latest[course.indication] = max(course.consulted_on, known or course.consulted_on)
    return latest


def _booked(rows: Iterable[Row[int, date, str]]) -> dict[int, BookedVisit]:
    """By course: its open injection visit, proposed ones too, with what was overridden for it by name."""
    found: dict[int, BookedVisit] = {}
    for course_id, day, name in rows:
        before = found.get(course_id, BookedVisit(day, ()))
        found[course_id] = BookedVisit(day, (*before.overridden, name) if name else before.overridden)
    return found


def _by_patient(rows: Iterable[_Owned]) -> dict[int, list[_Owned]]:
    gathered: dict[int, list[_Owned]] = {}
    for row in rows:
        gathered.setdefault(row.patient_id, []).append(row)
    return gathered


def patient_value(row: PatientRow, holds: tuple[Hold, ...] = ()) -> Patient:
    """To the rules, who has moved away is like who has died: nothing is due here any more."""
    gone = row.deceased_on is not None or row.moved_on is not None
    return Patient(row.birth_date, _number(row.weight_kg), gone, holds)


def session_value(row: Treatment) -> GivenSession:
    return GivenSession(
        id=row.id,
        course_id=row.course_id,
        given_on=row.given_on,
        units=_number(row.units),
        product=row.product,
        outcome=row.outcome,
        kind=row.kind,
        lot_expires_on=row.lot_expires_on,
        indication=row.indication,
    )


def course_value(
    row: CourseRow,
    figures: Figures,
    booked: BookedVisit | None,
    holds: tuple[Hold, ...] = (),
    consulted_on: date | None = None,
    decisions: tuple[Decision, ...] = (),
) -> Course:
    return Course(
        id=row.id,
        product=row.product,
        started_on=row.started_on,
        protocol=protocol_value(row.protocol_version),
        label=label_with(row.product, row.indication, figures),
        stopped_on=row.stopped_on,
        planned_units=_number(row.planned_units),
        personal_interval=parse_interval(row.personal_interval) if row.personal_interval else None,
        payer_minimum_interval=parse_interval(row.payer_minimum_interval)
        if row.payer_minimum_interval
        else None,
        authorization_required=row.authorization_required,
        authorizations=tuple(
            Authorization(a.starts_on, a.ends_on, a.visits_left, _number(a.units_left))
            for a in row.authorizations
        ),
        holds=holds,
        booked_on=booked.day if booked else None,
        booked_override=booked.overridden if booked else (),
        consulted_on=consulted_on,
        decisions=decisions,
    )


def hold_values(rows: Iterable[HoldRow], indication: str | None) -> tuple[Hold, ...]:
    """Those of one indication, or with None those of whatever is treated."""
    return tuple(hold_value(hold) for hold in rows if hold.indication == indication)


def hold_value(row: HoldRow) -> Hold:
    return Hold(row.starts_on, row.ends_on, spoken_reason(row.reason, row.note))


def protocol_value(row: ProtocolVersion) -> Protocol:
    return protocol_with(row.indication, row.overrides)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
