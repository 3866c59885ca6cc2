"""The way out, up to the hand-over: due reminders become messages, a worker claims one and asks once more.

How a try ended, and what happens to messages left behind, is in outbox_outcomes.py.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.consent import allowed, silence
from clinic_scheduler.domain.invitations import FEED, INVITATION, Method, has_entry
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.domain.telling_kinds import EMAIL, PURPOSE_OF, SMS, VISIT_CANCELLED
from clinic_scheduler.models import Course, Message, Patient, Reminder
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.calendars import visit_value
from clinic_scheduler.queries.consents import last_word
from clinic_scheduler.queries.histories import hold_values
from clinic_scheduler.queries.outbox import (
    due_reminders,
    locked_message,
    next_messages,
    telling_rows,
    texts_lately,
)
from clinic_scheduler.queries.visit_tellings import tellings_of
from clinic_scheduler.services.locks import lock_reached
from clinic_scheduler.services.outbox_opening import (
    UNREACHED,
    address_on,
    open_message,
    tell_otherwise_or_the_desk,
    told_elsewhere,
    uid_host_of,
)
from clinic_scheduler.services.outbox_outcomes import close, held, note
from clinic_scheduler.services.outbox_rules import (
    FIRST_BACK_OFF,
    LEASE,
    Claimed,
    ClinicFacts,
    Stop,
    Telling,
    Verdict,
    Wait,
    judge,
)
from clinic_scheduler.services.reminders import cycle_over, silenced, switched_off

logger = logging.getLogger(__name__)


def queue_due(
    session: Session, now: datetime, channels: Collection[str], uid_host: str, limit: int
) -> Counter[str]:
    """Turn due reminders into messages, or close them with the reason. Returns how many went which way.

    A reminder that cannot be judged is put off and logged; the others go on.
    """
    counts: Counter[str] = Counter()
    for reminder in due_reminders(session, now, limit):
        reminder_id = reminder.id
        try:
            with session.begin_nested():
                counts[_queue(session, reminder, now, channels, uid_host)] += 1
        except Exception as error:
            # Only the error's type: its text may quote a row.
            logger.error("reminder %s cannot be judged (%s); put off", reminder_id, type(error).__name__)
            reminder.due_at = now + FIRST_BACK_OFF * 15
            counts["put_off"] += 1
    return counts


def _queue(
    session: Session, reminder: Reminder, now: datetime, channels: Collection[str], uid_host: str
) -> str:
    telling = telling_of(session, reminder.id, now)
    verdict = judge(telling, now, channels)
    reminder.updated_at = now
    if isinstance(verdict, Wait):
        reminder.due_at = verdict.until
        return "quiet"
    if verdict is None and not open_message(session, reminder, telling.address or "", now, uid_host):
        verdict = Stop("already_told")
    if verdict is None:
        reminder.state = "queued"
        return "queued"
    reminder.state, reminder.suppressed_reason = "suppressed", verdict.reason
    if verdict.reason in UNREACHED:
        tell_otherwise_or_the_desk(session, reminder, uid_host, now)
    return "suppressed"


def claim(session: Session, now: datetime) -> Claimed | None:
    """Lease the next message to the caller, or None when nothing waits."""
    found = next_messages(session, now, 1)
    return _leased(found[0], now) if found else None


def claim_prepared(
    session: Session, now: datetime, channels: Collection[str], limit: int
) -> list[tuple[Claimed, Telling | Exception | None]]:
    """Lease the next messages, each with what to say: as `prepare` has it, or the error of a row without sense."""
    return [
        (claimed, _told(session, message, claimed, now, channels))
        for message in next_messages(session, now, limit)
        for claimed in [_leased(message, now)]
    ]


def _told(
    session: Session, message: Message, claimed: Claimed, now: datetime, channels: Collection[str]
) -> Telling | Exception | None:
    try:
        with session.begin_nested():
            return _prepared(session, message, claimed, now, channels)
    except Exception as error:
        return error


def release(session: Session, claimed: Claimed, now: datetime) -> None:
    """Give back a message that was not tried, as if it had not been claimed."""
    message = locked_message(session, claimed.message_id)
    if held(message, claimed.token):
        message.state, message.next_attempt_at = "pending", now
        message.lease_token = message.lease_until = None
        message.attempt -= 1


def _leased(message: Message, now: datetime) -> Claimed:
    token = opaque_id()
    message.state, message.lease_token, message.lease_until = "sending", token, now + LEASE
    message.attempt += 1
    return Claimed(
        message_id=message.id,
        reminder_id=message.reminder_id,
        uid=message.uid,
        token=token,
        attempt=message.attempt,
        doubtful=message.maybe_sent,
        mail_id=message.message_id,
        created_at=message.created_at,
    )


def prepare(session: Session, claimed: Claimed, now: datetime, channels: Collection[str]) -> Telling | None:
    """What to say and to whom, as of now; None when it is not to be sent, which is then on record.

    A corrected address is taken up here, so a message that waits for a better hour follows its patient.
    """
    message = locked_message(session, claimed.message_id)
    return _prepared(session, message, claimed, now, channels) if held(message, claimed.token) else None


def _prepared(
    session: Session, message: Message, claimed: Claimed, now: datetime, channels: Collection[str]
) -> Telling | None:
    telling = telling_of(session, claimed.reminder_id, now)
    verdict = judge(telling, now, channels)
    if verdict is not None:
        _turn_back(session, message, verdict, now)
        return None
    message.address = telling.address or ""
    return telling


def hand_over(
    session: Session, claimed: Claimed, address: str | None, now: datetime, channels: Collection[str]
) -> bool:
    """The last question before the words leave: True marks the message as perhaps sent, from here on.

    False, with the reason on record, where anything has changed since it was claimed. An address changed in
    these seconds sends the message back to be tried at the new one.
    """
    message = locked_message(session, claimed.message_id)
    if not held(message, claimed.token):
        return False
    # Two texts to one number, or one step on two channels, or an opt-out: one waits for the other here.
    lock_reached(session, message.patient_id, address if message.channel == SMS else None)
    telling = telling_of(session, claimed.reminder_id, now)
    verdict = judge(telling, now, channels)
    if verdict is None and telling.address != address:
        verdict = Wait(now)
    if verdict is not None:
        _turn_back(session, message, verdict, now)
        return False
    message.maybe_sent = True
    message.lease_until = now + LEASE
    return True


def _turn_back(session: Session, message: Message, verdict: Verdict, now: datetime) -> None:
    if isinstance(verdict, Wait):
        message.state, message.next_attempt_at = "pending", verdict.until
        message.lease_token = message.lease_until = None
    elif verdict is not None:
        note(session, message, now, "refused", verdict.reason)
        state = "expired" if verdict.reason == "expired" else "suppressed"
        close(session, message, state, verdict.reason, now)
        if verdict.reason in UNREACHED and not message.maybe_sent:
            reminder = session.get_one(Reminder, message.reminder_id)
            tell_otherwise_or_the_desk(session, reminder, uid_host_of(message), now)


def telling_of(session: Session, reminder_id: int, now: datetime) -> Telling:
    """The reminder's telling from its rows. Raises ValueError or KeyError for a row that makes no sense."""
    rows = telling_rows(session, reminder_id)
    reminder, course, clinic, patient = rows.reminder, rows.course, rows.clinic, rows.patient
    zone = ZoneInfo(clinic.zone)
    address, purpose = address_on(patient, reminder.channel), PURPOSE_OF[reminder.kind]
    asked_on = local_date(reminder.due_at, zone)
    return Telling(
        kind=reminder.kind,
        channel=reminder.channel,
        expires_at=reminder.expires_at,
        clinic=ClinicFacts(
            clinic.name, clinic.phone, clinic.email, clinic.address or "", zone, clinic.text_name
        ),
        given_name=patient.given_name,
        address=address,
        earliest_date=course.earliest_date if course else asked_on,
        overdue_date=course.overdue_date if course else asked_on,
        holds=hold_values(course) if course else (),
        silenced=_silenced(patient, course, reminder.kind) or switched_off(clinic, reminder.kind),
        visit=visit_value(rows.appointment) if rows.appointment else None,
        has_open_visit=rows.has_open_visit,
        patient_id=patient.id,
        appointment_id=reminder.appointment_id,
        step=reminder.step,
        language=patient.language,
        zone=ZoneInfo(patient.zone) if patient.zone else zone,
        purpose=purpose,
        calendar_feed_uid=rows.calendar_feed_uid,
        agreed=allowed(last_word(session, patient.id, purpose, reminder.channel)),
        told_elsewhere=told_elsewhere(session, reminder),
        texts=_texts(session, reminder, address, now),
        cycle_over=course is not None and cycle_over(course, reminder),
        invitation=_invitation(session, reminder, address),
        by_invitation=patient.calendar_by != FEED,
    )


def _invitation(session: Session, reminder: Reminder, address: str | None) -> Method | None:
    """An entry is taken back only where one was sent: a CANCEL of nothing would puzzle its reader."""
    if reminder.step != INVITATION or reminder.channel != EMAIL or reminder.appointment_id is None:
        return None
    if reminder.kind != VISIT_CANCELLED:
        return "REQUEST"
    before = [t for t in tellings_of(session, reminder.appointment_id) if t.id != reminder.id]
    return "CANCEL" if has_entry(before, address, surely=True) else None


def _silenced(patient: Patient, course: Course | None, kind: str) -> str | None:
    if course is not None:
        return silenced(course, kind)
    return silence(patient.deceased_on, patient.moved_on, patient.do_not_contact)


def _texts(session: Session, reminder: Reminder, address: str | None, now: datetime) -> Sequence[datetime]:
    if reminder.channel != SMS or not address:
        return ()
    return texts_lately(session, address, now, reminder.id)
