"""The way out, up to the hand-over: due reminders become messages, a worker claims one and asks once more.

How a try ended, and what happens to messages left behind, is in outbox_outcomes.py.
"""

import logging
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.models import Message, Reminder
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.calendars import visit_value
from clinic_scheduler.queries.histories import hold_values
from clinic_scheduler.queries.outbox import (
    TellingRows,
    due_reminders,
    locked_message,
    message_of,
    next_messages,
    telling_rows,
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
from clinic_scheduler.services.reminders import silenced, switched_off

# Closed without a word having gone out, so that a reminder planned anew may use the row again.
_UNTOLD = ("suppressed", "expired")
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
    telling = telling_of(session, reminder.id)
    verdict = judge(telling, now, channels)
    reminder.updated_at = now
    if isinstance(verdict, Wait):
        reminder.due_at = verdict.until
        return "quiet"
    if verdict is None:
        verdict = _open_message(session, reminder, telling.address or "", now, uid_host)
    if verdict is not None:
        reminder.state, reminder.suppressed_reason = "suppressed", verdict.reason
        return "suppressed"
    reminder.state = "queued"
    return "queued"


def _open_message(
    session: Session, reminder: Reminder, address: str, now: datetime, uid_host: str
) -> Stop | None:
    """The reminder's one message, new or opened again; Stop where it has been told, or perhaps told, before."""
    message = message_of(session, reminder.id)
    if message is None:
        uid = opaque_id()
        message = Message(
            uid=uid,
            message_id=f"<{uid}@{uid_host}>",
            clinic_id=reminder.clinic_id,
            patient_id=reminder.patient_id,
            reminder_id=reminder.id,
            channel=reminder.channel,
            created_at=now,
        )
        session.add(message)
    elif message.state not in _UNTOLD or message.maybe_sent:
        return Stop("already_told")
    message.state, message.reason, message.address = "pending", None, address
    message.expires_at, message.next_attempt_at = reminder.expires_at, now
    session.flush()
    return None


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
    telling = telling_of(session, claimed.reminder_id)
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
    telling = telling_of(session, claimed.reminder_id)
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


def telling_of(session: Session, reminder_id: int) -> Telling:
    """The reminder's telling from its rows. Raises ValueError or KeyError for a row that makes no sense."""
    rows = telling_rows(session, reminder_id)
    reminder, course, clinic = rows.reminder, rows.course, rows.clinic
    return Telling(
        kind=reminder.kind,
        channel=reminder.channel,
        expires_at=reminder.expires_at,
        clinic=ClinicFacts(
            clinic.name, clinic.phone, clinic.email, clinic.address or "", ZoneInfo(clinic.zone)
        ),
        given_name=rows.patient.given_name,
        address=_address(rows),
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        holds=hold_values(course),
        silenced=silenced(course) or switched_off(clinic, reminder.kind),
        visit=visit_value(rows.appointment) if rows.appointment else None,
        has_open_visit=rows.has_open_visit,
    )


def _address(rows: TellingRows) -> str | None:
    return rows.patient.email if rows.reminder.channel == "email" else rows.patient.phone
