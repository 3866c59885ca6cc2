"""Which holds concern which course: the patient's own, and those of the course's indication."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from clinic_scheduler.models import Course, Hold


def concerns(hold: Any = Hold, course: Any = Course) -> ColumnElement[bool]:
    """Whether a hold is one of a course."""
    return and_(
        hold.patient_id == course.patient_id,
        or_(hold.indication.is_(None), hold.indication == course.indication),
    )


def in_force(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Of holds, on that day."""
    return and_(Hold.starts_on <= today, or_(Hold.ends_on.is_(None), Hold.ends_on >= today))
