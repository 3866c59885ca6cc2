"""Taking back what was just done to a visit: arrived, did not attend, cancelled, moved. Each is checked and audited."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import (
    HELD_STATES,
    KIND_NOUNS,
    NEVER_BOOKED,
    CancelReason,
    VisitKind,
    VisitState,
    state_said,
)
from clinic_scheduler.domain.visits.slots import overlaps
from clinic_scheduler.models import Appointment, AuditEvent, Provider, VisitOverride
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import diaries, visit_length
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_course, lock_providers, read_anew
from clinic_scheduler.services.messaging.visit_notifications import notify_undone
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.appointments import cancel
from clinic_scheduler.services.visits.booking_rules import day_checks
from clinic_scheduler.services.visits.changes import Span, follow_up, place, publish, set_overrides
from clinic_scheduler.services.visits.guard import pass_guard
from clinic_scheduler.services.visits.visit_states import move_to


def unbook(change: Change, appointment_id: int) -> Appointment:
    """Call off what was booked by mistake; only if nothing happened to it since, as its notice may be an old one."""
    visit = _locked(change, appointment_id)
    newest = _newest_event(change.session, visit)
    _require(
        newest is not None and newest.action in (VisitState.BOOKED, VisitState.PROPOSED),
        "This visit changed since it was booked. Look at it first; cancel it there if that is right",
    )
    return cancel(change, appointment_id, CancelReason.BOOKED_IN_ERROR)


def unarrive(change: Change, appointment_id: int) -> Appointment:
    """The patient is not here after all; the visit stays booked."""
    visit = _locked(change, appointment_id)
    _require(
        visit.state == VisitState.ARRIVED, f"This visit is {state_said(visit.state, visit.kind)}, not arrived"
    )
    move_to(visit, VisitState.BOOKED)
    visit.arrived_at, visit.updated_at = None, change.now
    visit.sequence += 1
    record(change, "arrived_undone", "appointments", visit.id, patient_id=visit.patient_id)
    follow_up(change, visit.course, SuppressionReason.ARRIVED_UNDONE)
    return visit


def reopen(change: Change, appointment_id: int) -> Appointment:
    """Book a cancelled or missed visit again, as it was; only if the rules and the diary allow it now."""
    visit = _locked(change, appointment_id)
    was = visit.state
    _require(
        was in (VisitState.CANCELLED, VisitState.NOSHOW) and visit.cancel_reason not in NEVER_BOOKED,
        f"This visit is {state_said(visit.state, visit.kind)}, so there is nothing to reopen",
    )
    _require_room(change, visit, visit.provider, visit.starts_at)
    overrides = _require_allowed(change, visit, visit.local_date, list(visit.overrides))
    set_overrides(change.session, visit, overrides)
    move_to(visit, VisitState.BOOKED)
    publish(change, visit, SuppressionReason(f"{was}_undone"))
    if was == VisitState.CANCELLED:
        notify_undone(change.session, visit, change.now)
    return visit


def move_back(change: Change, appointment_id: int) -> Appointment:
    """Give a visit the time and provider it had before its last move; only if nothing happened to it since."""
    session = change.session
    visit = row_in_clinic(session, Appointment, change.clinic_id, appointment_id)
    before = _before_last_move(session, visit)
    provider = row_in_clinic(session, Provider, change.clinic_id, before["previous_provider_id"])
    _locked(change, appointment_id, provider.id)
    _require(
        visit.state == VisitState.BOOKED and _before_last_move(session, visit) == before,
        "This visit changed since it was moved",
    )
    starts_at = datetime.fromisoformat(before["previous"])
    # Whence it came may be closed by now: back there it stands among the visits on closed days, as before.
    _require_room(change, visit, provider, starts_at, closed_too=True)
    day = starts_at.astimezone(change.zone).date()
    kept = [_again(written) for written in before.get("previous_overrides", [])]
    overrides = _require_allowed(change, visit, day, kept)
    request_endings.withdraw_open(change, visit)
    ends_at = starts_at + visit_length(session, visit.course, provider, visit.kind)
    set_overrides(session, visit, overrides)
    place(change, visit, Span(provider, starts_at, ends_at))
    publish(change, visit, SuppressionReason.MOVED_BACK)
    notify_undone(session, visit, change.now)
    return visit


def may_reopen(visit: Appointment, today: date) -> bool:
    """Whether offering it makes sense; reopen itself looks at the diary."""
    ended = (
        visit.state in (VisitState.CANCELLED, VisitState.NOSHOW) and visit.cancel_reason not in NEVER_BOOKED
    )
    return ended and visit.local_date >= today


def _again(written: dict[str, Any]) -> VisitOverride:
    """An override as the audit kept it when the visit was moved away from its day."""
    return VisitOverride(
        name=written["name"],
        reason=written["reason"],
        note=written.get("note"),
        decided_by_id=written["decided_by_id"],
        decided_by=written["decided_by"],
        decided_at=datetime.fromisoformat(written["decided_at"]),
    )


def _require_allowed(
    change: Change, visit: Appointment, day: date, kept: list[VisitOverride]
) -> list[VisitOverride]:
    """The guard, asked anew: what was overridden for that day holds, what has come to stand against it refuses."""
    if visit.kind != VisitKind.INJECTION:
        return []
    try:
        passed = pass_guard(change, visit.course, day, kept=kept)
    except BookingRefused as refusal:
        raise refusal.saying("Nothing was changed") from refusal
    known = {row.name for row in passed.overrides}
    return [*passed.overrides, *(row for row in kept if row.name not in known)]


def _locked(change: Change, appointment_id: int, *provider_ids: int) -> Appointment:
    """The visit as it is once nobody else can change it, its diary or that of these providers."""
    session = change.session
    visit = row_in_clinic(session, Appointment, change.clinic_id, appointment_id)
    lock_providers(session, [visit.provider_id, *provider_ids])
    lock_course(session, visit.course)
    read_anew(session, visit)
    return visit


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BookingRefused("not_undone", f"{otherwise}. Nothing was changed.")


def _before_last_move(session: Session, visit: Appointment) -> dict[str, Any]:
    """What the newest audit row of the visit says it had been before; refused unless that row is a move's."""
    event = _newest_event(session, visit)
    if event is None or event.action != "moved" or "previous_provider_id" not in event.details:
        raise BookingRefused("not_undone", "This visit changed since it was moved. Nothing was changed.")
    return dict(event.details)


def _newest_event(session: Session, visit: Appointment) -> AuditEvent | None:
    """The newest audit row of the visit: what happened to it last."""
    return session.scalar(
        select(AuditEvent)
        .where(AuditEvent.subject == "appointments", AuditEvent.subject_id == visit.id)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )


def _require_room(
    change: Change, visit: Appointment, provider: Provider, starts_at: datetime, *, closed_too: bool = False
) -> None:
    """The course takes visits, its day is not past nor closed, and nobody has the time by now."""
    zone = change.zone
    day = starts_at.astimezone(zone).date()
    for check in day_checks(visit.course, day, zone, change.now, kind=visit.kind):
        _require(check.ok, check.text)
    other = change.session.scalar(
        select(Appointment.id).where(
            Appointment.course_id == visit.course_id,
            Appointment.kind == visit.kind,
            Appointment.state.in_(HELD_STATES),
            Appointment.id != visit.id,
        )
    )
    _require(other is None, f"This course has another {KIND_NOUNS[visit.kind]} by now")
    found = diaries(
        change.session, visit.clinic_id, zone, day, day, patient_id=visit.patient_id, ignoring=visit.id
    )
    diary = next((diary for diary in found if diary.provider_id == provider.id), None)
    if diary is None:
        raise BookingRefused("provider", f"{provider.name} takes no bookings. Nothing was changed.")
    _require(closed_too or diary.closure_on(day) is None, f"{spoken(day)} is closed")
    ends_at = starts_at + (visit.ends_at - visit.starts_at)
    at = starts_at.astimezone(zone)
    _require(
        not overlaps(diary.busy, starts_at, ends_at), f"{at:%H:%M} on {spoken(day)} was taken in the meantime"
    )
