"""What becomes of one course's reminders: its rows brought to what its state wants. Reads and adds nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import INVITATION
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.reminder_plan import (
    CourseState,
    Planned,
    VisitAhead,
    plan,
    plan_of_old,
)
from clinic_scheduler.domain.messaging.reminder_rules import Rule
from clinic_scheduler.domain.messaging.states import NOT_YET_TOLD, TOLD, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    NEVER_BOOKED,
    OPEN_STATES,
    OTHER_KINDS,
    VisitKind,
    VisitState,
)
from clinic_scheduler.models import Course, Reminder
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services.messaging.reminder_states import move_to
from clinic_scheduler.services.messaging.silences import (
    cycle_from,
    silenced,
    stopped,
    wished_silent,
)

# No cycle is as short; whoever was told a step within this time was told it of this very cycle.
_LATELY = timedelta(30)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and because of what a plan is made, and the rules in force for the course."""

    now: datetime
    zone: ZoneInfo
    because: SuppressionReason
    in_force: Mapping[str, Rule]


def bring_to_plan(
    state: CourseState,
    course: Course,
    visits: Sequence[KnownVisit],
    rows: Sequence[Reminder],
    occasion: Occasion,
) -> list[dict[str, Any]]:
    """Change a course's rows to what its state wants, and say what is missing among them."""
    now, zone, in_force = occasion.now, occasion.zone, occasion.in_force
    kinds, channel = {visit.id: visit.kind for visit in visits}, course.patient.preferred_channel
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
            _suppress(row, state.silenced or state.ended or SuppressionReason.SWITCHED_OFF, now)
        elif not KINDS[row.kind].is_planned:
            about = kinds.get(row.appointment_id) if row.appointment_id else None
            _suppress_if(silenced(course, row.kind, about), row, now)
        elif row.dedupe_key in wanted:
            _bring_in_line(row, wanted[row.dedupe_key], of_old.get(row.dedupe_key), now)
        elif row.dedupe_key not in of_old or row.expires_at <= now:
            _suppress(row, state.silenced or state.ended or occasion.because, now)
    known = {row.dedupe_key for row in rows}
    return [
        _values(course, channel, key, notification, now)
        for key, notification in wanted.items()
        if key not in known
    ]


def course_state(course: Course, visits: Sequence[KnownVisit], holds: Sequence[Hold]) -> CourseState:
    stands = {kind: _standing(course, kind, visits) for kind in VisitKind}
    booked, missed = stands[VisitKind.INJECTION]
    others = [stands[kind] for kind in OTHER_KINDS]
    return CourseState(
        course_id=course.id,
        cycle=cycle_from(course.reference_on),
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        lapse_date=course.lapse_date,
        indication=course.indication,
        reference_on=course.reference_on,
        cycles_given=course.cycles_given,
        holds=holds,
        silenced=wished_silent(course.patient),
        ended=stopped(course.stopped_on),
        appointment_id=booked.id if booked else None,
        starts_at=booked.starts_at if booked else None,
        missed_id=missed.id if missed else None,
        missed_on=missed.local_date if missed else None,
        others=[VisitAhead(visit.id, visit.starts_at) for visit, _ in others if visit],
        others_missed=[(visit.id, visit.local_date) for _, visit in others if visit],
    )


def _standing(
    course: Course, kind: VisitKind, visits: Sequence[KnownVisit]
) -> tuple[KnownVisit | None, KnownVisit | None]:
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


def _was_booked(visit: KnownVisit) -> bool:
    """A time that is or was only held for an answer is no visit anybody stayed away from, nor booked since."""
    return visit.state not in AWAITING_ANSWER and visit.cancel_reason not in NEVER_BOOKED


def _not_told_lately(rows: Sequence[Reminder], wanted: dict[str, Planned]) -> dict[str, Planned]:
    """A corrected treatment renames the cycle, another channel the key: the same step is not told again."""
    told = [row for row in rows if row.state in TOLD and KINDS[row.kind].is_once_a_cycle]

    def lately(notification: Planned) -> bool:
        near = notification.due_at - _LATELY
        return any(row.step == notification.step and row.due_at >= near for row in told)

    return {key: notification for key, notification in wanted.items() if not lately(notification)}


def _not_stopped(rows: Sequence[Reminder], wanted: dict[str, Planned]) -> dict[str, Planned]:
    """What staff stopped on one channel is not planned on another that the patient now prefers."""
    stopped = [
        DispatchKey.read(row.dedupe_key)
        for row in rows
        if row.suppressed_reason == SuppressionReason.STOPPED_BY_STAFF
    ]

    def elsewhere(key: DispatchKey) -> bool:
        return any(each.channel != key.channel and each.on(key.channel) == key for each in stopped)

    return {key: notification for key, notification in wanted.items() if not elsewhere(DispatchKey.read(key))}


def _bring_in_line(row: Reminder, notification: Planned, of_old: Planned | None, now: datetime) -> None:
    if row.suppressed_reason == SuppressionReason.STOPPED_BY_STAFF:
        return
    # What is already due stays due; a plan made again must not push it to another morning.
    pending = row.state == ReminderState.PENDING
    stays = pending and row.due_at <= now and of_old is not None and of_old.due_at <= now
    due_at = row.due_at if stays else notification.due_at
    if pending and (row.due_at, row.expires_at) == (due_at, notification.expires_at):
        return
    move_to(row, ReminderState.PENDING, now)
    row.due_at, row.expires_at = due_at, notification.expires_at


def _suppress_if(because: SuppressionReason | None, row: Reminder, now: datetime) -> None:
    if because:
        _suppress(row, because, now)


def _suppress(row: Reminder, because: SuppressionReason, now: datetime) -> None:
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
