"""Planning a course's reminders: bringing the stored rows to what the rules want."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic_scheduler.domain.messaging.consent import silence
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import INVITATION
from clinic_scheduler.domain.messaging.kinds import (
    KINDS,
    VISIT_CANCELLED,
)
from clinic_scheduler.domain.messaging.reminder_plan import (
    CourseState,
    Planned,
    VisitAhead,
    plan,
    plan_of_old,
)
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.messaging.states import NOT_YET_TOLD, TOLD, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import STOPPED_BY_STAFF
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    NEVER_BOOKED,
    OPEN_STATES,
    OTHER_KINDS,
    VisitKind,
    VisitState,
)
from clinic_scheduler.models import Appointment, Course, Patient, Reminder
from clinic_scheduler.queries.courses.histories import hold_value
from clinic_scheduler.queries.messaging.reminder_rules import clinic_rules
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging.reminder_states import move_to

REPLANNED = "replanned"
SWITCHED_OFF = "switched_off"
# No cycle is as short; whoever was told a step within this time was told it of this very cycle.
_LATELY = timedelta(30)
_LOOK_BACK = timedelta(60)
logger = logging.getLogger(__name__)


def replan(
    session: Session,
    course: Course,
    now: datetime,
    because: str,
    rules: ClinicRules | None = None,
    zone: ZoneInfo | None = None,
) -> None:
    """Plan what is missing and suppress what no longer holds, saying `because` (moved, cancelled, treated, ...).

    What was sent, or is being sent, is left alone and never repeated: the dedupe key sees to it. `rules` and
    `zone` are the clinic's, looked up where they are not given.
    """
    session.flush()
    zone = zone or clinic_zone(session, course.clinic_id)
    in_force = (rules or clinic_rules(session, course.clinic_id)).in_force(course.indication)
    visits = session.scalars(select(Appointment).where(Appointment.course_id == course.id)).all()
    kinds = {visit.id: visit.kind for visit in visits}
    state, channel = _state(course, visits), course.patient.preferred_channel
    rows = _rows(session, course, now)
    wanted = {
        str(notification.key(state, channel)): notification
        for notification in plan(state, zone, now, in_force)
    }
    wanted = _not_stopped(rows, _not_told_lately(rows, wanted))
    of_old = {
        str(notification.key(state, channel)): notification
        for notification in plan_of_old(state, zone, in_force)
    }
    for row in rows:
        if row.state not in NOT_YET_TOLD:
            continue
        # An invitation is the entry in a calendar: no rule keeps it back, only the switch asked as it goes out.
        if row.kind in in_force and not in_force[row.kind].is_on and row.step != INVITATION:
            _suppress(row, state.silenced or state.ended or SWITCHED_OFF, now)
        elif not KINDS[row.kind].is_planned:
            about = kinds.get(row.appointment_id) if row.appointment_id else None
            _suppress_if(silenced(course, row.kind, about), row, now)
        elif row.dedupe_key in wanted:
            _bring_in_line(row, wanted[row.dedupe_key], of_old.get(row.dedupe_key), now)
        elif row.dedupe_key not in of_old or row.expires_at <= now:
            _suppress(row, state.silenced or state.ended or because, now)
    known = {row.dedupe_key for row in rows}
    missing = {key: notification for key, notification in wanted.items() if key not in known}
    insert_reminders(session, [_values(course, channel, *one, now) for one in missing.items()])
    course.reminders_planned_at = now


def replan_all(session: Session, patient_id: int, now: datetime, because: str, zone: ZoneInfo) -> None:
    """A treatment moves its own course, and through the cap it may move the patient's others."""
    for course in session.scalars(select(Course).where(Course.patient_id == patient_id)):
        replan(session, course, now, because, zone=zone)


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
                replan(session, course, now, REPLANNED, rules[course.clinic_id])
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


def _state(course: Course, visits: Sequence[Appointment]) -> CourseState:
    stands = {kind: _standing(course, kind, visits) for kind in VisitKind}
    booked, missed = stands[VisitKind.INJECTION]
    others = [stands[kind] for kind in OTHER_KINDS]
    return CourseState(
        course_id=course.id,
        cycle=_cycle(course.reference_on),
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        lapse_date=course.lapse_date,
        indication=course.indication,
        reference_on=course.reference_on,
        cycles_given=course.cycles_given,
        holds=tuple(hold_value(hold) for hold in course.holds),
        silenced=_wished_silent(course.patient),
        ended=stopped(course.stopped_on),
        appointment_id=booked.id if booked else None,
        starts_at=booked.starts_at if booked else None,
        missed_id=missed.id if missed else None,
        missed_on=missed.local_date if missed else None,
        others=[VisitAhead(visit.id, visit.starts_at) for visit, _ in others if visit],
        others_missed=[(visit.id, visit.local_date) for _, visit in others if visit],
    )


def _standing(
    course: Course, kind: VisitKind, visits: Sequence[Appointment]
) -> tuple[Appointment | None, Appointment | None]:
    """Of one kind: the visit that is booked, or else the one nobody came to, if that is the last that happened.

    It is not where another was booked since, or the patient was treated; or seen, where it was a consultation.
    """
    own = [visit for visit in visits if visit.kind == kind and _was_booked(visit)]
    booked = next((visit for visit in own if visit.state in OPEN_STATES), None)
    last = max(own, key=lambda visit: (visit.updated_at, visit.id), default=None)
    if booked is not None or last is None or last.state != VisitState.NOSHOW:
        return booked, None
    seen_on = course.consulted_on if kind == VisitKind.CONSULTATION else None
    since = [day for day in (course.reference_on, seen_on) if day is not None]
    return None, None if any(day >= last.local_date for day in since) else last


def _was_booked(visit: Appointment) -> bool:
    """A time that is or was only held for an answer is no visit anybody stayed away from, nor booked since."""
    return visit.state not in AWAITING_ANSWER and visit.cancel_reason not in NEVER_BOOKED


def _rows(session: Session, course: Course, now: datetime) -> Sequence[Reminder]:
    """What waits or waited, and what was told lately."""
    waiting = Reminder.state.in_(NOT_YET_TOLD)
    told = and_(Reminder.state.in_(TOLD), Reminder.due_at >= now - _LOOK_BACK)
    return session.scalars(select(Reminder).where(Reminder.course_id == course.id, or_(waiting, told))).all()


def silenced(course: Course, kind: str, visit_kind: str | None) -> str | None:
    """Why nothing of this kind, about a visit of that kind, may be told about this course; None where it may."""
    return _wished_silent(course.patient) or stopped(course.stopped_on, kind, visit_kind)


def _wished_silent(patient: Patient) -> str | None:
    return silence(patient.deceased_on, patient.moved_on, patient.do_not_contact)


def stopped(stopped_on: date | None, kind: str = "", visit_kind: str | None = None) -> str | None:
    """Why the course's end silences this kind of notification, about a visit of that kind where it is about one.

    That a visit is off must still be heard by whoever had it; and whoever is seen once the course has ended is told
    of that visit like anybody.
    """
    heard = kind == VISIT_CANCELLED or visit_kind in OTHER_KINDS
    return "course_stopped" if stopped_on is not None and not heard else None


def switched_off(reminders_off: str, kind: str) -> str | None:
    """Why this kind is told to nobody, or None while the clinic has it switched on."""
    return SWITCHED_OFF if kind in reminders_off.split() else None


def cycle_over(reference_on: date | None, kind: str, key: DispatchKey) -> bool:
    """Whether a treatment, or taking one out, has ended the cycle a reminder was planned for."""
    return KINDS[kind].is_planned and key.cycle not in ("", _cycle(reference_on))


def _cycle(reference_on: date | None) -> str:
    return reference_on.isoformat() if reference_on else "first"


def _not_told_lately(rows: Sequence[Reminder], wanted: dict[str, Planned]) -> dict[str, Planned]:
    """A corrected treatment renames the cycle, another channel the key: the same step is not told again."""
    told = [row for row in rows if row.state in TOLD and KINDS[row.kind].is_once_a_cycle]

    def lately(notification: Planned) -> bool:
        near = notification.due_at - _LATELY
        return any(row.step == notification.step and row.due_at >= near for row in told)

    return {key: notification for key, notification in wanted.items() if not lately(notification)}


def _not_stopped(rows: Sequence[Reminder], wanted: dict[str, Planned]) -> dict[str, Planned]:
    """What staff stopped on one channel is not planned on another that the patient now prefers."""
    stopped = [DispatchKey.read(row.dedupe_key) for row in rows if row.suppressed_reason == STOPPED_BY_STAFF]

    def elsewhere(key: DispatchKey) -> bool:
        return any(each.channel != key.channel and each.on(key.channel) == key for each in stopped)

    return {key: notification for key, notification in wanted.items() if not elsewhere(DispatchKey.read(key))}


def _bring_in_line(row: Reminder, notification: Planned, of_old: Planned | None, now: datetime) -> None:
    if row.suppressed_reason == STOPPED_BY_STAFF:
        return
    # What is already due stays due; a plan made again must not push it to another morning.
    pending = row.state == ReminderState.PENDING
    stays = pending and row.due_at <= now and of_old is not None and of_old.due_at <= now
    due_at = row.due_at if stays else notification.due_at
    if pending and (row.due_at, row.expires_at) == (due_at, notification.expires_at):
        return
    move_to(row, ReminderState.PENDING, now)
    row.due_at, row.expires_at = due_at, notification.expires_at


def _suppress_if(because: str | None, row: Reminder, now: datetime) -> None:
    if because:
        _suppress(row, because, now)


def _suppress(row: Reminder, because: str, now: datetime) -> None:
    if row.state == ReminderState.PENDING:
        move_to(row, ReminderState.SUPPRESSED, now, because)


def _values(course: Course, channel: str, key: str, notification: Planned, now: datetime) -> dict[str, Any]:
    return {
        "clinic_id": course.clinic_id,
        "patient_id": course.patient_id,
        "course_id": course.id,
        "appointment_id": notification.appointment_id,
        "kind": notification.kind,
        "step": notification.step,
        "channel": channel,
        "dedupe_key": key,
        "due_at": notification.due_at,
        "expires_at": notification.expires_at,
        "created_at": now,
        "updated_at": now,
    }
