"""What patients agree to and take back: statements are only ever added, and what waits to go out follows at once.

Whether a notification may go out is asked in dispatch_rules.py; reading replies is domain/messaging/reply_meaning.py's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.messaging.consent import TEXT_REPLY, allowed
from clinic_scheduler.domain.messaging.kinds import CHANNELS, EMAIL, KINDS, PURPOSES, VISITS
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Consent, Course, Patient, Reminder
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.messaging.consents import consent_standing, last_word
from clinic_scheduler.queries.messaging.outbox import waiting_messages
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_patients
from clinic_scheduler.services.messaging.outbox_opening import notify_otherwise_or_the_desk, uid_host_of
from clinic_scheduler.services.messaging.outbox_outcomes import close, note
from clinic_scheduler.services.messaging.visit_notifications import catch_up


def give(change: Change, patient_id: int, purposes: Collection[str], channel: str, how: str) -> None:
    """The patient wants such messages on `channel`: the worker plans anew, so that what their no held back and
    what is still ahead goes out. Whoever has visits by invitation is sent what their calendar has missed.
    """
    patient = _state(change, patient_id, purposes, channel, True, how)
    change.session.execute(
        update(Course)
        .where(Course.patient_id == patient_id, Course.stopped_on.is_(None))
        .values(reminders_planned_at=None)
    )
    if channel == EMAIL and VISITS in purposes:
        catch_up(change.session, patient, change.now)


def withdraw(change: Change, patient_id: int, purposes: Collection[str], channel: str, how: str) -> None:
    """The patient wants no more of them; those that wait are not sent, unless another channel is left for them."""
    session = change.session
    _state(change, patient_id, purposes, channel, False, how)
    for message, kind in waiting_messages(session, patient_id, channel):
        if KINDS[kind].purpose not in purposes:
            continue
        note(session, message, change.now, AttemptOutcome.REFUSED, SuppressionReason.OPTED_OUT)
        close(session, message, MessageState.SUPPRESSED, SuppressionReason.OPTED_OUT, change.now)
        if not message.maybe_sent:
            reminder = session.get_one(Reminder, message.reminder_id)
            notify_otherwise_or_the_desk(session, reminder, uid_host_of(message), change.now)


def stop_by_text(session: Session, patients: Sequence[Patient], channel: str, now: datetime) -> None:
    """A stop counts for everything on this channel, for everybody who is reached at the number."""
    lock_patients(session, [patient.id for patient in patients])
    for patient in patients:
        actor = Actor("reply by text", patient.clinic_id)
        withdraw(Change(session, actor, now), patient.id, PURPOSES, channel, TEXT_REPLY)


def start_by_text(session: Session, patients: Sequence[Patient], channel: str, now: datetime) -> None:
    """What had been withdrawn is wanted again; what nobody had withdrawn needs no word."""
    lock_patients(session, [patient.id for patient in patients])
    for patient in patients:
        stopped = [p for p in PURPOSES if not allowed(last_word(session, patient.id, p, channel))]
        give(
            Change(session, Actor("reply by text", patient.clinic_id), now),
            patient.id,
            stopped,
            channel,
            TEXT_REPLY,
        )


def _state(
    change: Change, patient_id: int, purposes: Collection[str], channel: str, given: bool, how: str
) -> Patient:
    """One row for each purpose that this was not the last word on already, said in the same way."""
    session = change.session
    if channel not in CHANNELS or not set(purposes) <= set(PURPOSES):
        raise InvalidInput("there is no such kind of message")
    patient = row_in_clinic(session, Patient, change.clinic_id, patient_id)
    lock_patients(session, [patient.id])
    session.flush()
    known = consent_standing(session, patient.id)
    for purpose in sorted(purposes):
        last = known[purpose, channel]
        if last is not None and (last.given, last.how) == (given, how):
            continue
        session.add(
            Consent(
                clinic_id=patient.clinic_id,
                patient_id=patient.id,
                purpose=purpose,
                channel=channel,
                given=given,
                at=change.now,
                how=how,
                user_id=change.actor.user_id,
            )
        )
        record(
            change,
            "consent_given" if given else "consent_withdrawn",
            "consents",
            None,
            patient_id=patient.id,
            purpose=purpose,
            channel=channel,
            how=how,
        )
    session.flush()
    return patient
