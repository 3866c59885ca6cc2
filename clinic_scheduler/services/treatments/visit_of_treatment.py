"""The visit a treatment is part of: which it is, what else was recorded for it, and that it has been."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.visits.kinds_and_states import (
    KIND_NOUNS,
    OPEN_STATES,
    VisitKind,
    VisitState,
    state_said,
)
from clinic_scheduler.models import Appointment, Course, Treatment
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.courses.treatment_result import attended_visit
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import new_next_visit
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.visit_states import move_to


def visit_of(
    session: Session, course: Course, history: PatientHistory, given_on: date, named_id: int | None
) -> Appointment | None:
    """The visit this treatment is part of: the one named, else the course's open one of that day.

    Else the attended one of that day: what else was recorded for it is part of the same visit, and where its
    treatment was voided the right entry takes its place.
    """
    own = [
        visit
        for visit in history.visits or ()
        if (visit.course_id, visit.kind) == (course.id, VisitKind.INJECTION)
    ]
    was_there = any(visit.state == VisitState.FULFILLED for visit in own)
    attended = attended_visit(session, course, given_on) if was_there else None
    if named_id is not None:
        named = row_in_clinic(session, Appointment, course.clinic_id, named_id)
        if named.kind != VisitKind.INJECTION:
            raise BookingRefused(
                "kind",
                f"This visit is a {KIND_NOUNS[named.kind]}. Nothing was recorded. "
                "Change it into an injection first, or record the treatment without it.",
            )
        is_it = attended is not None and attended.id == named.id
        if named.course_id != course.id or not (named.state in OPEN_STATES or is_it):
            said = state_said(named.state, named.kind)
            raise BookingRefused("not_open", f"This visit is already {said}. Nothing was recorded.")
        return named
    of_the_day = (visit.id for visit in own if visit.local_date == given_on and visit.state in OPEN_STATES)
    booked = next(of_the_day, None)
    return attended if booked is None else session.get_one(Appointment, booked)


def rows_beside(history: PatientHistory, row: Treatment) -> list[Treatment]:
    """The other rows that count for the same course and day: all of them are one visit."""
    its = row.course_id, row.given_on
    return [other for other in history.treatment_rows if (other.course_id, other.given_on) == its]


def fulfil(
    change: Change,
    course: Course,
    row: Treatment,
    appointment: Appointment,
    beside: Iterable[Treatment],
    visits: Iterable[KnownVisit] | None = None,
) -> None:
    """The treatment is what its visit was for, and with it whatever else was recorded for the day without one.

    `beside` are the other rows of the visit, `visits` the patient's where they are known.
    """
    row.appointment_id = appointment.id
    for other in beside:
        if other.appointment_id is None:
            other.appointment_id = appointment.id
    if appointment.state == VisitState.FULFILLED:
        return
    request_endings.withdraw_open(change, appointment, visits=visits)
    move_to(appointment, VisitState.FULFILLED)
    appointment.updated_at = change.now
    appointment.sequence += 1
    # Also where the treatment does not count (aborted, say): the visit has been, the next is another one.
    new_next_visit(course, change.now)
