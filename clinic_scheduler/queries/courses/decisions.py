"""Standing decisions in force about a patient's courses, in words: what, until when, who and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.check_texts import TITLES
from clinic_scheduler.models import Course, StandingDecision
from clinic_scheduler.queries.schedule.override_reasons import reason_words


@dataclass(frozen=True, slots=True)
class DecisionLine:
    id: int
    title: str
    until: date
    reason: str
    note: str | None
    decided_by: str
    decided_at: datetime


def decisions_in_force(
    session: Session, clinic_id: int, patient_id: int, today: date
) -> Mapping[int, Sequence[DecisionLine]]:
    """By course; those that have run out or were ended are left out."""
    rows = session.scalars(
        select(StandingDecision)
        .join(Course, Course.id == StandingDecision.course_id)
        .where(
            Course.clinic_id == clinic_id,
            Course.patient_id == patient_id,
            StandingDecision.ended_at.is_(None),
            StandingDecision.until >= today,
        )
        .order_by(StandingDecision.id)
    ).all()
    found: dict[int, list[DecisionLine]] = {}
    words = reason_words(session, clinic_id) if rows else {}
    for row in rows:
        found.setdefault(row.course_id, []).append(
            DecisionLine(
                row.id,
                TITLES[Against(row.block)],
                row.until,
                words.get((row.block, row.reason), row.reason),
                row.note,
                row.decided_by,
                row.decided_at,
            )
        )
    return found
