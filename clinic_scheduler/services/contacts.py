"""Logging that the desk called, texted or wrote about a course."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import ContactAttempt, Course
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record

CHANNELS = ("phone", "text", "email")
OUTCOMES = ("no_answer", "left_message", "will_call_back", "declined", "wants_to_book")


def log(
    session: Session,
    actor: Actor,
    course_id: int,
    channel: str,
    outcome: str,
    now: datetime,
    *,
    hide_until: date | None = None,
    note: str | None = None,
) -> ContactAttempt:
    """Keep one attempt; `hide_until` takes the course off the due list until that day."""
    if channel not in CHANNELS or outcome not in OUTCOMES:
        raise InvalidInput(
            f"channel is one of {', '.join(CHANNELS)}; outcome is one of {', '.join(OUTCOMES)}"
        )
    course = row_in_clinic(session, Course, actor.clinic_id, course_id)
    attempt = ContactAttempt(
        clinic_id=actor.clinic_id,
        course_id=course.id,
        user_id=actor.user_id,
        at=now,
        channel=channel,
        outcome=outcome,
        hide_until=hide_until,
        note=note,
    )
    session.add(attempt)
    session.flush()
    record(
        session, actor, now, "contacted", "courses", course.id, patient_id=course.patient_id, outcome=outcome
    )
    return attempt
