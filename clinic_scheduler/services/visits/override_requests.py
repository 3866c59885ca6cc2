"""Asking a provider to allow a visit: the question, its answer, and its end after a day (DD-11).

A time asked for anew is held as `proposed` meanwhile: it takes the diary, it is no appointment, nothing is sent.
A visit that is booked already, and against which something has come to stand, stays booked while it is asked about.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput, NotFound
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    CancelReason,
    VisitKind,
    VisitState,
)
from clinic_scheduler.domain.visits.override_requests import RequestState
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Appointment, OverrideRequest, Provider
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_patients
from clinic_scheduler.services.messaging.visit_notifications import notify_booked
from clinic_scheduler.services.visits.booking_rules import Question, require_free, require_open
from clinic_scheduler.services.visits.changes import (
    audit_visit,
    flush_or_taken,
    follow_up,
    keep_overrides,
    open_visit,
    published,
)
from clinic_scheduler.services.visits.guard import Decided, OverrideEntry, pass_as_it_stands
from clinic_scheduler.services.visits.moves import move_to_held_time
from clinic_scheduler.services.visits.request_endings import (
    audit_request,
    end_request,
    let_go,
    open_request_item,
    pending_move,
    to_end,
    waiting_request,
)
from clinic_scheduler.services.visits.visit_states import move_to

LASTS = timedelta(days=1)
SYSTEM = "answer time is over"
# By what the question was about; a visit that stands where it is was to be left there.
_NOT_DONE = {VisitState.PROPOSED: "Nothing was booked", VisitState.PENDING: "Nothing was moved"}


def ask(
    change: Change, appointment: Appointment, names: Sequence[Against], question: Question | None
) -> OverrideRequest:
    """Put the question about a visit to the named provider; one at a time."""
    session = change.session
    if question is None:
        raise InvalidInput("a provider has to be asked by name")
    provider = _asked_provider(session, change.actor, question)
    if not provider.is_active:
        raise ActionRefused(
            f"{provider.name} is not here any more. Nothing was changed. Ask another provider."
        )
    require_not_asked(session, appointment)
    request = OverrideRequest(
        clinic_id=appointment.clinic_id,
        patient_id=appointment.patient_id,
        course_id=appointment.course_id,
        appointment_id=appointment.id,
        provider_id=provider.id,
        names=[name.value for name in names],
        day=appointment.local_date,
        note=question.note.strip() or None,
        asked_by_id=change.actor.user_id,
        asked_by=change.actor.name,
        asked_at=change.now,
        expires_at=change.now + LASTS,
        state=RequestState.WAITING,
    )
    session.add(request)
    session.flush()
    open_request_item(session, request, WorkItemKind.ASKS_TO_ALLOW, change.now)
    audit_request(change, request, "asked", provider_id=provider.id, names=request.names)
    return request


def _asked_provider(session: Session, actor: Actor, question: Question) -> Provider:
    try:
        return row_in_clinic(session, Provider, actor.clinic_id, question.provider_id)
    except NotFound as missing:
        raise InvalidInput("choose the provider who is to be asked") from missing


def held_before(
    session: Session,
    appointment: Appointment,
    provider_id: int,
    starts_at: datetime,
    question: Question | None,
) -> Appointment | None:
    """The time that is held already for this very question, if it is sent again."""
    held = pending_move(session, appointment.id)
    if held is None or (held.provider_id, held.starts_at) != (provider_id, starts_at):
        return None
    request = waiting_request(session, held.id)
    same = request is not None and question is not None and request.provider_id == question.provider_id
    return held if same else None


def require_not_asked(session: Session, appointment: Appointment) -> None:
    """One question about a visit at a time, where it stands or where it would move."""
    if waiting_request(session, appointment.id) or pending_move(session, appointment.id):
        raise ActionRefused("This visit is being asked about already. Nothing was changed.")


def ask_about(
    change: Change, appointment_id: int, question: Question, overrides: tuple[OverrideEntry, ...] = ()
) -> OverrideRequest:
    """Ask about a booked visit as it stands; what the desk decides itself comes as `overrides` and stays with it."""
    appointment = open_visit(change, appointment_id)
    passed = pass_as_it_stands(change, appointment, Decided(overrides, asking=True))
    if not passed.to_ask:
        raise ActionRefused("Nothing that a provider decides stands against this visit. Nobody was asked.")
    keep_overrides(change.session, appointment, passed.overrides)
    request = ask(change, appointment, passed.to_ask, question)
    change.session.flush()
    follow_up(change, appointment.course, SuppressionReason.ASKED)
    return request


def allow(change: Change, request_id: int, overrides: tuple[OverrideEntry, ...]) -> Appointment:
    """Allow by name, each with its reason; the guard is asked again, and a time that was held is taken.

    A proposed time becomes a booked visit; to a pending one, its visit moves.
    What else was asked about stands on where nothing is said of it: the question waits on, for that alone.
    Raises BookingRefused where something has come to stand against the day that was not seen.
    """
    request, appointment = to_end(change, request_id, deciding=True)
    try:
        _require_still_free(change, appointment)
        passed = pass_as_it_stands(change, appointment, Decided(overrides, asking=True))
    except BookingRefused as refusal:
        raise refusal.saying(_NOT_DONE.get(appointment.state, "Nothing was changed")) from refusal
    if passed.to_ask and all(row in appointment.overrides for row in passed.overrides):
        raise InvalidInput("Choose a reason, or decline")
    keep_overrides(change.session, appointment, passed.overrides)
    if passed.to_ask:
        request.names = [name.value for name in passed.to_ask]
        change.session.flush()
        audit_request(change, request, "allowed_in_part", left=request.names)
        follow_up(change, appointment.course, SuppressionReason.ALLOWED)
        return appointment
    return _stand(change, request, appointment)


def _require_still_free(change: Change, appointment: Appointment) -> None:
    """A held time may be closed by now, or its provider away; a visit that stands anyway is not asked."""
    if appointment.state not in AWAITING_ANSWER:
        return
    course, starts_at = appointment.course, appointment.starts_at
    require_open(course, starts_at, change.zone, change.now, kind=appointment.kind)
    provider = change.session.get_one(Provider, appointment.provider_id)
    require_free(change, course, provider, starts_at, appointment.ends_at, moving=appointment.id)


def _stand(change: Change, request: OverrideRequest, appointment: Appointment) -> Appointment:
    """Nothing stands against it any more: a held time is taken by its visit, which is returned; the patient is told."""
    course = appointment.course
    if appointment.state == VisitState.PENDING:
        moved = change.session.get_one(Appointment, appointment.replaces_id)
        move_to_held_time(change, moved, appointment, asked_by=request.asked_by)
        # The answer is of the visit, wherever it stands; moving it has settled what was answered before.
        request.appointment_id = moved.id
        end_request(change, request, RequestState.ALLOWED, None)
        return moved
    proposed = appointment.state == VisitState.PROPOSED
    done = SuppressionReason.BOOKED if proposed else SuppressionReason.ALLOWED
    if proposed:
        move_to(appointment, VisitState.BOOKED)
        if appointment.kind == VisitKind.INJECTION:
            appointment.uid, appointment.sequence = course.next_visit_uid, course.forecast_sequence
        # Told of as booked now, not a day ago.
        appointment.created_at = change.now
        published(appointment, change.now)
    end_request(change, request, RequestState.ALLOWED, None)
    flush_or_taken(change, appointment.starts_at)
    audit_visit(change, done, appointment, asked_by=request.asked_by)
    follow_up(change, course, done)
    if proposed:
        notify_booked(change.session, appointment, change.now)
    return appointment


def decline(change: Change, request_id: int, note: str) -> OverrideRequest:
    """The provider decided against it: a time that was held is free again, a booked visit stays where it is."""
    request, appointment = to_end(change, request_id, deciding=True)
    end_request(change, request, RequestState.DECLINED, note)
    let_go(change, appointment, CancelReason.NOT_ALLOWED)
    return request


def withdraw(change: Change, request_id: int) -> OverrideRequest:
    """The desk takes its question back; the proposed time is free again."""
    request, appointment = to_end(change, request_id, deciding=False)
    end_request(change, request, RequestState.WITHDRAWN, None)
    let_go(change, appointment, CancelReason.QUESTION_WITHDRAWN)
    return request


def withdraw_all(change: Change, patient_id: int) -> None:
    """Nothing is asked about a patient any more who died or moved away; the caller holds the patient's lock."""
    waiting = select(OverrideRequest).where(
        OverrideRequest.patient_id == patient_id, OverrideRequest.state == RequestState.WAITING
    )
    for request in change.session.scalars(waiting.order_by(OverrideRequest.id)).all():
        end_request(change, request, RequestState.WITHDRAWN, None)
        held = change.session.get_one(Appointment, request.appointment_id)
        let_go(change, held, CancelReason.QUESTION_WITHDRAWN)


def end_expired(session: Session, clinic_id: int, now: datetime) -> int:
    """End the clinic's questions nobody answered within a day, and return how many.

    In a unit of work of its own: it locks patients before any diary.
    """
    overdue = session.scalars(
        select(OverrideRequest)
        .where(
            OverrideRequest.clinic_id == clinic_id,
            OverrideRequest.state == RequestState.WAITING,
            OverrideRequest.expires_at <= now,
        )
        .order_by(OverrideRequest.id)
    ).all()
    change = Change(session, Actor(SYSTEM, clinic_id), now)
    ended = 0
    lock_patients(session, [request.patient_id for request in overdue])
    for request in overdue:
        appointment = session.get_one(Appointment, request.appointment_id)
        session.refresh(request)
        session.refresh(appointment)
        if request.state != RequestState.WAITING:
            continue
        end_request(change, request, RequestState.EXPIRED, None)
        let_go(change, appointment, CancelReason.NOBODY_ANSWERED)
        ended += 1
    return ended


def waiting_clinics(session: Session, now: datetime) -> Sequence[int]:
    """Clinics with a question whose time is over."""
    return session.scalars(
        select(OverrideRequest.clinic_id)
        .where(OverrideRequest.state == RequestState.WAITING, OverrideRequest.expires_at <= now)
        .distinct()
    ).all()
