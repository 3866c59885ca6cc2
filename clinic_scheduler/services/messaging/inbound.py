"""What comes back from patients: kept once, read, and done where it is plain; the desk settles the rest.

A stop's confirmation and the answer to a call for help are the provider's to send, not ours.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.inbound import Inbound
from clinic_scheduler.domain.messaging.reply_meaning import CONFIRM, HELP, MOVE, START, STOP, read_reply
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Appointment, InboundMessage, Patient
from clinic_scheduler.queries.messaging.consents import (
    clinic_that_wrote_to,
    patients_reached_at,
    visits_asked_about,
)
from clinic_scheduler.services.messaging import consents, visit_answers
from clinic_scheduler.services.work_items import open_item


def receive(session: Session, said: Inbound, now: datetime) -> str:
    """Returns what it was taken to mean. The same message handed in again changes nothing."""
    meaning = read_reply(said.body)
    patients = patients_reached_at(session, said.from_address)
    inbound_id = visit_answers.keep_inbound(
        session,
        clinic_id=_only(patient.clinic_id for patient in patients),
        patient_id=_only(patient.id for patient in patients),
        appointment_id=None,
        sender=said.sender,
        provider_reference=said.reference,
        channel=said.channel,
        from_address=said.from_address,
        body=said.body,
        meaning=meaning,
        received_at=now,
    )
    if inbound_id is None:
        return meaning
    inbound = session.get_one(InboundMessage, inbound_id)
    if patients:
        _act(session, inbound, patients, now)
    else:
        _from_nobody_known(session, inbound, now)
    return meaning


def _act(session: Session, inbound: InboundMessage, patients: Sequence[Patient], now: datetime) -> None:
    if inbound.meaning == STOP:
        consents.stop_by_text(session, patients, inbound.channel, now)
    elif inbound.meaning == START:
        consents.start_by_text(session, patients, inbound.channel, now)
    elif inbound.meaning in (CONFIRM, MOVE):
        _answer(session, inbound, patients, now)
    elif inbound.meaning != HELP:
        _for_the_desk(session, inbound, patients, WorkItemKind.REPLY, now)


def _answer(session: Session, inbound: InboundMessage, patients: Sequence[Patient], now: datetime) -> None:
    """About the one visit it can be about; where that is not plain, the desk asks."""
    ids = [patient.id for patient in patients]
    visits = visits_asked_about(session, ids, inbound.from_address, now)
    if len(visits) == 1 and _done(session, inbound, visits[0], now):
        return
    kind = WorkItemKind.ASKS_TO_MOVE if inbound.meaning == MOVE else WorkItemKind.REPLY
    _for_the_desk(session, inbound, patients, kind, now)


def _done(session: Session, inbound: InboundMessage, visit: Appointment, now: datetime) -> bool:
    inbound.clinic_id, inbound.patient_id, inbound.appointment_id = (
        visit.clinic_id,
        visit.patient_id,
        visit.id,
    )
    if inbound.meaning == MOVE:
        return visit_answers.ask_to_move(session, visit.id, visit.starts_at, "text", inbound.id, now)
    return visit_answers.confirm(session, visit.id, visit.starts_at, "text", now)


def _for_the_desk(
    session: Session, inbound: InboundMessage, patients: Sequence[Patient], kind: WorkItemKind, now: datetime
) -> None:
    """On the list of every clinic it may be for; about a patient where it can be only one."""
    prefix = kind.replace("_", "-")
    for clinic_id in sorted({patient.clinic_id for patient in patients}):
        own = _only(patient.id for patient in patients if patient.clinic_id == clinic_id)
        key = f"{prefix}:{inbound.id}:{clinic_id}"
        open_item(session, clinic_id, kind, key, now, patient_id=own, inbound_message_id=inbound.id)


def _from_nobody_known(session: Session, inbound: InboundMessage, now: datetime) -> None:
    clinic_id = clinic_that_wrote_to(session, inbound.from_address)
    if clinic_id is None:
        return
    inbound.clinic_id = clinic_id
    key = f"unknown-sender:{inbound.id}"
    open_item(session, clinic_id, WorkItemKind.UNKNOWN_SENDER, key, now, inbound_message_id=inbound.id)


def _only(ids: Iterable[int]) -> int | None:
    """The one there is; None where there are several, or none."""
    found = set(ids)
    return found.pop() if len(found) == 1 else None
