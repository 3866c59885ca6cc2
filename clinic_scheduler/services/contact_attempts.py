"""Logging that the desk called, texted or wrote about a course, what staff decided after that, and taking it back."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.contacts import CHANNELS, DECISIONS, OUTCOMES, ContactChannel, ContactOutcome
from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.models import ContactAttempt, Course
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.due_counts import recount_course
from clinic_scheduler.services.locks import lock_course, read_anew

__all__ = ["CHANNELS", "DECISIONS", "OUTCOMES", "decide", "log", "take_back"]


def log(
    change: Change,
    course_id: int,
    channel: str,
    outcome: str,
    *,
    hide_until: date | None = None,
    note: str | None = None,
    idempotency_key: str | None = None,
) -> ContactAttempt:
    """Keep one attempt; `hide_until` takes the course off the due list until that day, in place of any earlier rest.

    The same said twice with one `idempotency_key` is kept once.
    """
    if channel not in CHANNELS or outcome not in OUTCOMES:
        raise InvalidInput(
            f"channel is one of {', '.join(CHANNELS)}; outcome is one of {', '.join(OUTCOMES)}"
        )
    return _keep(change, course_id, (channel, outcome), hide_until, note, idempotency_key)


def decide(
    change: Change,
    course_id: int,
    decision: str,
    *,
    hide_until: date | None = None,
    note: str | None = None,
    idempotency_key: str | None = None,
) -> ContactAttempt:
    """What staff decided once enough was tried; tries are counted anew from here."""
    if decision not in DECISIONS:
        raise InvalidInput(f"a decision is one of {', '.join(DECISIONS)}")
    if (decision == ContactOutcome.TRY_LATER) != (hide_until is not None):
        raise InvalidInput("trying later needs a day, keeping on the list has none")
    return _keep(change, course_id, (ContactChannel.DESK, decision), hide_until, note, idempotency_key)


def take_back(change: Change, contact_id: int) -> ContactAttempt:
    """It was logged in error: the row stays, counts for nothing, and the rest it took the place of is back.

    Twice is once. Raises ChangedMeanwhile where more was logged since, which stands on this one.
    """
    session = change.session
    row = row_in_clinic(session, ContactAttempt, change.clinic_id, contact_id)
    course = row_in_clinic(session, Course, change.clinic_id, row.course_id)
    lock_course(session, course)
    read_anew(session, row)
    if row.taken_back_at is not None:
        return row
    if _newest(session, course.id) is not row:
        raise ChangedMeanwhile
    row.taken_back_at, row.hide_until = change.now, None
    session.flush()
    before = _newest(session, course.id)
    if before is not None:
        before.hide_until = row.hidden_before
    recount_course(session, course)
    record(change, "contact_undone", "courses", course.id, patient_id=course.patient_id, outcome=row.outcome)
    return row


def _keep(
    change: Change,
    course_id: int,
    what: tuple[str, str],
    hide_until: date | None,
    note: str | None,
    key: str | None,
) -> ContactAttempt:
    session = change.session
    course = row_in_clinic(session, Course, change.clinic_id, course_id)
    lock_course(session, course)
    channel, outcome = what
    used = (
        session.scalar(select(ContactAttempt).where(ContactAttempt.idempotency_key == key)) if key else None
    )
    said = (course.id, channel, outcome, None)
    if used is not None and (used.course_id, used.channel, used.outcome, used.taken_back_at) == said:
        return used
    attempt = ContactAttempt(
        clinic_id=change.clinic_id,
        course_id=course.id,
        user_id=change.actor.user_id,
        at=change.now,
        channel=channel,
        outcome=outcome,
        hide_until=hide_until,
        hidden_before=_end_rest(session, course.id),
        note=note,
        # Something else said on the page gone back to is another contact.
        idempotency_key=key if used is None else None,
    )
    session.add(attempt)
    recount_course(session, course)
    record(change, "contacted", "courses", course.id, patient_id=course.patient_id, outcome=outcome)
    return attempt


def _end_rest(session: Session, course_id: int) -> date | None:
    """What was logged before no longer hides the course; returns until when it did."""
    rows = session.scalars(
        select(ContactAttempt).where(
            ContactAttempt.course_id == course_id, ContactAttempt.hide_until.is_not(None)
        )
    ).all()
    until = max((row.hide_until for row in rows if row.hide_until), default=None)
    for row in rows:
        row.hide_until = None
    return until


def _newest(session: Session, course_id: int) -> ContactAttempt | None:
    """The newest attempt that was not taken back."""
    return session.scalar(
        select(ContactAttempt)
        .where(ContactAttempt.course_id == course_id, ContactAttempt.taken_back_at.is_(None))
        .order_by(ContactAttempt.id.desc())
        .limit(1)
    )
