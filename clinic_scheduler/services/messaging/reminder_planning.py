"""Planning a course's reminders: bringing the stored rows to what the rules want."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.messaging.states import NOT_YET_TOLD, TOLD
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Course, Reminder
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.courses.history_values import hold_value
from clinic_scheduler.queries.messaging.reminder_rules import clinic_rules
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.known_visits import known_visits
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging.reminder_rows import Occasion, bring_to_plan, course_state

_LOOK_BACK = timedelta(60)
# Built once: every booking asks it.
_PLANNED = select(Reminder).where(
    Reminder.course_id.in_(bindparam("courses", expanding=True)),
    or_(
        Reminder.state.in_(NOT_YET_TOLD),
        and_(Reminder.state.in_(TOLD), Reminder.due_at >= bindparam("lately")),
    ),
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What a change has read of clinic and patient already, so that planning does not read it again.

    `history` is the patient's as it is by now, with all visits. `also` are reminders to write beside the missing ones.
    """

    zone: ZoneInfo | None = None
    rules: ClinicRules | None = None
    history: PatientHistory | None = None
    also: Sequence[Mapping[str, Any]] = ()


def replan(
    session: Session,
    course: Course,
    now: datetime,
    because: SuppressionReason,
    rules: ClinicRules | None = None,
    zone: ZoneInfo | None = None,
) -> None:
    """Plan what is missing and suppress what no longer holds, saying `because` (moved, cancelled, treated, ...).

    What was sent, or is being sent, is left alone and never repeated: the dedupe key sees to it. `rules` and
    `zone` are the clinic's, looked up where they are not given.
    """
    replan_known(session, [course], now, because, Known(zone, rules))


def replan_all(
    session: Session, patient_id: int, now: datetime, because: SuppressionReason, zone: ZoneInfo
) -> None:
    """A treatment moves its own course, and through the cap it may move the patient's others."""
    courses = session.scalars(select(Course).where(Course.patient_id == patient_id)).all()
    replan_known(session, courses, now, because, Known(zone))


def replan_known(
    session: Session, courses: Sequence[Course], now: datetime, because: SuppressionReason, known: Known
) -> None:
    """The same for courses of one patient, by what is known already."""
    if not courses:
        return
    clinic_id, history = courses[0].clinic_id, known.history
    if history is None:
        session.flush()
    zone = known.zone or clinic_zone(session, clinic_id)
    rules = known.rules or clinic_rules(session, clinic_id)
    read = history.visits if history else None
    visits = known_visits(session, courses[0].patient_id) if read is None else read
    # What the change has yet to write goes with what follows here, each row once.
    with session.no_autoflush:
        rows = _rows(session, [course.id for course in courses], now)
    missing = list(known.also)
    for course in courses:
        holds = history.holds_on(course.id) if history else [hold_value(hold) for hold in course.holds]
        own = [visit for visit in visits if visit.course_id == course.id]
        planned = [row for row in rows if row.course_id == course.id]
        occasion = Occasion(now, zone, because, rules.in_force(course.indication))
        missing += bring_to_plan(course_state(course, own, holds), course, own, planned, occasion)
        course.reminders_planned_at = now
    insert_reminders(session, missing)


def replan_unplanned(session: Session, now: datetime, limit: int = 200) -> int:
    """Plan courses nobody has planned yet, or not since a rule changed. Returns how many were seen to.

    A course that cannot be planned is logged and left until its next change; the others go on.
    """
    courses = session.scalars(
        select(Course)
        .where(Course.reminders_planned_at.is_(None))
        .order_by(Course.id)
        .limit(limit)
        .options(joinedload(Course.patient), selectinload(Course.holds))
        .with_for_update(skip_locked=True, of=Course)
    ).all()
    rules = {clinic_id: clinic_rules(session, clinic_id) for clinic_id in {c.clinic_id for c in courses}}
    for course in courses:
        course_id = course.id
        try:
            with session.begin_nested():
                replan(session, course, now, SuppressionReason.REPLANNED, rules[course.clinic_id])
        except Exception as error:
            # Only the error's type: its text may quote a row.
            logger.error("course %s cannot be planned (%s); left as it is", course_id, type(error).__name__)
            session.execute(update(Course).where(Course.id == course_id).values(reminders_planned_at=now))
    return len(courses)


def insert_reminders(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """INSERT ... ON CONFLICT DO NOTHING: two planners agree on one row."""
    if not rows:
        return
    once = insert_into(session, Reminder).on_conflict_do_nothing(index_elements=[Reminder.dedupe_key])
    session.execute(once, rows)


def _rows(session: Session, course_ids: Sequence[int], now: datetime) -> Sequence[Reminder]:
    """What waits or waited, and what was told lately."""
    return session.scalars(_PLANNED, {"courses": course_ids, "lately": now - _LOOK_BACK}).all()
