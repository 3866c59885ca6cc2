"""Notifying a patient of what was just done to their visit: booked, moved, cancelled; and not of what was undone.

Planned a little ahead, so that whoever takes a step back at the desk has told nobody. Whoever has visits by
invitation is told by e-mail whatever the clinic's rules say, since that e-mail is the entry in their calendar.
Words and sending are not here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.consent import allowed
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import (
    FEED,
    INVITATION,
    VisitNotification,
    booking_owed,
    entry_is_old,
    has_entry,
    told_at,
    was_tried,
)
from clinic_scheduler.domain.messaging.kinds import (
    EMAIL,
    VISIT_BOOKED,
    VISIT_CANCELLED,
    VISIT_MOVED,
)
from clinic_scheduler.domain.messaging.kinds import KINDS as MESSAGE_KINDS
from clinic_scheduler.domain.messaging.reminder_plan import GRACE
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.messaging.states import ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.models import Appointment, Patient, Reminder
from clinic_scheduler.queries.messaging.consents import last_word
from clinic_scheduler.queries.messaging.reminder_rules import clinic_rules
from clinic_scheduler.queries.messaging.visit_notifications import KINDS, notifications_of
from clinic_scheduler.queries.patients.record import to_come, visits_ahead
from clinic_scheduler.services.messaging.reminder_planning import insert_reminders
from clinic_scheduler.services.messaging.reminder_states import plan_again, suppress_all
from clinic_scheduler.services.messaging.silences import silenced

_WITHDRAWN = (
    SuppressionReason.MOVED,
    SuppressionReason.CANCELLED,
    SuppressionReason.UNDONE,
    SuppressionReason.REPLANNED,
)


def notify_booked(session: Session, visit: Appointment, now: datetime) -> None:
    _plan(session, visit, VISIT_BOOKED, now)


def booking_told(
    session: Session, visit: Appointment, now: datetime, rules: ClinicRules
) -> list[dict[str, Any]]:
    """The same of a visit just added, of which nothing was told before: the reminder to write, or none."""
    notification = _notification(session, visit, VISIT_BOOKED, now, rules, ())
    return [notification] if notification else []


def notify_moved(
    session: Session, visit: Appointment, now: datetime, rules: ClinicRules | None = None
) -> None:
    """Whoever has not been told of the booking yet is told of that, with the time that holds now."""
    notifications = notifications_of(session, visit.id)
    waiting = any(notification.state == ReminderState.PENDING for notification in notifications)
    withdrawn = _withdraw(session, visit, SuppressionReason.MOVED, now) if waiting else set()
    _plan(
        session, visit, VISIT_BOOKED if VISIT_BOOKED in withdrawn else VISIT_MOVED, now, rules, notifications
    )


def notify_reassigned(
    session: Session, visit: Appointment, now: datetime, rules: ClinicRules | None = None
) -> None:
    """Another provider at the same hour: nothing has moved, but an invitation is sent anew.

    What still waits to be told needs no second one: it is written from the visit as it then is.
    """
    notifications = notifications_of(session, visit.id)
    waiting = any(notification.state == ReminderState.PENDING for notification in notifications)
    if not waiting and _by_invitation(session, visit, VISIT_BOOKED, notifications):
        _plan(session, visit, VISIT_BOOKED, now, rules, notifications)


def notify_cancelled(session: Session, visit: Appointment, now: datetime) -> None:
    """A visit booked and cancelled within the grace was never told of: there is nothing to take back.

    Neither is there where a cancellation was told, and its undoing was not.
    """
    withdrawn = _withdraw(session, visit, SuppressionReason.CANCELLED, now)
    told = [notification.kind for notification in notifications_of(session, visit.id) if notification.told]
    if withdrawn and told[-1:] == [VISIT_CANCELLED]:
        return
    if visit.created_at <= now - GRACE:
        _plan(session, visit, VISIT_CANCELLED, now)


def notify_undone(session: Session, visit: Appointment, now: datetime) -> None:
    """The last move or cancellation was taken back: told only to whoever had been told of it.

    Whoever was never told of the booking, as all of this went so fast, is told of that.
    """
    _withdraw(session, visit, SuppressionReason.UNDONE, now)
    notifications = notifications_of(session, visit.id)
    if told_at(notifications, visit.sequence - 1):
        _plan(session, visit, VISIT_MOVED, now)
    elif booking_owed(notifications, _WITHDRAWN):
        _plan(session, visit, VISIT_BOOKED, now)


def told_elsewhere(
    session: Session, visit: Appointment, kind: str, because: SuppressionReason, now: datetime
) -> None:
    """Another system moved or cancelled the visit and has told the patient: only an entry of ours is corrected."""
    _withdraw(session, visit, because, now)
    has_ours = has_entry(notifications_of(session, visit.id), visit.patient.email)
    if has_ours and _by_invitation(session, visit, kind):
        _plan(session, visit, kind, now)


def keep_calendar(session: Session, patient: Patient, now: datetime) -> None:
    """Invite a patient to the visits ahead that their calendar lacks, after their record was changed.

    What waits to be told takes the form they want by now: with an invitation, or without.
    """
    for visit in visits_ahead(session, patient.id, now):
        notifications = notifications_of(session, visit.id)
        waiting = [
            notification for notification in notifications if notification.state == ReminderState.PENDING
        ]
        if any((each.step == INVITATION) != _by_invitation(session, visit, each.kind) for each in waiting):
            _withdraw(session, visit, SuppressionReason.REPLANNED, now)
            _plan(session, visit, waiting[-1].kind, now)
        elif (
            not waiting
            and not _invited(notifications, patient)
            and _by_invitation(session, visit, VISIT_BOOKED)
        ):
            _plan(session, visit, VISIT_BOOKED, now)


def catch_up(session: Session, patient: Patient, now: datetime) -> None:
    """The patient may be written to again: they are invited to what was booked meanwhile, and what has become of
    the visits in their calendar is told.
    """
    keep_calendar(session, patient, now)
    for visit in to_come(session, patient.id, now):
        notifications = notifications_of(session, visit.id)
        waiting = any(notification.state == ReminderState.PENDING for notification in notifications)
        if not waiting and entry_is_old(notifications, patient.email, visit.sequence):
            _plan(
                session, visit, VISIT_CANCELLED if visit.state == VisitState.CANCELLED else VISIT_BOOKED, now
            )


def _invited(notifications: list[VisitNotification], patient: Patient) -> bool:
    """One that is queued follows a corrected address by itself."""
    queued = any(each.state == ReminderState.QUEUED and each.step == INVITATION for each in notifications)
    return queued or was_tried(notifications, patient.email)


def _by_invitation(
    session: Session, visit: Appointment, kind: str, notifications: Sequence[VisitNotification] | None = None
) -> bool:
    """Whether this goes as an invitation: wanted, or the correction of an entry that an earlier one made."""
    patient = visit.patient
    if not patient.email or not allowed(last_word(session, patient.id, MESSAGE_KINDS[kind].purpose, EMAIL)):
        return False
    if kind != VISIT_CANCELLED and patient.calendar_by != FEED:
        return True
    return has_entry(
        notifications_of(session, visit.id) if notifications is None else notifications, patient.email
    )


def _plan(
    session: Session,
    visit: Appointment,
    kind: str,
    now: datetime,
    rules: ClinicRules | None = None,
    notifications: Sequence[VisitNotification] | None = None,
) -> None:
    """`rules` and `tellings` are the clinic's and the visit's, read where they are not given."""
    told = notifications_of(session, visit.id) if notifications is None else notifications
    notification = _notification(
        session, visit, kind, now, rules or clinic_rules(session, visit.clinic_id), told
    )
    if notification is None:
        return
    if notification["dedupe_key"] not in {str(each.key) for each in told}:
        insert_reminders(session, [notification])
        return
    # The same notification was there before: if it was taken back it waits again, unless staff stopped it.
    changing = {name: notification[name] for name in ("step", "due_at", "expires_at", "updated_at")}
    by_staff = Reminder.suppressed_reason == SuppressionReason.STOPPED_BY_STAFF
    plan_again(session, Reminder.dedupe_key == notification["dedupe_key"], ~by_staff, **changing)


def _notification(
    session: Session,
    visit: Appointment,
    kind: str,
    now: datetime,
    rules: ClinicRules,
    notifications: Sequence[VisitNotification],
) -> dict[str, Any] | None:
    """The reminder, by column. Due once the grace is over; quiet hours are the outbox's to judge.

    It ends as the visit would start.
    """
    due_at, course = now + GRACE, visit.course
    if silenced(course, kind, visit.kind) or due_at >= visit.starts_at:
        return None
    by_invitation = kind not in rules.stopped and _by_invitation(session, visit, kind, notifications)
    if not by_invitation and not rules.in_force(course.indication)[kind].is_on:
        return None
    channel = EMAIL if by_invitation else visit.patient.preferred_channel
    key = DispatchKey.of_visit(visit.id, kind, channel, visit.sequence)
    if by_invitation:
        key = _key_for(notifications, key, visit.patient.email)
    return {
        "clinic_id": visit.clinic_id,
        "patient_id": visit.patient_id,
        "course_id": visit.course_id,
        "appointment_id": visit.id,
        "kind": kind,
        "step": INVITATION if by_invitation else kind,
        "channel": channel,
        "dedupe_key": str(key),
        "due_at": due_at,
        "expires_at": visit.starts_at,
        "created_at": now,
        "updated_at": now,
    }


def _key_for(
    notifications: Sequence[VisitNotification], key: DispatchKey, address: str | None
) -> DispatchKey:
    """The key, or one more of its kind where the same invitation went to another address before."""
    spent = [each.id for each in notifications if replace(each.key, after="") == key and each.tried]
    return key.again_after(spent[-1]) if spent and not was_tried(notifications, address) else key


def _withdraw(session: Session, visit: Appointment, because: SuppressionReason, now: datetime) -> set[str]:
    """Take back what nobody has been told yet. Returns the kinds."""
    of_visit = Reminder.appointment_id == visit.id, Reminder.kind.in_(KINDS)
    pending = select(Reminder.kind).where(*of_visit, Reminder.state == ReminderState.PENDING)
    withdrawn = set(session.scalars(pending))
    if withdrawn:
        suppress_all(session, *of_visit, because=because, now=now)
    return withdrawn
