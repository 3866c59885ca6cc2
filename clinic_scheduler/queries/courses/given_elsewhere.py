"""Toxin given elsewhere: one such treatment, and what it changed for the patient's courses."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.visits.treatment_checks import Moved, Reevaluated, moved, reevaluated
from clinic_scheduler.models import Patient, Treatment, User
from clinic_scheduler.queries.courses.course_view import CourseView, course_views
from clinic_scheduler.queries.courses.treatment_result import before_and_after


@dataclass(frozen=True, slots=True)
class ElsewhereResult:
    """`rejudged` and `moved` say what counting it, or no longer, changes; `views` are the courses as they are now."""

    treatment: Treatment
    patient: Patient
    recorded_by: str | None
    reevaluated: list[Reevaluated]
    moved: list[Moved]
    views: list[CourseView]

    @property
    def problems(self) -> list[CourseView]:
        """Courses whose visit stands under Booking problems."""
        return [view for view in self.views if view.forecast.bucket == Bucket.BOOKING_PROBLEM]


def elsewhere_in_clinic(session: Session, clinic_id: int, treatment_id: int) -> Treatment:
    """Raises NotFound for another clinic's treatment, and for one that was given here."""
    row = session.get(Treatment, treatment_id)
    if row is None or row.clinic_id != clinic_id or row.course_id is not None:
        raise NotFound("no such treatment")
    return row


def elsewhere_result(session: Session, clinic_id: int, treatment_id: int, today: date) -> ElsewhereResult:
    """Compares the patient's courses with this treatment and without it, as of today."""
    row = elsewhere_in_clinic(session, clinic_id, treatment_id)
    patient = session.get_one(Patient, row.patient_id)
    before, after = before_and_after(session, row, today)
    user = session.get(User, row.recorded_by_id) if row.recorded_by_id else None
    return ElsewhereResult(
        treatment=row,
        patient=patient,
        recorded_by=user.name if user else None,
        reevaluated=reevaluated(before, after, row.id),
        moved=moved(before, after),
        views=course_views(session, patient, today),
    )
