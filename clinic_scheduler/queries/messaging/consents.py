"""What patients agreed to, who is reached at a number, and what an answer of theirs is about; reads only."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.consent import Standing, Statement, allowed, standing
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.models import Appointment, Clinic, Consent, Message, Patient, Reminder

ANSWERED_WITHIN = timedelta(days=14)


def consent_standing(session: Session, patient_id: int) -> Standing:
    """The last word on every purpose and channel."""
    rows = session.scalars(select(Consent).where(Consent.patient_id == patient_id).order_by(Consent.id))
    return standing(Statement(row.purpose, row.channel, row.given, row.at, row.how) for row in rows)


def opted_out(session: Session, patient_ids: Collection[int]) -> set[tuple[int, str, str]]:
    """(patient, purpose, channel) of whatever any of them has asked to stop, and not asked for since."""
    rows = session.execute(
        select(Consent.patient_id, Consent.purpose, Consent.channel, Consent.given)
        .where(Consent.patient_id.in_(set(patient_ids)))
        .order_by(Consent.id)
    )
    last = {(row.patient_id, row.purpose, row.channel): row.given for row in rows}
    return {said for said, given in last.items() if not allowed(given)}


def last_word(session: Session, patient_id: int, purpose: str, channel: str) -> bool | None:
    """Whether such messages are wanted, as last said; None where nothing was."""
    return last_word_of_any(session, [patient_id], purpose, channel)


def last_word_of_any(
    session: Session, patient_ids: Collection[int], purpose: str, channel: str
) -> bool | None:
    """The same of several records taken as one person's."""
    return session.scalar(
        select(Consent.given)
        .where(Consent.patient_id.in_(patient_ids), Consent.purpose == purpose, Consent.channel == channel)
        .order_by(Consent.id.desc())
        .limit(1)
    )


def patients_reached_at(session: Session, phone: str) -> Sequence[Patient]:
    """Everybody, in every clinic, whose number this is; records merged into others are left out."""
    return session.scalars(
        select(Patient).where(Patient.phone == phone, Patient.merged_into_id.is_(None)).order_by(Patient.id)
    ).all()


def visits_asked_about(
    session: Session, patient_ids: Collection[int], phone: str, now: datetime
) -> Sequence[Appointment]:
    """These patients' open visits that texts to this number have told of, each at the time it has now."""
    told = (
        exists()
        .where(
            Reminder.appointment_id == Appointment.id,
            Reminder.kind.in_([kind.code for kind in KINDS.values() if kind.asks_for_an_answer]),
            # Such a telling expires as the visit it speaks of starts: a time since changed was not told.
            Reminder.expires_at == Appointment.starts_at,
            Message.reminder_id == Reminder.id,
            Message.address == phone,
            Message.sent_at.is_not(None) | Message.maybe_sent,
        )
        .correlate(Appointment)
    )
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.patient_id.in_(patient_ids),
            Appointment.state == VisitState.BOOKED,
            Appointment.starts_at > now,
            Appointment.starts_at <= now + ANSWERED_WITHIN,
            told,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()


def clinic_that_wrote_to(session: Session, phone: str) -> int | None:
    """The clinic of the newest message to this number; else the only clinic there is, if there is but one."""
    wrote = session.scalar(
        select(Message.clinic_id)
        .where(Message.address == phone, Message.sent_at.is_not(None))
        .order_by(Message.sent_at.desc())
        .limit(1)
    )
    if wrote is not None:
        return wrote
    clinics = session.scalars(select(Clinic.id).limit(2)).all()
    return clinics[0] if len(clinics) == 1 else None
