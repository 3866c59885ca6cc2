"""Taking back what was just done to a visit: arrived, did not attend, cancelled, moved. Each is checked and audited."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.domain.slots import overlaps
from clinic_scheduler.models import Appointment, AuditEvent, Provider
from clinic_scheduler.queries.availability import clinic_zone, diaries
from clinic_scheduler.queries.histories import OPEN_STATES
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services import appointments
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.booking_rules import booking_checks
from clinic_scheduler.services.locks import lock_course, lock_providers
from clinic_scheduler.services.visit_tellings import tell_undone


def unarrive(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """The patient is not here after all; the visit stays booked."""
    visit = _locked(session, actor, appointment_id)
    _require(visit.state == "arrived", f"This visit is {_state(visit)}, not arrived")
    visit.state, visit.arrived_at, visit.updated_at = "booked", None, now
    visit.sequence += 1
    record(session, actor, now, "arrived_undone", "appointments", visit.id, patient_id=visit.patient_id)
    return visit


def reopen(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """Book a cancelled or missed visit again, as it was; only if its time is still free, and not past its day."""
    visit = _locked(session, actor, appointment_id)
    was = visit.state
    _require(was in ("cancelled", "noshow"), f"This visit is {_state(visit)}, so there is nothing to reopen")
    _require_room(session, visit, visit.provider, visit.starts_at, now)
    zone = clinic_zone(session, actor.clinic_id)
    visit.state, visit.cancel_reason = "booked", None
    appointments.publish(session, actor, visit, zone, now, f"{was}_undone")
    if was == "cancelled":
        tell_undone(session, visit, now)
    return visit


def move_back(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """Give a visit the time and provider it had before its last move; only if nothing happened to it since."""
    visit = row_in_clinic(session, Appointment, actor.clinic_id, appointment_id)
    before = _before_last_move(session, visit)
    provider = row_in_clinic(session, Provider, actor.clinic_id, before["previous_provider_id"])
    _locked(session, actor, appointment_id, provider.id)
    _require(
        visit.state == "booked" and _before_last_move(session, visit) == before,
        "This visit changed since it was moved",
    )
    starts_at = datetime.fromisoformat(before["previous"])
    # Whence it came may be closed by now: back there it stands among the visits on closed days, as before.
    _require_room(session, visit, provider, starts_at, now, closed_too=True)
    zone = clinic_zone(session, actor.clinic_id)
    appointments.place(session, visit, provider, starts_at, zone)
    visit.override_reason = before["previous_override_reason"]
    visit.override_by_id = before["previous_override_by_id"]
    appointments.publish(session, actor, visit, zone, now, "moved_back")
    tell_undone(session, visit, now)
    return visit


def may_reopen(visit: Appointment, today: date) -> bool:
    """Whether offering it makes sense; reopen itself looks at the diary."""
    return visit.state in ("cancelled", "noshow") and visit.local_date >= today


def _locked(session: Session, actor: Actor, appointment_id: int, *provider_ids: int) -> Appointment:
    """The visit as it is once nobody else can change it, its diary or that of these providers."""
    visit = row_in_clinic(session, Appointment, actor.clinic_id, appointment_id)
    lock_providers(session, [visit.provider_id, *provider_ids])
    lock_course(session, visit.course)
    session.refresh(visit)
    return visit


def _state(visit: Appointment) -> str:
    return {"noshow": "missed", "fulfilled": "treated"}.get(visit.state, visit.state)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BookingRefused("not_undone", f"{otherwise}. Nothing was changed.")


def _before_last_move(session: Session, visit: Appointment) -> dict[str, Any]:
    """What the newest audit row of the visit says it had been before; refused unless that row is a move's."""
    event = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.subject == "appointments", AuditEvent.subject_id == visit.id)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    if event is None or event.action != "moved" or "previous_provider_id" not in event.details:
        raise BookingRefused("not_undone", "This visit changed since it was moved. Nothing was changed.")
    return dict(event.details)


def _require_room(
    session: Session,
    visit: Appointment,
    provider: Provider,
    starts_at: datetime,
    now: datetime,
    *,
    closed_too: bool = False,
) -> None:
    """The course takes visits, its day is not past nor closed, and nobody has the time by now.

    What was a provider's override before stays one: dates are not judged anew, only hard stops hold.
    """
    zone = clinic_zone(session, visit.clinic_id)
    day = starts_at.astimezone(zone).date()
    for check in booking_checks(session, visit.course, day, zone, now):
        _require(check.ok or check.stop != "hard", check.text)
    other = session.scalar(
        select(Appointment.id).where(
            Appointment.course_id == visit.course_id,
            Appointment.state.in_(OPEN_STATES),
            Appointment.id != visit.id,
        )
    )
    _require(other is None, "This course has another visit by now")
    found = diaries(session, visit.clinic_id, zone, day, day, patient_id=visit.patient_id, ignoring=visit.id)
    diary = next((diary for diary in found if diary.provider_id == provider.id), None)
    if diary is None:
        raise BookingRefused("provider", f"{provider.name} takes no bookings. Nothing was changed.")
    _require(closed_too or diary.closure_on(day) is None, f"{spoken(day)} is closed")
    ends_at = starts_at + (visit.ends_at - visit.starts_at)
    at = starts_at.astimezone(zone)
    _require(
        not overlaps(diary.busy, starts_at, ends_at), f"{at:%H:%M} on {spoken(day)} was taken in the meantime"
    )
