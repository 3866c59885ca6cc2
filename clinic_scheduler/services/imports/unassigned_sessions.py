"""A course opened by hand takes over the sessions an import kept for it: the rows themselves, so none counts twice."""

from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Course, Patient
from clinic_scheduler.queries.imports.unassigned_sessions import fitting, kept_sessions
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, open_course
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.imports.treatments import answer_question
from clinic_scheduler.services.messaging.reminder_planning import replan_all


def start_course_with_kept(change: Change, entry: CourseEntry) -> tuple[Course, int]:
    """Open the course and bring what fits its indication and product under it; how many sessions that were.

    The course reaches back to the first of them, and the work list asks no more once nothing is left without one.
    Raises as courses.open_course does.
    """
    session = change.session
    course = open_course(change, entry)
    joining = fitting(kept_sessions(session, entry.patient_id), entry.indication, entry.product)
    for row in joining:
        row.course_id, row.indication = course.id, None
        course.started_on = min(course.started_on, row.given_on)
    if joining:
        session.flush()
        about = {"patient_id": course.patient_id, "treatments": len(joining)}
        record(change, "joined", "courses", course.id, **about)
        answer_question(change, session.get_one(Patient, course.patient_id))
    refresh(session, [course.patient_id], change.today, change.now)
    replan_all(session, course.patient_id, change.now, SuppressionReason.OPENED, change.zone)
    return course, len(joining)
