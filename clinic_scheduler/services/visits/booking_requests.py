"""What a request for a visit becomes: the visit it booked before, the course it is for, the row to add."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState
from clinic_scheduler.models import Appointment, Course, Provider
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from clinic_scheduler.services.visits.changes import Span, visit_row
from clinic_scheduler.services.visits.guard import Passed


def new_visit(
    change: Change,
    course: Course,
    provider: Provider,
    request: BookingRequest,
    ends_at: datetime,
    passed: Passed,
) -> Appointment:
    """The row for a request, unsaved: proposed where something is yet to be asked."""
    state = VisitState.PROPOSED if passed.to_ask else VisitState.BOOKED
    values: dict[str, Any] = {"overrides": passed.overrides}
    if request.idempotency_key:
        values["idempotency_key"] = request.idempotency_key
    if state == VisitState.BOOKED and request.kind == VisitKind.INJECTION:
        # It replaces the due window under one UID, so its revision goes on from the window's.
        values |= {"uid": course.next_visit_uid, "sequence": course.forecast_sequence + 1}
    span = Span(provider, request.starts_at, ends_at)
    return visit_row(change, course, VisitKind(request.kind), span, state=state, **values)


def course_in(history: PatientHistory, course_id: int, done: str = "booked") -> Course:
    """Another record may have taken the course over while this one waited for the patient's lock."""
    course = history.course_row(course_id)
    if course is None:
        raise BookingRefused(
            "merged",
            f"This patient's record was merged with another just now. Nothing was {done}. Find the patient again.",
        )
    return course


def twin_of(session: Session, request: BookingRequest, visits: Iterable[KnownVisit]) -> Appointment | None:
    """The visit this very request booked before, if it is sent again."""
    key = request.idempotency_key
    twin = next((visit for visit in visits if key and visit.idempotency_key == key), None)
    if twin is None:
        return None
    if (twin.course_id, twin.kind) != (request.course_id, request.kind):
        raise BookingRefused(
            "key_used",
            "This form was used for another visit. Nothing was booked. Open it anew and try again.",
        )
    return session.get_one(Appointment, twin.id)
