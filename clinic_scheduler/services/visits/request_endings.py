"""Ending a question to a provider: the one place where its state changes, and all that follows for its visit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, NotFound
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, CancelReason, VisitState
from clinic_scheduler.domain.visits.override_requests import ANSWERS, RequestState
from clinic_scheduler.domain.work_kinds import VISIT_CHANGED, WorkItemKind
from clinic_scheduler.models import Appointment, OverrideRequest
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import read_anew
from clinic_scheduler.services.visits import request_states, visit_states
from clinic_scheduler.services.visits.changes import audit_visit, follow_up, lock_visit
from clinic_scheduler.services.work_items import close_items_of_request, open_item

# (provider, start) of where a visit moves.
Place = tuple[int, datetime]


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


def to_end(change: Change, request_id: int, *, deciding: bool) -> tuple[OverrideRequest, Appointment]:
    """The request and its visit, locked and still waiting; `deciding`: only for who may override."""
    session = change.session
    request = row_in_clinic(session, OverrideRequest, change.clinic_id, request_id)
    if deciding and not change.actor.may_override:
        raise NotFound("no such request")
    appointment = session.get_one(Appointment, request.appointment_id)
    lock_visit(session, appointment.course, *_diaries(session, appointment))
    read_anew(session, request)
    read_anew(session, appointment)
    if request.state != RequestState.WAITING or request.expires_at <= change.now:
        raise ActionRefused("This question was answered or ended meanwhile. Nothing was changed.")
    return request, appointment


def end_request(change: Change, request: OverrideRequest, state: RequestState, note: str | None) -> None:
    """Settled for whoever was asked; an answer, or that there was none, is put before the desk."""
    request_states.move_to(request, state)
    request.answered_by_id, request.answered_by = change.actor.user_id, change.actor.name
    request.answered_at, request.answer_note = change.now, (note or "").strip() or None
    audit_request(change, request, state.value)
    close_items_of_request(change, request.id, state.value)
    if state in ANSWERS:
        open_request_item(change.session, request, WorkItemKind.PROVIDER_ANSWERED, change.now)


def open_request_item(session: Session, request: OverrideRequest, kind: WorkItemKind, now: datetime) -> None:
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


def let_go(change: Change, appointment: Appointment, reason: CancelReason) -> None:
    """A time held for an answer is free again; nobody was told of it, so nobody is told that it is off."""
    if appointment.state not in AWAITING_ANSWER:
        return
    visit_states.move_to(appointment, VisitState.CANCELLED, reason)
    appointment.updated_at = change.now
    change.session.flush()
    audit_visit(change, "cancelled", appointment, reason=reason)
    follow_up(change, appointment.course, SuppressionReason.CANCELLED)


def withdraw_open(
    change: Change,
    appointment: Appointment,
    moved_to: Place | None = None,
    visits: Iterable[KnownVisit] | None = None,
) -> None:
    """Nobody needs to answer about a visit that is over, off or elsewhere, nor about moving it.

    What was answered about it is nothing the desk has to act on any more. `moved_to` as for withdraw_move. `visits`
    are the patient's, where they are known: without a time held for a move there is nothing of that to end.
    """
    for request in _all_about(change.session, appointment):
        if request.state in ANSWERS:
            close_items_of_request(change, request.id, VISIT_CHANGED)
        elif request.state == RequestState.WAITING and request.appointment_id == appointment.id:
            end_request(change, request, RequestState.WITHDRAWN, None)
    if may_be_held_for(appointment, visits):
        withdraw_move(change, appointment, moved_to)


def may_be_held_for(appointment: Appointment, visits: Iterable[KnownVisit] | None) -> bool:
    """Whether a time may be held for moving the visit; where the patient's visits are known, whether one was."""
    return visits is None or any(visit.replaces_id == appointment.id for visit in visits)


def _all_about(session: Session, appointment: Appointment) -> Sequence[OverrideRequest]:
    """Every question there was about a visit, or about moving it."""
    return session.scalars(
        select(OverrideRequest)
        .join(Appointment, Appointment.id == OverrideRequest.appointment_id)
        .where(
            OverrideRequest.patient_id == appointment.patient_id,
            or_(Appointment.id == appointment.id, Appointment.replaces_id == appointment.id),
        )
    ).all()


def withdraw_move(change: Change, appointment: Appointment, moved_to: Place | None = None) -> None:
    """Something else became of a visit that was to move; the time held for it is free again.

    Where it is `moved_to` that very time by somebody who may allow it, the question is answered by that.
    """
    pending = pending_move(change.session, appointment.id)
    if pending is None:
        return
    is_there = moved_to == (pending.provider_id, pending.starts_at)
    request = waiting_request(change.session, pending.id)
    if request is not None:
        allowed = is_there and change.actor.may_override
        if allowed:
            request.appointment_id = appointment.id
        state = RequestState.ALLOWED if allowed else RequestState.WITHDRAWN
        end_request(change, request, state, None)
    because = CancelReason.MOVED_HERE if is_there else CancelReason.QUESTION_WITHDRAWN
    let_go(change, pending, because)


def settle_if_allowed(change: Change, appointment: Appointment) -> None:
    """What was asked has been decided at the visit itself: nobody needs to answer any more."""
    request = waiting_request(change.session, appointment.id)
    if request is not None and set(request.names) <= {row.name for row in appointment.overrides}:
        end_request(change, request, RequestState.ALLOWED, None)


def audit_request(change: Change, request: OverrideRequest, action: str, **details: object) -> None:
    record(
        change,
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
