"""Standing decisions: a provider takes a block off a course until a day, and may end that early (DD-9)."""

from datetime import date, timedelta

from sqlalchemy import select

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput, NotFound
from clinic_scheduler.domain.forecast.blocks import DECIDABLE, Against
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.override_reasons import OTHER
from clinic_scheduler.models import Course, StandingDecision, Treatment
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.override_reasons import reasons_for
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import settle
from clinic_scheduler.services.locks import lock_course, read_anew
from clinic_scheduler.services.visits.guard import OverrideEntry

# Whom it concerns changes; so does what is known of them.
LONGEST = timedelta(366)


def decide(change: Change, course_id: int, entry: OverrideEntry, until: date) -> StandingDecision:
    """`entry` names the block, with a coded reason; an earlier decision about it ends with this one.

    Raises NotFound for who may not decide, InvalidInput.
    """
    course = _course_to_decide(change, course_id)
    today = change.today
    _require_right(change, course, entry, until, today)
    for earlier in course.decisions:
        if earlier.block == entry.name:
            earlier.ended_at, earlier.ended_by_id = change.now, change.actor.user_id
    row = StandingDecision(
        course_id=course.id,
        block=entry.name,
        until=until,
        reason=entry.reason,
        note=entry.note.strip() or None,
        decided_by_id=change.actor.user_id,
        decided_by=change.actor.name,
        decided_at=change.now,
    )
    change.session.add(row)
    _follow_up(change, course, row, SuppressionReason.DECIDED)
    return row


def end(change: Change, decision_id: int) -> Course:
    """The block stands again where its cause does, and visits booked meanwhile become problems. Returns the course."""
    row = change.session.get(StandingDecision, decision_id)
    if row is None:
        raise NotFound("no such decision")
    course = _course_to_decide(change, row.course_id)
    read_anew(change.session, row)
    if row.ended_at is not None:
        raise ActionRefused("This decision was ended already. Nothing was changed.")
    row.ended_at, row.ended_by_id = change.now, change.actor.user_id
    _follow_up(change, course, row, SuppressionReason.ENDED)
    return course


def end_decisions_that_did_not_know(change: Change, given: Treatment) -> None:
    """A decision about another toxin weighed what was known of it then. What is given besides is weighed anew, so it
    ends in the same unit of work; whoever calls sets dates and visits anew."""
    open_decisions = (
        select(StandingDecision)
        .join(Course, Course.id == StandingDecision.course_id)
        .where(
            Course.patient_id == given.patient_id,
            StandingDecision.block == Against.OTHER_TOXIN_REVIEW,
            StandingDecision.ended_at.is_(None),
            StandingDecision.until >= change.today,
        )
    )
    for row in change.session.scalars(open_decisions).all():
        course = change.session.get_one(Course, row.course_id)
        if given.product != course.product:
            row.ended_at, row.ended_by_id = change.now, change.actor.user_id
            _keep_on_record(change, course, row, SuppressionReason.ENDED)


def _course_to_decide(change: Change, course_id: int) -> Course:
    course = row_in_clinic(change.session, Course, change.clinic_id, course_id)
    if not change.actor.may_override:
        raise NotFound("no such course")
    lock_course(change.session, course)
    return course


def _require_right(change: Change, course: Course, entry: OverrideEntry, until: date, today: date) -> None:
    if entry.name not in DECIDABLE:
        raise InvalidInput("this cannot be decided for good; it ends when its cause does")
    if course.stopped_on is not None:
        raise InvalidInput(f"this course was stopped on {spoken(course.stopped_on)}")
    if until < today:
        raise InvalidInput(f"{spoken(until)} is in the past")
    if until > today + LONGEST:
        raise InvalidInput("a decision stands for a year at most; it is looked at anew then")
    if entry.reason not in reasons_for(change.session, change.clinic_id, Against(entry.name)):
        raise InvalidInput("choose a reason")
    if entry.reason == OTHER and not entry.note.strip():
        raise InvalidInput("write the other reason in your own words", "note", "needs_words")


def _follow_up(change: Change, course: Course, row: StandingDecision, action: SuppressionReason) -> None:
    """Blocks and dates are looked at anew in the same unit of work."""
    _keep_on_record(change, course, row, action)
    settle(change.session, course, change.now, action)


def _keep_on_record(change: Change, course: Course, row: StandingDecision, action: SuppressionReason) -> None:
    change.session.flush()
    change.session.expire(course, ["decisions"])
    record(
        change,
        action,
        "standing_decisions",
        row.id,
        patient_id=course.patient_id,
        course_id=course.id,
        block=row.block,
        until=row.until.isoformat(),
        reason=row.reason,
    )
