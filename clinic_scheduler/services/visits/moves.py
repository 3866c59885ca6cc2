"""Moving a visit once the guard has passed it, and holding a time for one that a provider is asked about (DD-11)."""

from typing import Any

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitKind, VisitState
from clinic_scheduler.models import Appointment, Provider, VisitOverride
from clinic_scheduler.queries.courses.histories import PatientHistory, history_of
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import visit_length
from clinic_scheduler.queries.schedule.known_visits import known_visit, known_visits
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import locked_owner, locked_providers
from clinic_scheduler.services.messaging.visit_notifications import notify_moved, notify_reassigned
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.changes import (
    Span,
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
from clinic_scheduler.services.visits.visit_states import move_to


def visit_to_move(
    change: Change, appointment_id: int, provider_id: int
) -> tuple[Provider, PatientHistory, Appointment]:
    """The provider it is to move to, its patient's history and the visit, read once with both diaries and the patient
    locked.

    Raises BookingRefused where the visit is not open, NotFound.
    """
    session, clinic_id = change.session, change.clinic_id
    found = row_in_clinic(session, Appointment, clinic_id, appointment_id)
    provider = locked_providers(session, (found.provider_id, provider_id)).get(provider_id)
    if provider is None or provider.clinic_id != clinic_id:
        raise NotFound("no such provider")
    patient = locked_owner(session, clinic_id, found.course_id)
    visit = visit_anew(session, appointment_id)
    require_still_open(visit)
    return provider, history_of(session, patient, known_visits(session, patient.id)), visit


def relocate(
    change: Change,
    appointment: Appointment,
    span: Span,
    overrides: list[VisitOverride],
    history: PatientHistory | None = None,
    rules: ClinicRules | None = None,
    **details: Any,
) -> Appointment:
    """Write a move that the guard has passed, with all that follows; from now on `overrides` are the visit's.

    `history` and `rules` as for follow_up.
    """
    _end_questions(change, appointment, span, history)
    previous, started_at = where_it_was(appointment), appointment.starts_at
    set_overrides(change.session, appointment, overrides)
    place(change, appointment, span)
    move_to(appointment, VisitState.BOOKED)
    appointment.arrived_at = None
    published(appointment, change.now)
    flush_or_taken(change, span.starts_at)
    audit_visit(change, "moved", appointment, **previous, **details)
    known = history.also(known_visit(appointment)) if history else None
    follow_up(change, appointment.course, SuppressionReason.MOVED, known, rules)
    tell = notify_moved if started_at != span.starts_at else notify_reassigned
    tell(change.session, appointment, change.now, rules)
    return appointment


def _end_questions(
    change: Change, appointment: Appointment, span: Span, history: PatientHistory | None
) -> None:
    """What was asked about was another day, or about a move to another time."""
    moved_to = (span.provider.id, span.starts_at)
    visits = history.visits if history else None
    if span.starts_at.astimezone(change.zone).date() != appointment.local_date:
        request_endings.withdraw_open(change, appointment, moved_to, visits)
    elif request_endings.may_be_held_for(appointment, visits):
        request_endings.withdraw_move(change, appointment, moved_to)


def where_it_was(appointment: Appointment) -> dict[str, Any]:
    """What moving back needs, for the audit row of a move: also the words of overrides, which leave the visit."""
    return {
        "previous": appointment.starts_at.isoformat(),
        "previous_provider_id": appointment.provider_id,
        "previous_overrides": [written(row) | {"note": row.note} for row in appointment.overrides],
    }


def hold_for_move(
    change: Change, appointment: Appointment, span: Span, overrides: list[VisitOverride]
) -> Appointment:
    """A pending row that takes the time in the diary; the visit itself stays booked where it is."""
    pending = visit_row(
        change,
        appointment.course,
        VisitKind.INJECTION,
        span,
        state=VisitState.PENDING,
        replaces_id=appointment.id,
        overrides=overrides,
    )
    change.session.add(pending)
    flush_or_taken(change, span.starts_at)
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
    span = Span(pending.provider, pending.starts_at, ends_at)
    return relocate(change, appointment, span, overrides, **details)
