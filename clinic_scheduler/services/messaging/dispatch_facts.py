"""A reminder's notification out of its rows, one or many at once; whether it may go out: dispatch_rules.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.values import Revision, Visit
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.local_time import known_zone, local_date, zone_named
from clinic_scheduler.domain.messaging.consent import allowed, silence
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.dispatch_rules import ClinicFacts, Notification
from clinic_scheduler.domain.messaging.invitations import FEED, INVITATION, Method, has_entry
from clinic_scheduler.domain.messaging.kinds import EMAIL, KINDS, SMS, VISIT_CANCELLED, Plan
from clinic_scheduler.queries.calendars.milestones import REFERENCE_LENGTH
from clinic_scheduler.queries.messaging.dispatch_facts import NotificationRow, holds_of, notification_rows
from clinic_scheduler.queries.messaging.outbox import texts_lately
from clinic_scheduler.queries.messaging.visit_notifications import later_step_is_due
from clinic_scheduler.queries.messaging.visit_notifications import notifications_of as notifications_of_visit
from clinic_scheduler.services.messaging.outbox_opening import told_elsewhere
from clinic_scheduler.services.messaging.silences import cycle_over, stopped, switched_off

_LATE = timedelta(hours=12)
# The quiet hours and the one to ten: what has to wait for the morning would meet the next step there.
_SOON = timedelta(hours=14)


def notification_of(session: Session, reminder_id: int, now: datetime) -> Notification:
    """The reminder's telling from its rows. Raises ValueError or KeyError for a row that makes no sense."""
    (notification,) = notifications_now(session, [reminder_id], now)
    return notification


def notifications_now(session: Session, reminder_ids: Sequence[int], now: datetime) -> list[Notification]:
    """Each as `telling_of` has it, asked for together; raises what the first bad one raises."""
    rows = notification_rows(session, reminder_ids)
    holds = holds_of(session, rows.values())
    return [_notification(session, rows[each], holds, now) for each in reminder_ids]


def notifications_of(
    session: Session, reminder_ids: Sequence[int], now: datetime
) -> list[Notification | Exception]:
    """As `tellings_now`, but one by one where that fails, each then with its own error."""
    try:
        with session.begin_nested():
            return list[Notification | Exception](notifications_now(session, reminder_ids, now))
    except Exception:
        return [_alone(session, each, now) for each in reminder_ids]


def _alone(session: Session, reminder_id: int, now: datetime) -> Notification | Exception:
    try:
        with session.begin_nested():
            return notification_of(session, reminder_id, now)
    except Exception as error:
        return error


def _notification(
    session: Session, row: NotificationRow, holds: Mapping[int, Sequence[Hold]], now: datetime
) -> Notification:
    zone, key = zone_named(row.clinic_zone), DispatchKey.read(row.dedupe_key)
    asked_on = local_date(row.due_at, zone)
    address = row.email if row.channel == EMAIL else row.phone
    silent = silence(row.deceased_on, row.moved_on, row.do_not_contact) or stopped(
        row.stopped_on, row.kind, row.visit_kind
    )
    return Notification(
        kind=row.kind,
        channel=row.channel,
        expires_at=row.expires_at,
        clinic=ClinicFacts(
            row.clinic_name,
            row.clinic_phone,
            row.clinic_email,
            row.clinic_address or "",
            zone,
            row.clinic_text_name,
            Revision(row.calendar_revision, row.calendar_revised_at),
        ),
        given_name=row.given_name,
        address=address,
        earliest_date=row.earliest_date or asked_on,
        overdue_date=row.overdue_date or asked_on,
        holds=holds.get(row.course_id, ()),
        silenced=silent or switched_off(row.reminders_off, row.kind),
        visit=_visit(row),
        has_open_visit=row.has_open_visit,
        patient_id=row.patient_id,
        appointment_id=row.appointment_id,
        step=row.step,
        language=row.language,
        zone=(known_zone(row.zone) if row.zone else None) or zone,
        purpose=KINDS[row.kind].purpose,
        calendar_feed_uid=row.calendar_feed_uid,
        agreed=allowed(row.last_word),
        told_elsewhere=row.has_other_channel and told_elsewhere(session, key),
        texts=texts_lately(session, address, now, row.id) if row.channel == SMS and address else (),
        cycle_over=row.course_id is not None and cycle_over(row.reference_on, row.kind, key),
        overtaken=_overtaken(session, row, now),
        invitation=_invitation(session, row, address),
        by_invitation=row.calendar_by != FEED,
    )


def _overtaken(session: Session, row: NotificationRow, now: datetime) -> bool:
    """Steps lie about a day apart, so it is worth asking of what is late alone."""
    before_visit = KINDS[row.kind].plan is Plan.BEFORE_VISIT
    late = before_visit and now - row.due_at > _LATE and row.appointment_id is not None
    return late and later_step_is_due(session, row, now + _SOON)


def _invitation(session: Session, row: NotificationRow, address: str | None) -> Method | None:
    """An entry is taken back only where one was sent: a CANCEL of nothing would puzzle its reader."""
    if row.step != INVITATION or row.channel != EMAIL or row.appointment_id is None:
        return None
    if row.kind != VISIT_CANCELLED:
        return "REQUEST"
    before = [
        notification
        for notification in notifications_of_visit(session, row.appointment_id)
        if notification.id != row.id
    ]
    return "CANCEL" if has_entry(before, address, surely=True) else None


def _visit(row: NotificationRow) -> Visit | None:
    if row.visit_uid is None:
        return None
    return Visit(
        id=row.visit_uid,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.visit_zone,
        status=row.visit_state,
        sequence=row.sequence,
        updated_at=row.updated_at,
        provider_name=row.provider_name,
        reference=row.visit_course_uid[:REFERENCE_LENGTH],
        course_id=row.visit_course_uid,
        kind=row.visit_kind,
    )
