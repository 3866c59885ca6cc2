"""Holds: which concern which course, a patient's, and those that wait for a provider's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Course, Hold, Patient, Provider, User, WorkItem


def concerns(hold: Any = Hold, course: Any = Course) -> ColumnElement[bool]:
    """Whether a hold is one of a course: the patient's own are, and those of the course's indication."""
    return and_(
        hold.patient_id == course.patient_id,
        or_(hold.indication.is_(None), hold.indication == course.indication),
    )


def in_force(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Of holds, on that day."""
    return and_(Hold.starts_on <= today, or_(Hold.ends_on.is_(None), Hold.ends_on >= today))


@dataclass(frozen=True, slots=True)
class HeldPatient:
    """`question` is the desk's open wish that the hold be ended, if any."""

    hold: Hold
    patient: Patient
    question: WorkItem | None


# Built once: the banner of every page about a patient asks it.
_NOT_OVER = (
    select(Hold)
    .where(
        Hold.patient_id == bindparam("patient"),
        or_(Hold.ends_on.is_(None), Hold.ends_on >= bindparam("today")),
    )
    .order_by(Hold.starts_on, Hold.id)
)


def current_holds(session: Session, patient_id: int, today: date) -> Sequence[Hold]:
    """A patient's holds that are not over, the earliest first."""
    return session.scalars(_NOT_OVER, {"patient": patient_id, "today": today}).all()


def asked_about(session: Session, patient_id: int) -> dict[int, WorkItem]:
    """What waits for an answer, by the hold it is about."""
    asked = session.scalars(
        select(WorkItem).where(
            WorkItem.patient_id == patient_id,
            WorkItem.kind == WorkItemKind.ASKS_RELEASE,
            WorkItem.closed_at.is_(None),
        )
    )
    return {item.hold_id: item for item in asked if item.hold_id is not None}


def hold_in_clinic(session: Session, clinic_id: int, hold_id: int) -> Hold:
    """Raises NotFound for another clinic's hold."""
    hold = session.scalar(
        select(Hold)
        .join(Patient, Patient.id == Hold.patient_id)
        .where(Hold.id == hold_id, Patient.clinic_id == clinic_id)
    )
    if hold is None:
        raise NotFound("no such hold")
    return hold


def held_by_provider(session: Session, provider: Provider, today: date, limit: int) -> list[HeldPatient]:
    """Holds in force of the provider's patients, and those somebody asks to end; what is asked comes first."""
    treats = (
        select(Course.id)
        .where(
            concerns(),
            Course.provider_id == provider.id,
            func.coalesce(Course.closed_from, date.max) > today,
        )
        .correlate(Hold)
        .exists()
    )
    own_word = Hold.set_by_id.in_(select(User.id).where(User.provider_id == provider.id))
    rows = session.execute(
        select(Hold, Patient, WorkItem)
        .join(Patient, Patient.id == Hold.patient_id)
        .outerjoin(
            WorkItem,
            and_(
                WorkItem.hold_id == Hold.id,
                WorkItem.kind == WorkItemKind.ASKS_RELEASE,
                WorkItem.closed_at.is_(None),
            ),
        )
        .where(
            Patient.clinic_id == provider.clinic_id,
            or_(treats, and_(own_word, WorkItem.id.is_not(None))),
            or_(in_force(today), WorkItem.id.is_not(None)),
        )
        .order_by(WorkItem.id.is_(None), Hold.starts_on, Hold.id)
        .limit(limit)
    )
    return [HeldPatient(*row) for row in rows]
