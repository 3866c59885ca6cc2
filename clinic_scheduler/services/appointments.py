"""Booking, moving and cancelling visits, each with its checks, its reminders and its audit row."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.booking import CANCEL_REASONS
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.models import Appointment, Course, Provider
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.availability import clinic_zone, visit_length
from clinic_scheduler.queries.histories import OPEN_STATES
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.booking_rules import BookingRequest, require_allowed, taken
from clinic_scheduler.services.forecasting import new_next_visit, refresh
from clinic_scheduler.services.locks import lock_course, lock_providers
from clinic_scheduler.services.reminders import replan
from clinic_scheduler.services.visit_tellings import tell_booked, tell_cancelled, tell_moved, tell_reassigned


def book(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Appointment:
    """Book the course's next visit. Raises BookingRefused (nothing is booked then), NotFound or InvalidInput."""
    course = row_in_clinic(session, Course, actor.clinic_id, request.course_id)
    provider = row_in_clinic(session, Provider, actor.clinic_id, request.provider_id)
    _lock(session, course, provider.id)
    twin = _twin(session, request)
    if twin is not None:
        return twin
    _require_nothing_booked(session, course)
    zone = clinic_zone(session, actor.clinic_id)
    overridden = require_allowed(session, actor, course, provider, request, zone, now)
    ends_at = request.starts_at + visit_length(session, course, provider)
    local = request.starts_at.astimezone(zone)
    appointment = Appointment(
        uid=course.next_visit_uid,
        clinic_id=course.clinic_id,
        patient_id=course.patient_id,
        course_id=course.id,
        provider_id=provider.id,
        local_date=local.date(),
        local_time=local.time().replace(fold=0),
        zone=zone.key,
        starts_at=request.starts_at,
        ends_at=ends_at,
        state="booked",
        override_reason=request.override_reason if overridden else None,
        override_by_id=actor.user_id if overridden else None,
        idempotency_key=request.idempotency_key or opaque_id(),
        # The visit replaces the due window under one UID, so its revision goes on from the window's.
        sequence=course.forecast_sequence + 1,
        created_at=now,
        updated_at=now,
    )
    session.add(appointment)
    _flush_or_taken(session, request.starts_at, zone)
    _audit(session, actor, now, "booked", appointment, overridden)
    _follow_up(session, course, zone, now, "booked")
    tell_booked(session, appointment, now)
    return appointment


def move(
    session: Session,
    actor: Actor,
    appointment_id: int,
    provider_id: int,
    starts_at: datetime,
    now: datetime,
    override_reason: str | None = None,
) -> Appointment:
    """Give a booked visit another time or provider, under the same checks as a booking."""
    provider = row_in_clinic(session, Provider, actor.clinic_id, provider_id)
    appointment = _open_appointment(session, actor, appointment_id, to=provider.id)
    if (appointment.starts_at, appointment.provider_id) == (starts_at, provider_id):
        return appointment
    course = appointment.course
    zone = clinic_zone(session, actor.clinic_id)
    request = BookingRequest(course.id, provider_id, starts_at, override_reason)
    overridden = require_allowed(session, actor, course, provider, request, zone, now, moving=appointment.id)
    previous, started_at = _where_it_was(appointment), appointment.starts_at
    place(session, appointment, provider, starts_at, zone)
    appointment.override_reason = override_reason if overridden else None
    appointment.override_by_id = actor.user_id if overridden else None
    appointment.state, appointment.arrived_at = "booked", None
    _published(appointment, now)
    _flush_or_taken(session, starts_at, zone)
    _audit(session, actor, now, "moved", appointment, overridden, **previous)
    _follow_up(session, course, zone, now, "moved")
    tell = tell_moved if started_at != starts_at else tell_reassigned
    tell(session, appointment, now)
    return appointment


def cancel(session: Session, actor: Actor, appointment_id: int, reason: str, now: datetime) -> Appointment:
    """Cancel an open visit for one of CANCEL_REASONS; the course goes back to the due list."""
    if reason not in CANCEL_REASONS:
        raise InvalidInput(f"a cancellation needs a reason: one of {', '.join(CANCEL_REASONS)}")
    appointment = _open_appointment(session, actor, appointment_id)
    appointment.cancel_reason = reason
    _close(session, actor, appointment, "cancelled", now, reason=reason)
    tell_cancelled(session, appointment, now)
    return appointment


def no_show(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """The patient did not attend; only once the visit's time has come."""
    appointment = _open_appointment(session, actor, appointment_id)
    if now < appointment.starts_at:
        raise BookingRefused("not_yet", "The visit's time has not come yet. Nothing was changed.")
    return _close(session, actor, appointment, "noshow", now)


def arrive(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """The patient is here."""
    appointment = _open_appointment(session, actor, appointment_id)
    appointment.state, appointment.arrived_at = "arrived", now
    _published(appointment, now)  # calendars say it
    record(session, actor, now, "arrived", "appointments", appointment.id, patient_id=appointment.patient_id)
    return appointment


def place(
    session: Session, appointment: Appointment, provider: Provider, starts_at: datetime, zone: ZoneInfo
) -> None:
    """Set the visit's time and provider, with nothing asked; see move. Whoever had confirmed is asked again."""
    # Looked up first: a half-changed visit must not be flushed by the look-up.
    length = visit_length(session, appointment.course, provider)
    local = starts_at.astimezone(zone)
    appointment.provider_id = provider.id
    appointment.local_date, appointment.local_time = local.date(), local.time().replace(fold=0)
    appointment.starts_at = starts_at
    appointment.ends_at = starts_at + length
    appointment.zone = zone.key
    appointment.confirmed_at = appointment.confirmed_by = None


def publish(
    session: Session, actor: Actor, appointment: Appointment, zone: ZoneInfo, now: datetime, action: str
) -> None:
    """Save a visit that is open again or elsewhere, with all that follows. Raises BookingRefused if it is taken."""
    _published(appointment, now)
    _flush_or_taken(session, appointment.starts_at, zone)
    _audit(session, actor, now, action, appointment, False)
    _follow_up(session, appointment.course, zone, now, action)


def _where_it_was(appointment: Appointment) -> dict[str, Any]:
    """What moving back needs, for the audit row of a move."""
    return {
        "previous": appointment.starts_at.isoformat(),
        "previous_provider_id": appointment.provider_id,
        "previous_override_reason": appointment.override_reason,
        "previous_override_by_id": appointment.override_by_id,
    }


def _flush_or_taken(session: Session, starts_at: datetime, zone: ZoneInfo) -> None:
    """The database has the last word on overlaps, whoever looked first."""
    try:
        session.flush()
    except IntegrityError as error:
        said = str(error.orig)
        if "overlap" in said:
            raise taken(starts_at, zone) from error
        # PostgreSQL names the index, SQLite the column.
        if "uq_appointments_open_course" in said or "appointments.course_id" in said:
            raise BookingRefused(
                "already_booked",
                "This course already has a visit. Nothing was booked. Move that visit instead.",
            ) from error
        raise


def _lock(session: Session, course: Course, *provider_ids: int) -> None:
    """Changes to one provider's diary, and to one patient's visits, wait for each other."""
    lock_providers(session, provider_ids)
    lock_course(session, course)


def _twin(session: Session, request: BookingRequest) -> Appointment | None:
    """The visit this very request booked before, if it is sent again."""
    if not request.idempotency_key:
        return None
    twin = session.scalar(select(Appointment).where(Appointment.idempotency_key == request.idempotency_key))
    if twin is not None and twin.course_id != request.course_id:
        raise BookingRefused(
            "key_used",
            "This form was used for another visit. Nothing was booked. Open it anew and try again.",
        )
    return twin


def _require_nothing_booked(session: Session, course: Course) -> None:
    other = session.scalar(
        select(Appointment).where(Appointment.course_id == course.id, Appointment.state.in_(OPEN_STATES))
    )
    if other is not None:
        when = f"{spoken(other.local_date)} at {other.local_time:%H:%M}"
        raise BookingRefused(
            "already_booked",
            f"This course already has a visit on {when}. Nothing was booked. Move that visit instead.",
        )


def _open_appointment(
    session: Session, actor: Actor, appointment_id: int, *, to: int | None = None
) -> Appointment:
    """The visit, locked with its patient and, where it moves `to` a provider, with both diaries."""
    appointment = row_in_clinic(session, Appointment, actor.clinic_id, appointment_id)
    diaries = () if to is None else (appointment.provider_id, to)
    _lock(session, appointment.course, *diaries)
    session.refresh(appointment)
    if appointment.state not in OPEN_STATES:
        raise BookingRefused("not_open", f"This visit is already {appointment.state}. Nothing was changed.")
    return appointment


def _close(
    session: Session, actor: Actor, appointment: Appointment, state: str, now: datetime, **details: str
) -> Appointment:
    appointment.state = state
    _published(appointment, now)
    # The cancelled event stays in calendars under its UID; the window that opens again is a new one.
    course = appointment.course
    new_next_visit(course, now)
    _audit(session, actor, now, state, appointment, False, **details)
    _follow_up(session, course, clinic_zone(session, actor.clinic_id), now, state)
    return appointment


def _published(appointment: Appointment, now: datetime) -> None:
    appointment.sequence += 1
    appointment.updated_at = now


def _follow_up(session: Session, course: Course, zone: ZoneInfo, now: datetime, because: str) -> None:
    refresh(session, [course.patient_id], now.astimezone(zone).date(), now)
    replan(session, course, now, because)


def _audit(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    appointment: Appointment,
    overridden: bool,
    **details: Any,
) -> None:
    if overridden:
        details["override_reason"] = appointment.override_reason or ""
    record(
        session,
        actor,
        now,
        action,
        "appointments",
        appointment.id,
        patient_id=appointment.patient_id,
        starts_at=appointment.starts_at.isoformat(),
        provider_id=appointment.provider_id,
        **details,
    )
