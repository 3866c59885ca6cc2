"""How often a patient was tried about a course since it was last treated, booked or decided upon.

An attempt on the day of a treatment came before it. What was taken back counts for nothing; a booking made in
error ends no count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.models import Appointment, Clinic, ContactAttempt, Course, Treatment

OUTCOMES = ("no_answer", "left_message", "will_call_back", "declined", "wants_to_book")
DECISIONS = ("try_later", "keep_on_list")


@dataclass(frozen=True, slots=True)
class Tried:
    """The newest contact about a course that stands, and how many tries the present round has seen."""

    number: int
    at: datetime
    channel: str
    outcome: str
    hide_until: date | None


@dataclass(frozen=True, slots=True)
class ContactRules:
    """After `limit` tries staff decide; after each the row rests `rest_days`."""

    limit: int
    rest_days: int


def contact_rules(session: Session, clinic_id: int) -> ContactRules:
    clinic = session.get_one(Clinic, clinic_id)
    return ContactRules(clinic.contact_attempts_limit, clinic.contact_rest_days)


def tried(session: Session, course_ids: Sequence[int]) -> dict[int, Tried]:
    """By course, in one query; a course nobody was contacted about is not among them."""
    counts = (
        select(ContactAttempt.course_id, func.count().label("number"))
        .where(ContactAttempt.course_id.in_(course_ids), *_counts())
        .group_by(ContactAttempt.course_id)
        .subquery()
    )
    newest = (
        select(func.max(ContactAttempt.id))
        .where(ContactAttempt.course_id.in_(course_ids), ContactAttempt.taken_back_at.is_(None))
        .group_by(ContactAttempt.course_id)
    )
    rows = session.execute(
        select(ContactAttempt, counts.c.number)
        .outerjoin(counts, counts.c.course_id == ContactAttempt.course_id)
        .where(ContactAttempt.id.in_(newest))
    )
    return {
        row.course_id: Tried(number or 0, row.at, row.channel, row.outcome, row.hide_until)
        for row, number in rows
    }


def tried_enough(clinic_id: int, limit: int) -> Select[int]:
    """Ids of courses without a visit whose present round has seen `limit` tries or more."""
    unbooked = select(Course.id).where(Course.clinic_id == clinic_id, Course.booking == "none")
    # Few courses have so many attempts at all; only theirs are worth looking into.
    often = (
        select(ContactAttempt.course_id)
        .where(ContactAttempt.clinic_id == clinic_id)
        .group_by(ContactAttempt.course_id)
        .having(func.count() >= limit)
    )
    return (
        select(ContactAttempt.course_id)
        .where(ContactAttempt.course_id.in_(often), ContactAttempt.course_id.in_(unbooked), *_counts())
        .group_by(ContactAttempt.course_id)
        .having(func.count() >= limit)
    )


def _counts() -> tuple[ColumnElement[bool], ...]:
    """An attempt that counts: it stands, and nothing since began a new round."""
    later = aliased(ContactAttempt)
    decided = select(later.id).where(
        later.course_id == ContactAttempt.course_id,
        later.id > ContactAttempt.id,
        later.outcome.in_(DECISIONS),
        later.taken_back_at.is_(None),
    )
    treated = select(Treatment.id).where(
        Treatment.course_id == ContactAttempt.course_id,
        Treatment.voided_at.is_(None),
        Treatment.given_on >= func.date(ContactAttempt.at),
    )
    booked = select(Appointment.id).where(
        Appointment.course_id == ContactAttempt.course_id,
        Appointment.created_at >= ContactAttempt.at,
        or_(Appointment.cancel_reason.is_(None), Appointment.cancel_reason != "booked_in_error"),
    )
    return (
        ContactAttempt.outcome.in_(OUTCOMES),
        ContactAttempt.taken_back_at.is_(None),
        ~decided.exists(),
        ~treated.exists(),
        ~booked.exists(),
    )
