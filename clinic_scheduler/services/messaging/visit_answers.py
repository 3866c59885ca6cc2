"""A patient's own answers about a visit, by link or by text: they will come, or ask for another time."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.inbound import InboundChannel
from clinic_scheduler.domain.messaging.reply_meaning import MOVE
from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Appointment, InboundMessage
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.locks import lock_patients, read_anew
from clinic_scheduler.services.work_items import open_item

VISIT_PAGE = "visit_page"
LONGEST_NOTE = 300


def confirm(session: Session, appointment_id: int, starts_at: datetime, by: str, now: datetime) -> bool:
    """They will come at `starts_at`. False where the visit is not, or no longer, booked for that time.

    `by`: link, text or desk. Saying it twice changes nothing.
    """
    visit = _asked_about(session, appointment_id, starts_at, now)
    if visit is None:
        return False
    if visit.confirmed_at is None:
        visit.confirmed_at, visit.confirmed_by = now, by
        _audit(session, visit, "confirmed", by, now)
    return True


def ask_to_move(
    session: Session, appointment_id: int, starts_at: datetime, by: str, inbound_id: int, now: datetime
) -> bool:
    """Another time is asked for: the desk's to find. The visit stays, no longer confirmed; False as in confirm."""
    visit = _asked_about(session, appointment_id, starts_at, now)
    if visit is None:
        return False
    visit.confirmed_at = visit.confirmed_by = None
    _audit(session, visit, "asked_to_move", by, now)
    open_item(
        session,
        visit.clinic_id,
        WorkItemKind.ASKS_TO_MOVE,
        f"asks-to-move:{inbound_id}",
        now,
        patient_id=visit.patient_id,
        course_id=visit.course_id,
        appointment_id=visit.id,
        inbound_message_id=inbound_id,
    )
    return True


def ask_to_move_by_link(
    session: Session, appointment_id: int, starts_at: datetime, said: str, now: datetime
) -> bool:
    """As typed on the visit's page. The same words about the same time, sent twice, are one request."""
    visit = _asked_about(session, appointment_id, starts_at, now)
    if visit is None:
        return False
    said = said[:LONGEST_NOTE]
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    inbound_id = keep_inbound(
        session,
        clinic_id=visit.clinic_id,
        patient_id=visit.patient_id,
        appointment_id=visit.id,
        sender=VISIT_PAGE,
        provider_reference=f"{asked_about_key(visit.id, starts_at)}:{digest}",
        channel=InboundChannel.LINK,
        from_address="",
        body=said,
        meaning=MOVE,
        received_at=now,
    )
    return inbound_id is None or ask_to_move(session, visit.id, starts_at, "link", inbound_id, now)


def asked_about_key(appointment_id: int, starts_at: datetime) -> str:
    """How what was typed on a visit's page is filed: the visit, at that time."""
    return f"{appointment_id}@{starts_at:%Y%m%dT%H%MZ}"


def keep_inbound(session: Session, **values: Any) -> int | None:
    """Keep what came in, once; None where it was kept before. Two at a time agree on one row."""
    kept = session.execute(
        insert_into(session, InboundMessage)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[InboundMessage.sender, InboundMessage.provider_reference])
        .returning(InboundMessage.id)
    )
    found: int | None = kept.scalar()
    return found


def _asked_about(
    session: Session, appointment_id: int, starts_at: datetime, now: datetime
) -> Appointment | None:
    """The visit, locked with its patient, if it still is what was asked about."""
    visit = session.get(Appointment, appointment_id)
    if visit is None:
        return None
    lock_patients(session, [visit.patient_id])
    session.flush()
    read_anew(session, visit)
    same = visit.state == VisitState.BOOKED and visit.starts_at == starts_at and starts_at > now
    return visit if same else None


def _audit(session: Session, visit: Appointment, action: str, by: str, now: datetime) -> None:
    actor = Actor(f"patient, by {by}", visit.clinic_id)
    record(
        Change(session, actor, now),
        action,
        "appointments",
        visit.id,
        patient_id=visit.patient_id,
        starts_at=visit.starts_at.isoformat(),
    )
