"""What of a clinic is unresolved this morning, in numbers: what the digest to staff says. No patients."""

from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.messaging.states import MessageState
from clinic_scheduler.models import Authorization, ContactAttempt, Course, Message, WorkItem
from clinic_scheduler.queries.due.bucket_sql import bucket_sql, listed_on, open_on

AUTHORIZATION_DAYS = 14
# A message's use is over within weeks; looking further back would find nothing and take long.
MESSAGE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Unresolved:
    """`untried`: overdue, and nobody has reached out since the last treatment."""

    work_items: int
    untried: int
    booking_problems: int
    messages: int
    authorizations: int

    def __bool__(self) -> bool:
        return any(astuple(self))


def unresolved(session: Session, clinic_id: int, today: date, now: datetime) -> Unresolved:
    return Unresolved(
        work_items=_count(session, WorkItem.clinic_id == clinic_id, WorkItem.closed_at.is_(None)),
        untried=_courses(session, clinic_id, today, bucket_sql(today) == Bucket.OVERDUE, ~_tried()),
        booking_problems=_count(
            session,
            Course.clinic_id == clinic_id,
            listed_on(today),
            bucket_sql(today) == Bucket.BOOKING_PROBLEM,
        ),
        messages=_messages(session, clinic_id, now),
        authorizations=_courses(session, clinic_id, today, Course.id.in_(_ending(today))),
    )


def _courses(session: Session, clinic_id: int, today: date, *which: ColumnElement[bool]) -> int:
    """Open courses of patients who are still there."""
    return _count(session, Course.clinic_id == clinic_id, open_on(today), *which)


def _tried() -> ColumnElement[bool]:
    return (
        select(ContactAttempt.id)
        .where(
            ContactAttempt.course_id == Course.id,
            ContactAttempt.taken_back_at.is_(None),
            or_(Course.reference_on.is_(None), func.date(ContactAttempt.at) > Course.reference_on),
        )
        .exists()
    )


def _messages(session: Session, clinic_id: int, now: datetime) -> int:
    """Failed or in doubt, still of use, and not settled on the work list."""
    settled = select(WorkItem.id).where(WorkItem.message_id == Message.id, WorkItem.closed_at.is_not(None))
    return _count(
        session,
        Message.clinic_id == clinic_id,
        Message.created_at > now - timedelta(MESSAGE_DAYS),
        Message.state.in_((MessageState.FAILED, MessageState.UNCERTAIN)),
        Message.expires_at > now,
        ~settled.exists(),
    )


def _ending(today: date) -> Select[int]:
    """Ids of courses whose last authorization ends within AUTHORIZATION_DAYS."""
    return (
        select(Authorization.course_id)
        .group_by(Authorization.course_id)
        .having(func.max(Authorization.ends_on).between(today, today + timedelta(AUTHORIZATION_DAYS)))
    )


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*which)) or 0
