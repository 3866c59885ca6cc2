"""Making the message of a reminder, and falling back to the other channel where the first cannot be used.

When a reminder comes due, and whether it may go out, is outbox.py's.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.consent import allowed
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.invitations import INVITATION
from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS, SMS
from clinic_scheduler.domain.messaging.states import NOT_YET_TOLD, TAKEN, MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Appointment, CalendarFeed, Course, Message, Patient, Reminder
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.messaging.consents import last_word
from clinic_scheduler.queries.messaging.outbox import message_of
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging import message_states, reminder_states
from clinic_scheduler.services.work_items import open_item

# Closed without a word having gone out, so that a reminder planned anew may use the row again.
_UNSENT = (MessageState.SUPPRESSED, MessageState.EXPIRED)
_KEY_BYTES = 16
# Why a telling cannot go this way, where it may still go another.
UNREACHED = frozenset({"opted_out", "no_address", "no_sender", "too_many_texts"})


def open_message(session: Session, reminder: Reminder, address: str, now: datetime, uid_host: str) -> bool:
    """The reminder's one message, new or opened again; False where it has been told, or perhaps told, before."""
    message = message_of(session, reminder.id)
    if message is None:
        message = Message(
            uid=opaque_id(),
            message_id=f"<{_dispatch_key(session, reminder)}@{uid_host}>",
            clinic_id=reminder.clinic_id,
            patient_id=reminder.patient_id,
            reminder_id=reminder.id,
            channel=reminder.channel,
            state=MessageState.PENDING,
            created_at=now,
        )
        session.add(message)
    elif message.state not in _UNSENT or message.maybe_sent:
        return False
    else:
        message_states.move_to(message, MessageState.PENDING)
    message.address = address
    message.expires_at, message.next_attempt_at = reminder.expires_at, now
    session.flush()
    return True


def _dispatch_key(session: Session, reminder: Reminder) -> str:
    """The same for the same notification, so that whoever got it before a restore folds it when it comes again.

    The opaque names of what it is about stand in for ids, which rows lost in a restore leave to others.
    """
    about = select(
        select(Course.uid).where(Course.id == reminder.course_id).scalar_subquery(),
        select(Appointment.uid).where(Appointment.id == reminder.appointment_id).scalar_subquery(),
        select(CalendarFeed.uid).where(CalendarFeed.id == reminder.calendar_feed_id).scalar_subquery(),
    )
    named = "|".join([reminder.dedupe_key, *(uid or "" for uid in session.execute(about).one())])
    return urlsafe_b64encode(sha256(named.encode()).digest()[:_KEY_BYTES]).rstrip(b"=").decode()


def address_on(patient: Patient, channel: str) -> str | None:
    return patient.email if channel == "email" else patient.phone


def keys_elsewhere(key: DispatchKey) -> list[str]:
    """Of the same step on the other channels."""
    return [str(key.on(channel)) for channel in CHANNELS if channel != key.channel]


def told_elsewhere(session: Session, key: DispatchKey) -> bool:
    """Whether the same step was told, or perhaps told, on another channel."""
    told = (
        select(Message.id)
        .join(Reminder, Reminder.id == Message.reminder_id)
        .where(Reminder.dedupe_key.in_(keys_elsewhere(key)), Message.state.in_(TAKEN) | Message.maybe_sent)
    )
    return session.scalar(told.limit(1)) is not None


def notify_otherwise(session: Session, reminder: Reminder, uid_host: str, now: datetime) -> bool:
    """Open the same telling on the channel the patient chose in case the first fails; False where there is none.

    Its message waits at once, so planning, which goes by the first channel, does not sweep it away.
    """
    patient = session.get_one(Patient, reminder.patient_id)
    channel = _channel_after(reminder, patient)
    if not channel or channel == reminder.channel or reminder.expires_at <= now:
        return False
    address = address_on(patient, channel)
    purpose = KINDS[reminder.kind].purpose
    if not address or not allowed(last_word(session, patient.id, purpose, channel)):
        return False
    twin = _twin(session, reminder, channel, now)
    if SuppressionReason.STOPPED_BY_STAFF in (reminder.suppressed_reason, twin.suppressed_reason):
        return True  # nobody is to be told, and staff know
    if twin.state not in NOT_YET_TOLD:
        return twin.state != ReminderState.FAILED
    if not open_message(session, twin, address, now, uid_host):
        return False
    reminder_states.move_to(twin, ReminderState.QUEUED, now)
    return True


def _channel_after(reminder: Reminder, patient: Patient) -> str | None:
    """An invitation went by e-mail whatever the patient prefers, so a text may be their first choice."""
    if reminder.step == INVITATION:
        return SMS if SMS in (patient.preferred_channel, patient.fallback_channel) else None
    return patient.fallback_channel


def notify_otherwise_or_the_desk(session: Session, reminder: Reminder, uid_host: str, now: datetime) -> None:
    """Where no other channel is left, the desk learns that the patient was not told."""
    if notify_otherwise(session, reminder, uid_host, now):
        return
    open_item(
        session,
        reminder.clinic_id,
        WorkItemKind.NO_WAY_TO_REACH,
        f"no-way:{reminder.dedupe_key}",
        now,
        patient_id=reminder.patient_id,
        course_id=reminder.course_id,
        appointment_id=reminder.appointment_id,
    )


def uid_host_of(message: Message) -> str:
    """The installation's own part of a Message-ID."""
    return message.message_id.rpartition("@")[2].rstrip(">")


def _twin(session: Session, reminder: Reminder, channel: str, now: datetime) -> Reminder:
    """The same notification's reminder on `channel`, made where there is none. Keys are unique: two makers agree."""
    key = str(DispatchKey.read(reminder.dedupe_key).on(channel))
    session.execute(
        insert_into(session, Reminder)
        .values(
            clinic_id=reminder.clinic_id,
            patient_id=reminder.patient_id,
            course_id=reminder.course_id,
            appointment_id=reminder.appointment_id,
            calendar_feed_id=reminder.calendar_feed_id,
            kind=reminder.kind,
            step=reminder.step,
            channel=channel,
            dedupe_key=key,
            due_at=now,
            expires_at=reminder.expires_at,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Reminder.dedupe_key])
    )
    return session.scalars(select(Reminder).where(Reminder.dedupe_key == key).with_for_update()).one()
