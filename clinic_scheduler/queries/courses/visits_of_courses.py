"""Open visits of courses: their injection, and the consultations and follow-ups beside it."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, OTHER_KINDS, VisitKind
from clinic_scheduler.models import Appointment, Course


def other_visits(session: Session, course_ids: Collection[int]) -> Mapping[int, Sequence[Appointment]]:
    """By course, the next first; courses without any are missing."""
    if not course_ids:
        return {}
    rows = session.scalars(
        select(Appointment)
        .where(
            Appointment.course_id.in_(course_ids),
            Appointment.kind.in_(OTHER_KINDS),
            Appointment.state.in_(HELD_STATES),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    found: dict[int, list[Appointment]] = {}
    for row in rows:
        found.setdefault(row.course_id, []).append(row)
    return found


def open_injection(session: Session, course_id: int) -> Appointment | None:
    """The course's injection visit, proposed ones too."""
    return session.scalar(
        select(Appointment).where(
            Appointment.course_id == course_id,
            Appointment.kind == VisitKind.INJECTION,
            Appointment.state.in_(HELD_STATES),
        )
    )


def overridden_injections(session: Session, course_ids: Collection[int]) -> Sequence[Appointment]:
    """Open injection visits for which something was overridden, each with its overrides loaded."""
    if not course_ids:
        return ()
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.course_id.in_(course_ids),
            Appointment.kind == VisitKind.INJECTION,
            Appointment.state.in_(HELD_STATES),
            Appointment.overrides.any(),
        )
        .options(selectinload(Appointment.overrides))
        .order_by(Appointment.id)
    ).all()


def goes_on_elsewhere(session: Session, course: Course) -> bool:
    """Whether a stopped course has an open one of the same indication beside it, to book under instead."""
    if course.stopped_on is None:
        return False
    other = select(Course.id).where(
        Course.patient_id == course.patient_id,
        Course.indication == course.indication,
        Course.stopped_on.is_(None),
    )
    return session.scalar(other.limit(1)) is not None
