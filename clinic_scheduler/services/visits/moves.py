"""Moving a visit once the guard has passed it, and holding a time for one that a provider is asked about (DD-11)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitKind, VisitState
from clinic_scheduler.models import Appointment, Provider, VisitOverride
from clinic_scheduler.queries.courses.histories import PatientHistory, history_of
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import visit_length
from clinic_scheduler.queries.schedule.known_visits import known_visit, known_visits
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import locked_owner, locked_providers
from clinic_scheduler.services.messaging.visit_notifications import notify_moved, notify_reassigned
from clinic_scheduler.services.visit_states import move_to
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.changes import (
    audit_visit,
    copy_of,
    flush_or_taken,
    follow_up,
    place,
    published,
    require_still_open,
    set_overrides,
    visit_anew,
    visit_row,
    written,
)


def visit_to_move(
    session: Session, actor: Actor, appointment_id: int, provider_id: int
) -> tuple[Provider, PatientHistory, Appointment]:
    """The provider it is to move to, its patient's history and the visit, read once with both diaries and the patient
    locked.

    Raises BookingRefused where the visit is not open, NotFound.
    """
    found = row_in_clinic(session, Appointment, actor.clinic_id, appointment_id)
    provider = locked_providers(session, (found.provider_id, provider_id)).get(provider_id)
    if provider is None or provider.clinic_id != actor.clinic_id:
        raise NotFound("no such provider")
    patient = locked_owner(session, actor.clinic_id, found.course_id)
    visit = visit_anew(session, appointment_id)
    require_still_open(visit)
    return provider, history_of(session, patient, known_visits(session, patient.id)), visit


def relocate(
    change: Change,
    appointment: Appointment,
    provider: Provider,
    starts_at: datetime,
    ends_at: datetime,
    overrides: list[VisitOverride],
    history: PatientHistory | None = None,
    rules: ClinicRules | None = None,
    **details: Any,
) -> Appointment:
    """Write a move that the guard has passed, with all that follows; from now on `overrides` are the visit's.

    `history` and `rules` as for follow_up.
    """
    _end_questions(change, appointment, starts_at.astimezone(change.zone).date(), history)
    previous, started_at = where_it_was(appointment), appointment.starts_at
    set_overrides(change.session, appointment, overrides)
    place(appointment, provider, starts_at, ends_at, change.zone)
    move_to(appointment, VisitState.BOOKED)
    appointment.arrived_at = None
    published(appointment, change.now)
    flush_or_taken(change, starts_at)
    audit_visit(change, "moved", appointment, **previous, **details)
    known = history.also(known_visit(appointment)) if history else None
    follow_up(change, appointment.course, "moved", known, rules)
    tell = notify_moved if started_at != starts_at else notify_reassigned
    tell(change.session, appointment, change.now, rules)
    return appointment


def _end_questions(
    change: Change, appointment: Appointment, day: date, history: PatientHistory | None
) -> None:
    """What was asked about was another day, or about a move to another time."""
    if day != appointment.local_date:
        request_endings.withdraw_asked(change, appointment)
    visits = history.visits if history else None
    if visits is None or any(visit.replaces_id == appointment.id for visit in visits):
        request_endings.withdraw_move(change, appointment)


def where_it_was(appointment: Appointment) -> dict[str, Any]:
    """What moving back needs, for the audit row of a move: also the words of overrides, which leave the visit."""
    return {
        "previous": appointment.starts_at.isoformat(),
        "previous_provider_id": appointment.provider_id,
        "previous_overrides": [written(row) | {"note": row.note} for row in appointment.overrides],
    }


def hold_for_move(
    change: Change,
    appointment: Appointment,
    provider: Provider,
    starts_at: datetime,
    ends_at: datetime,
    overrides: list[VisitOverride],
) -> Appointment:
    """A pending row that takes the time in the diary; the visit itself stays booked where it is."""
    where = (provider, VisitKind.INJECTION, starts_at, ends_at, change.zone, change.now)
    pending = visit_row(
        appointment.course,
        *where,
        state=VisitState.PENDING,
        replaces_id=appointment.id,
        overrides=overrides,
    )
    change.session.add(pending)
    flush_or_taken(change, starts_at)
    audit_visit(change, VisitState.PENDING, pending, replaces_id=appointment.id)
    return pending


def move_to_held_time(
    change: Change, appointment: Appointment, pending: Appointment, **details: Any
) -> Appointment:
    """The visit moves to the time that was held for it, with what was overridden for that time."""
    move_to(pending, VisitState.CANCELLED, CancelReason.MOVED_HERE)
    pending.updated_at = change.now
    change.session.flush()
    overrides = [copy_of(row) for row in pending.overrides]
    ends_at = pending.starts_at + visit_length(
        change.session, appointment.course, pending.provider, appointment.kind
    )
    where = (pending.provider, pending.starts_at, ends_at, overrides)
    return relocate(change.session, change.actor, appointment, *where, change.zone, change.now, **details)
