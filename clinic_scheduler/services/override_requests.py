"""Asking a provider to allow a visit: the question, its answer, and its end after a day (DD-11).

A time asked for anew is held as `proposed` meanwhile: it takes the diary, it is no appointment, nothing is sent.
A visit that is booked already, and against which something has come to stand, stays booked while it is asked about.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.blocks import Against
from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput, NotFound
from clinic_scheduler.domain.visits import VisitKind
from clinic_scheduler.models import Appointment, OverrideRequest, Provider
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.booking_rules import Question
from clinic_scheduler.services.locks import lock_patients
from clinic_scheduler.services.visit_changes import (
    audit_visit,
    flush_or_taken,
    follow_up,
    lock_visit,
    open_visit,
    published,
)
from clinic_scheduler.services.visit_guard import OverrideEntry, pass_guard
from clinic_scheduler.services.visit_tellings import tell_booked
from clinic_scheduler.services.work_items import close_items_of_visit, open_item

LASTS = timedelta(days=1)
WORK_KIND = "asks_to_allow"
SYSTEM = "answer time is over"


def ask(
    session: Session,
    actor: Actor,
    appointment: Appointment,
    names: Sequence[Against],
    question: Question | None,
    now: datetime,
) -> OverrideRequest:
    """Put the question about a visit to the named provider; one at a time."""
    if question is None:
        raise InvalidInput("a provider has to be asked by name")
    provider = row_in_clinic(session, Provider, actor.clinic_id, question.provider_id)
    if _waiting(session, appointment.id) is not None:
        raise ActionRefused("This visit is being asked about already. Nothing was changed.")
    request = OverrideRequest(
        clinic_id=appointment.clinic_id,
        patient_id=appointment.patient_id,
        course_id=appointment.course_id,
        appointment_id=appointment.id,
        provider_id=provider.id,
        names=[name.value for name in names],
        note=question.note.strip() or None,
        asked_by_id=actor.user_id,
        asked_by=actor.name,
        asked_at=now,
        expires_at=now + LASTS,
        state="waiting",
    )
    session.add(request)
    session.flush()
    open_item(
        session,
        appointment.clinic_id,
        WORK_KIND,
        f"asks-to-allow:{request.id}",
        now,
        patient_id=appointment.patient_id,
        course_id=appointment.course_id,
        appointment_id=appointment.id,
    )
    _audit(session, actor, request, "asked", now, provider_id=provider.id, names=request.names)
    return request


def ask_about(
    session: Session, actor: Actor, appointment_id: int, question: Question, now: datetime
) -> OverrideRequest:
    """Ask about a booked visit as it stands; only about what only a provider may override."""
    appointment = open_visit(session, actor, appointment_id)
    zone = clinic_zone(session, actor.clinic_id)
    passed = pass_guard(
        session,
        actor,
        appointment.course,
        appointment.local_date,
        zone,
        now,
        kept=list(appointment.overrides),
        asking=True,
    )
    if not passed.to_ask:
        raise ActionRefused("Nothing stands against this visit any more. Nobody was asked.")
    return ask(session, actor, appointment, passed.to_ask, question, now)


def allow(
    session: Session, actor: Actor, request_id: int, overrides: tuple[OverrideEntry, ...], now: datetime
) -> Appointment:
    """Allow by name, each with its reason; the guard is asked again, and a proposed time becomes a booked visit.

    Raises BookingRefused where something stands against it that is not among `overrides`.
    """
    request, appointment = _to_answer(session, actor, request_id, now)
    zone = clinic_zone(session, actor.clinic_id)
    proposed = appointment.state == "proposed"
    if proposed and appointment.starts_at <= now:
        raise BookingRefused("past", "That time has passed. Nothing was booked.")
    passed = pass_guard(
        session,
        actor,
        appointment.course,
        appointment.local_date,
        zone,
        now,
        entries=overrides,
        kept=list(appointment.overrides),
    )
    known = {row.name for row in appointment.overrides}
    appointment.overrides.extend(row for row in passed.overrides if row.name not in known)
    course = appointment.course
    if proposed:
        appointment.state = "booked"
        if appointment.kind == VisitKind.INJECTION:
            appointment.uid, appointment.sequence = course.next_visit_uid, course.forecast_sequence
        # Told of as booked now, not a day ago.
        appointment.created_at = now
        published(appointment, now)
    _answered(session, actor, request, "allowed", None, now)
    flush_or_taken(session, appointment.starts_at, zone)
    audit_visit(
        session, actor, now, "booked" if proposed else "allowed", appointment, asked_by=request.asked_by
    )
    follow_up(session, course, zone, now, "booked" if proposed else "allowed")
    if proposed:
        tell_booked(session, appointment, now)
    return appointment


def decline(session: Session, actor: Actor, request_id: int, note: str, now: datetime) -> OverrideRequest:
    """The provider decided against it: a proposed time is free again, a booked visit stays a problem to mend."""
    request, appointment = _to_answer(session, actor, request_id, now)
    _answered(session, actor, request, "declined", note, now)
    _let_go(session, actor, appointment, "not_allowed", now)
    return request


def withdraw(session: Session, actor: Actor, request_id: int, now: datetime) -> OverrideRequest:
    """The desk takes its question back; the proposed time is free again."""
    request, appointment = _to_answer(session, actor, request_id, now, deciding=False)
    _answered(session, actor, request, "withdrawn", None, now)
    _let_go(session, actor, appointment, "question_withdrawn", now)
    return request


def withdraw_open(session: Session, actor: Actor, appointment: Appointment, now: datetime) -> None:
    """Nobody needs to answer about a visit that is over or off."""
    request = _waiting(session, appointment.id)
    if request is not None:
        _answered(session, actor, request, "withdrawn", None, now)


def end_expired(session: Session, clinic_id: int, now: datetime) -> int:
    """End the clinic's questions nobody answered within a day, and return how many.

    In a unit of work of its own: it locks patients before any diary.
    """
    overdue = session.scalars(
        select(OverrideRequest.id)
        .where(
            OverrideRequest.clinic_id == clinic_id,
            OverrideRequest.state == "waiting",
            OverrideRequest.expires_at <= now,
        )
        .order_by(OverrideRequest.id)
    ).all()
    actor = Actor(SYSTEM, clinic_id)
    ended = 0
    found = [session.get_one(OverrideRequest, request_id) for request_id in overdue]
    lock_patients(session, [request.patient_id for request in found])
    for request in found:
        appointment = session.get_one(Appointment, request.appointment_id)
        session.refresh(request)
        session.refresh(appointment)
        if request.state != "waiting":
            continue
        _answered(session, actor, request, "expired", None, now)
        _let_go(session, actor, appointment, "nobody_answered", now)
        ended += 1
    return ended


def waiting_clinics(session: Session, now: datetime) -> Sequence[int]:
    """Clinics with a question whose time is over."""
    return session.scalars(
        select(OverrideRequest.clinic_id)
        .where(OverrideRequest.state == "waiting", OverrideRequest.expires_at <= now)
        .distinct()
    ).all()


def _waiting(session: Session, appointment_id: int) -> OverrideRequest | None:
    return session.scalar(
        select(OverrideRequest).where(
            OverrideRequest.appointment_id == appointment_id, OverrideRequest.state == "waiting"
        )
    )


def _to_answer(
    session: Session, actor: Actor, request_id: int, now: datetime, *, deciding: bool = True
) -> tuple[OverrideRequest, Appointment]:
    """The request and its visit, locked and still waiting; `deciding`: only for who may override."""
    request = row_in_clinic(session, OverrideRequest, actor.clinic_id, request_id)
    if deciding and not actor.may_override:
        raise NotFound("no such request")
    appointment = session.get_one(Appointment, request.appointment_id)
    lock_visit(session, appointment.course, appointment.provider_id)
    session.refresh(request)
    session.refresh(appointment)
    if request.state != "waiting" or request.expires_at <= now:
        raise ActionRefused("This question was answered or ended meanwhile. Nothing was changed.")
    return request, appointment


def _answered(
    session: Session, actor: Actor, request: OverrideRequest, state: str, note: str | None, now: datetime
) -> None:
    request.state, request.answered_by_id, request.answered_by = state, actor.user_id, actor.name
    request.answered_at, request.answer_note = now, (note or "").strip() or None
    _audit(session, actor, request, state, now)
    close_items_of_visit(session, actor, request.appointment_id, WORK_KIND, state, now)


def _let_go(session: Session, actor: Actor, appointment: Appointment, reason: str, now: datetime) -> None:
    """A proposed time is free again; nobody was told of it, so nobody is told that it is off."""
    if appointment.state != "proposed":
        return
    appointment.state, appointment.cancel_reason, appointment.updated_at = "cancelled", reason, now
    session.flush()
    audit_visit(session, actor, now, "cancelled", appointment, reason=reason)
    follow_up(session, appointment.course, clinic_zone(session, appointment.clinic_id), now, "cancelled")


def _audit(
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
