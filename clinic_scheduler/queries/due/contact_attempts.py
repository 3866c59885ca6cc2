"""How often the desk tried to reach a patient about a course since it was last treated, booked or decided upon.

An attempt on the day of a treatment came before it. What was taken back counts for nothing; a booking made in
error ends no count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.domain.contacts import DECISIONS, OUTCOMES
from clinic_scheduler.models import Appointment, Clinic, ContactAttempt, Treatment
from clinic_scheduler.queries.due.bucket_sql import by_few


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
    found: dict[int, Tried] = {}
    rows = session.execute(_standing(), {"ids": course_ids})
    for course_id, at, channel, outcome, hide_until, counts in rows:
        before = found[course_id].number if course_id in found else 0
        found[course_id] = Tried(before + bool(counts), at, channel, outcome, hide_until)
    return found


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    """The attempts about :ids that were not taken back, the oldest first."""
    return (
        select(
            ContactAttempt.course_id,
            ContactAttempt.at,
            ContactAttempt.channel,
            ContactAttempt.outcome,
            ContactAttempt.hide_until,
            and_(*attempts_that_count()),
        )
        .where(
            ContactAttempt.course_id.in_(bindparam("ids", expanding=True)),
            ContactAttempt.taken_back_at.is_(None),
        )
        .order_by(ContactAttempt.id)
    )


@lru_cache(maxsize=16)
def tried_enough(clinic_id: int, limit: int, dialect: str) -> Select[int]:
    """Ids of courses whose present round has seen `limit` tries or more."""
    # Few courses have so many attempts at all; only theirs are worth looking into.
    often = (
        select(ContactAttempt.course_id)
        .where(ContactAttempt.clinic_id == clinic_id)
        .group_by(ContactAttempt.course_id)
        .having(func.count() >= limit)
    )
    return (
        select(ContactAttempt.course_id)
        .where(by_few(ContactAttempt.course_id, often, dialect), *attempts_that_count())
        .group_by(ContactAttempt.course_id)
        .having(func.count() >= limit)
    )


def attempts_that_count() -> tuple[ColumnElement[bool], ...]:
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
