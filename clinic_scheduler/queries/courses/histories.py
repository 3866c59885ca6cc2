"""Patients with their courses and treatments, as the plain values the rules work on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.values import Course, Decision, Forecast, GivenSession, Hold, Patient
from clinic_scheduler.domain.visits.day_checks import CourseFacts
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, VisitKind
from clinic_scheduler.models import Appointment, Treatment, VisitOverride
from clinic_scheduler.models import Course as CourseRow
from clinic_scheduler.models import Hold as HoldRow
from clinic_scheduler.models import Patient as PatientRow
from clinic_scheduler.queries.courses.history_values import (
    BookedVisit,
    course_value,
    hold_values,
    patient_value,
    session_value,
)
from clinic_scheduler.queries.due.counted import Counted, counted_columns, counted_of
from clinic_scheduler.queries.protocols.clinic_figures import Figures, clinic_figures
from clinic_scheduler.queries.schedule.known_visits import KnownVisit, with_known

_Owned = TypeVar("_Owned", CourseRow, Treatment, HoldRow)

_ANEW = {"populate_existing": True}
# Built once: every booking and every recording asks these, and building one costs more than running it.
_ASKED: BindParameter[int] = bindparam("patients", expanding=True)
_PATIENTS = select(PatientRow).where(PatientRow.id.in_(_ASKED))
_COURSES = (
    select(CourseRow, *counted_columns())
    .where(CourseRow.patient_id.in_(_ASKED))
    .options(
        joinedload(CourseRow.protocol_version),
        # A course has a few of each, so that one statement brings all.
        joinedload(CourseRow.authorizations),
        joinedload(CourseRow.decisions),
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


@dataclass(frozen=True, slots=True)
class PatientRows:
    """What was read of one patient."""

    patient: PatientRow
    courses: Sequence[CourseRow]
    treatments: Sequence[Treatment]
    holds: Sequence[HoldRow]
    figures: Figures


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """One patient's inputs to the forecast; rows beside values, in the same order.

    `visits` are all of the patient's, for a change to them; none where they were not read.
    `counted`: by course, what its row says of how the due list counts it, and the rest of what that is by.
    """

    patient: Patient
    patient_row: PatientRow
    courses: tuple[Course, ...]
    sessions: tuple[GivenSession, ...]
    course_rows: tuple[CourseRow, ...]
    treatment_rows: tuple[Treatment, ...]
    rows: PatientRows
    visits: tuple[KnownVisit, ...] | None = None
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

    def also(self, visit: KnownVisit) -> "PatientHistory":
        """The same, with this visit as it is now; what it changes of its course is said by with_visit."""
        return replace(self, visits=with_known(self.visits or (), visit))

    def with_treatment(self, row: Treatment, visits: Iterable[KnownVisit]) -> "PatientHistory":
        """The same, with another treatment at the end of its day; visits and other rows as they are by now."""
        treatments = sorted((*self.rows.treatments, row), key=lambda each: each.given_on)
        known = tuple(visits)
        return _history(
            replace(self.rows, treatments=treatments), _open_injections(known), known, self.counted
        )

    def course(self, course_id: int) -> Course:
        return next(course for course in self.courses if course.id == course_id)

    def course_row(self, course_id: int) -> CourseRow | None:
        return next((row for row in self.course_rows if row.id == course_id), None)

    def holds_on(self, course_id: int) -> tuple[Hold, ...]:
        """The course's own and those of whatever is treated."""
        return (*self.patient.holds, *self.course(course_id).holds)

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
    courses, counted = _courses(session.execute(_COURSES, asked))
    treatments = _by_patient(session.scalars(_TREATMENTS, asked))
    holds = _by_patient(session.scalars(_HOLDS, asked))
    booked = _booked(session.execute(_OPEN_INJECTIONS, asked))
    return {
        row.id: _history(
            PatientRows(
                row,
                courses.get(row.id, []),
                treatments.get(row.id, []),
                holds.get(row.id, []),
                figures[row.clinic_id],
            ),
            booked,
            None,
            counted.get(row.id),
        )
        for row in patients
    }


def history_of(session: Session, row: PatientRow, visits: Sequence[KnownVisit]) -> PatientHistory:
    """The history of a patient whose row and visits were just read; under its lock, what is read anew is true."""
    asked = {"patients": [row.id]}
    courses, counted = _courses(session.execute(_COURSES, asked, execution_options=_ANEW))
    rows = PatientRows(
        row,
        courses.get(row.id, []),
        session.scalars(_TREATMENTS, asked, execution_options=_ANEW).all(),
        session.scalars(_HOLDS, asked, execution_options=_ANEW).all(),
        clinic_figures(session, [row.clinic_id])[row.clinic_id],
    )
    own = tuple(visit for visit in visits if visit.patient_id == row.id)
    return _history(rows, _open_injections(own), own, counted.get(row.id))


def _history(
    rows: PatientRows,
    booked: Mapping[int, BookedVisit],
    visits: tuple[KnownVisit, ...] | None,
    counted: dict[int, Counted] | None,
) -> PatientHistory:
    """`booked`, the open injections, by course."""
    consulted, holds = _consulted(rows.courses), rows.holds
    return PatientHistory(
        patient=patient_value(rows.patient, hold_values(holds, None)),
        patient_row=rows.patient,
        courses=tuple(
            course_value(
                course,
                rows.figures,
                booked.get(course.id),
                hold_values(holds, course.indication),
                consulted.get(course.indication),
                tuple(Decision(decision.block, decision.until) for decision in course.decisions),
            )
            for course in rows.courses
        ),
        sessions=tuple(session_value(treatment) for treatment in rows.treatments),
        course_rows=tuple(rows.courses),
        treatment_rows=tuple(rows.treatments),
        rows=rows,
        visits=visits,
        counted=counted or {},
    )


def _open_injections(visits: Iterable[KnownVisit]) -> dict[int, BookedVisit]:
    return {
        visit.course_id: BookedVisit(visit.local_date, visit.overridden)
        for visit in visits
        if visit.kind == VisitKind.INJECTION and visit.is_held
    }


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


def _courses(rows: Any) -> tuple[dict[int, list[CourseRow]], dict[int, dict[int, Counted]]]:
    """By patient: the courses, and how each of them is counted."""
    courses: dict[int, list[CourseRow]] = {}
    counted: dict[int, dict[int, Counted]] = {}
    for row, *known in rows.unique():
        counted.setdefault(row.patient_id, {})[row.id] = counted_of(*known)
        courses.setdefault(row.patient_id, []).append(row)
    return courses, counted


def _by_patient(rows: Iterable[_Owned]) -> dict[int, list[_Owned]]:
    gathered: dict[int, list[_Owned]] = {}
    for row in rows:
        gathered.setdefault(row.patient_id, []).append(row)
    return gathered
