"""Ending a question to a provider: the one place where its state changes, and all that follows for its visit."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, NotFound
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, CancelReason, VisitState
from clinic_scheduler.domain.visits.override_requests import ANSWERS, RequestState
from clinic_scheduler.models import Appointment, OverrideRequest
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services import request_states, visit_states
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.visits.changes import audit_visit, follow_up, lock_visit
from clinic_scheduler.services.work_items import close_items_of_request, open_item

ASKED_KIND = "asks_to_allow"
ANSWERED_KIND = "provider_answered"


def waiting_request(session: Session, appointment_id: int) -> OverrideRequest | None:
    """The open question about a visit where it stands; the database keeps it to one."""
    return session.scalar(
        select(OverrideRequest).where(
            OverrideRequest.appointment_id == appointment_id, OverrideRequest.state == RequestState.WAITING
        )
    )


def pending_move(session: Session, appointment_id: int) -> Appointment | None:
    """The time held for a visit that would move there; the database keeps it to one."""
    return session.scalar(
        select(Appointment).where(
            Appointment.replaces_id == appointment_id, Appointment.state == VisitState.PENDING
        )
    )


def to_end(
    session: Session, actor: Actor, request_id: int, now: datetime, *, deciding: bool
) -> tuple[OverrideRequest, Appointment]:
    """The request and its visit, locked and still waiting; `deciding`: only for who may override."""
    request = row_in_clinic(session, OverrideRequest, actor.clinic_id, request_id)
    if deciding and not actor.may_override:
        raise NotFound("no such request")
    appointment = session.get_one(Appointment, request.appointment_id)
    lock_visit(session, appointment.course, *_diaries(session, appointment))
    session.refresh(request)
    session.refresh(appointment)
    if request.state != RequestState.WAITING or request.expires_at <= now:
        raise ActionRefused("This question was answered or ended meanwhile. Nothing was changed.")
    return request, appointment


def end_request(
    session: Session,
    actor: Actor,
    request: OverrideRequest,
    state: RequestState,
    note: str | None,
    now: datetime,
) -> None:
    """Settled for whoever was asked; an answer, or that there was none, is put before the desk."""
    request_states.move_to(request, state)
    request.answered_by_id, request.answered_by = actor.user_id, actor.name
    request.answered_at, request.answer_note = now, (note or "").strip() or None
    audit_request(session, actor, request, state.value, now)
    close_items_of_request(session, actor, request.id, state.value, now)
    if state in ANSWERS:
        open_request_item(session, request, ANSWERED_KIND, now)


def open_request_item(session: Session, request: OverrideRequest, kind: str, now: datetime) -> None:
    open_item(
        session,
        request.clinic_id,
        kind,
        f"{kind.replace('_', '-')}:{request.id}",
        now,
        patient_id=request.patient_id,
        course_id=request.course_id,
        appointment_id=request.appointment_id,
        override_request_id=request.id,
    )


def let_go(
    session: Session, actor: Actor, appointment: Appointment, reason: CancelReason, now: datetime
) -> None:
    """A time held for an answer is free again; nobody was told of it, so nobody is told that it is off."""
    if appointment.state not in AWAITING_ANSWER:
        return
    visit_states.move_to(appointment, VisitState.CANCELLED, reason)
    appointment.updated_at = now
    session.flush()
    audit_visit(session, actor, now, "cancelled", appointment, reason=reason)
    follow_up(session, appointment.course, clinic_zone(session, appointment.clinic_id), now, "cancelled")


def withdraw_open(
    session: Session,
    actor: Actor,
    appointment: Appointment,
    now: datetime,
    visits: Iterable[KnownVisit] | None = None,
) -> None:
    """Nobody needs to answer about a visit that is over, off or elsewhere, nor about moving it.

    `visits` are the patient's, where they are known: without a time held for a move there is nothing to end.
    """
    withdraw_asked(session, actor, appointment, now)
    if visits is None or any(visit.replaces_id == appointment.id for visit in visits):
        withdraw_move(session, actor, appointment, now)


def withdraw_asked(session: Session, actor: Actor, appointment: Appointment, now: datetime) -> None:
    """Nobody needs to answer about the visit where it stood."""
    request = waiting_request(session, appointment.id)
    if request is not None:
        end_request(session, actor, request, RequestState.WITHDRAWN, None, now)


def withdraw_move(session: Session, actor: Actor, appointment: Appointment, now: datetime) -> None:
    """Something else became of a visit that was to move; the time held for it is free again."""
    pending = pending_move(session, appointment.id)
    if pending is None:
        return
    request = waiting_request(session, pending.id)
    if request is not None:
        end_request(session, actor, request, RequestState.WITHDRAWN, None, now)
    let_go(session, actor, pending, CancelReason.QUESTION_WITHDRAWN, now)


def settle_if_allowed(session: Session, actor: Actor, appointment: Appointment, now: datetime) -> None:
    """What was asked has been decided at the visit itself: nobody needs to answer any more."""
    request = waiting_request(session, appointment.id)
    if request is not None and set(request.names) <= {row.name for row in appointment.overrides}:
        end_request(session, actor, request, RequestState.ALLOWED, None, now)


def audit_request(
    session: Session, actor: Actor, request: OverrideRequest, action: str, now: datetime, **details: object
) -> None:
    record(
        session,
        actor,
        now,
        action,
        "override_requests",
        request.id,
        patient_id=request.patient_id,
        appointment_id=request.appointment_id,
        **details,
    )


def _diaries(session: Session, appointment: Appointment) -> set[int]:
    """Whose diaries an answer may change: a visit that moves leaves one for another."""
    replaced = session.get(Appointment, appointment.replaces_id) if appointment.replaces_id else None
    return {appointment.provider_id} | ({replaced.provider_id} if replaced else set())
