"""Booking, moving and ending visits, each with its checks, its reminders and its audit row."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.visits.booking_checks import Stop
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitKind, VisitState
from clinic_scheduler.models import Appointment, Course
from clinic_scheduler.queries.courses.histories import PatientHistory, history_of
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.known_visits import known_visit, known_visits
from clinic_scheduler.queries.schedule.visit_terms import visit_terms
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.locks import locked_owner, locked_provider
from clinic_scheduler.services.messaging.visit_notifications import booking_told, notify_cancelled
from clinic_scheduler.services.visit_states import move_to
from clinic_scheduler.services.visits import override_requests, request_endings
from clinic_scheduler.services.visits.booking_requests import course_in, new_visit, twin_of
from clinic_scheduler.services.visits.booking_rules import (
    BookingRequest,
    Question,
    booking_checks,
    require_free,
    require_open,
)
from clinic_scheduler.services.visits.changes import (
    audit_visit,
    close,
    flush_or_taken,
    follow_up,
    open_visit,
    published,
    require_none_held,
)
from clinic_scheduler.services.visits.guard import (
    OverrideEntry,
    Passed,
    keep_overrides,
    pass_as_it_stands,
    pass_guard,
)
from clinic_scheduler.services.visits.moves import hold_for_move, relocate, visit_to_move


def book(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Appointment:
    """Book the course's next visit of a kind, or propose it where a provider is asked to allow it.

    Raises BookingRefused (nothing is booked then), NotFound or InvalidInput.
    """
    if request.kind not in list(VisitKind):
        raise InvalidInput(f"a visit's kind is one of {', '.join(VisitKind)}")
    provider = locked_provider(session, actor.clinic_id, request.provider_id)
    patient = locked_owner(session, actor.clinic_id, request.course_id)
    visits = known_visits(session, patient.id, request.idempotency_key)
    twin = twin_of(session, request, visits)
    if twin is not None:
        return twin
    require_none_held(visits, request.course_id, request.kind)
    history = history_of(session, patient, visits)
    course = course_in(history, request.course_id)
    terms = visit_terms(session, actor.clinic_id, course.indication, request.kind)
    zone = terms.zone
    require_open(course, request.starts_at, zone, now, kind=request.kind)
    passed = _guarded(session, actor, course, history, request, zone, now)
    ends_at = request.starts_at + terms.length(provider)
    require_free(session, course, provider, request.starts_at, ends_at, zone)
    appointment = new_visit(course, provider, request, ends_at, passed, zone, now)
    session.add(appointment)
    flush_or_taken(session, request.starts_at, zone)
    if passed.to_ask:
        override_requests.ask(session, actor, appointment, passed.to_ask, request.question, now)
    told = (
        booking_told(session, appointment, now, terms.rules) if appointment.state == VisitState.BOOKED else ()
    )
    audit_visit(session, actor, now, appointment.state, appointment)
    after = (passed.history or history).also(known_visit(appointment))
    follow_up(session, course, zone, now, appointment.state, after, terms.rules, told)
    return appointment


def _guarded(
    session: Session,
    actor: Actor,
    course: Course,
    history: PatientHistory,
    request: BookingRequest,
    zone: ZoneInfo,
    now: datetime,
) -> Passed:
    """Only injections know floors and caps."""
    if request.kind != VisitKind.INJECTION:
        return Passed([], [])
    day = request.starts_at.astimezone(zone).date()
    return pass_guard(
        session,
        actor,
        course,
        day,
        zone,
        now,
        entries=request.overrides,
        asking=request.question is not None,
        history=history,
    )


def move(
    session: Session,
    actor: Actor,
    appointment_id: int,
    provider_id: int,
    starts_at: datetime,
    now: datetime,
    overrides: tuple[OverrideEntry, ...] = (),
    question: Question | None = None,
) -> Appointment:
    """Give a booked visit another time or provider, under the same checks as a booking.

    What was overridden for another day is not taken along; on the same day it still holds. With a `question` about
    another day that only a provider may allow, the visit stays and the pending row that holds the time is returned.
    """
    provider, history, appointment = visit_to_move(session, actor, appointment_id, provider_id)
    if (appointment.starts_at, appointment.provider_id) == (starts_at, provider_id):
        return appointment
    course = appointment.course
    terms = visit_terms(session, actor.clinic_id, course.indication, appointment.kind)
    zone = terms.zone
    require_open(course, starts_at, zone, now, kind=appointment.kind)
    day = starts_at.astimezone(zone).date()
    kept = list(appointment.overrides) if day == appointment.local_date else []
    asking = question is not None and day != appointment.local_date
    passed = Passed([], [])
    if appointment.kind == VisitKind.INJECTION:
        passed = pass_guard(
            session,
            actor,
            course,
            day,
            zone,
            now,
            entries=overrides,
            kept=kept,
            asking=asking,
            history=history,
        )
    ends_at = starts_at + terms.length(provider)
    require_free(session, course, provider, starts_at, ends_at, zone, moving=appointment.id)
    where = (provider, starts_at, ends_at, passed.overrides, zone, now)
    if not passed.to_ask:
        known = passed.history or history
        return relocate(session, actor, appointment, *where, known, terms.rules)
    override_requests.require_not_asked(session, appointment)
    pending = hold_for_move(session, actor, appointment, *where)
    override_requests.ask(session, actor, pending, passed.to_ask, question, now)
    return pending


def cancel(session: Session, actor: Actor, appointment_id: int, reason: str, now: datetime) -> Appointment:
    """Cancel an open visit for one of CancelReason; the course goes back to the due list."""
    if reason not in list(CancelReason):
        raise InvalidInput(f"a cancellation needs a reason: one of {', '.join(CancelReason)}")
    appointment = open_visit(session, actor, appointment_id)
    request_endings.withdraw_open(session, actor, appointment, now)
    close(session, actor, appointment, VisitState.CANCELLED, now, CancelReason(reason))
    notify_cancelled(session, appointment, now)
    return appointment


def no_show(session: Session, actor: Actor, appointment_id: int, now: datetime) -> Appointment:
    """The patient did not attend; only once the visit's time has come."""
    appointment = open_visit(session, actor, appointment_id)
    if now < appointment.starts_at:
        raise BookingRefused("not_yet", "The visit's time has not come yet. Nothing was changed.")
    request_endings.withdraw_open(session, actor, appointment, now)
    return close(session, actor, appointment, VisitState.NOSHOW, now)


def arrive(
    session: Session,
    actor: Actor,
    appointment_id: int,
    now: datetime,
    overrides: tuple[OverrideEntry, ...] = (),
) -> Appointment:
    """The patient is here. The guard is asked for the visit's day, with what was overridden for it before.

    Who comes before that day would be treated today, so today must be good too.
    """
    appointment = open_visit(session, actor, appointment_id)
    zone = clinic_zone(session, actor.clinic_id)
    if appointment.kind == VisitKind.INJECTION:
        _allow_as_it_stands(session, actor, appointment, zone, now, overrides, "checked in")
        _require_good_today(session, actor, appointment, zone, now)
    request_endings.settle_if_allowed(session, actor, appointment, now)
    request_endings.withdraw_move(session, actor, appointment, now)
    move_to(appointment, VisitState.ARRIVED)
    appointment.arrived_at = now
    published(appointment, now)  # calendars say it
    audit_visit(session, actor, now, "arrived", appointment)
    follow_up(session, appointment.course, zone, now, "arrived")
    return appointment


def allow(
    session: Session, actor: Actor, appointment_id: int, overrides: tuple[OverrideEntry, ...], now: datetime
) -> Appointment:
    """Override by name what has come to stand against a booked visit; the visit stays where it is.

    Raises ActionRefused where nothing does, or all of it was overridden before.
    """
    appointment = open_visit(session, actor, appointment_id)
    zone = clinic_zone(session, actor.clinic_id)
    if appointment.kind != VisitKind.INJECTION or not _allow_as_it_stands(
        session, actor, appointment, zone, now, overrides, "changed"
    ):
        raise ActionRefused(
            "Nothing stands against this visit that is not allowed already. Nothing was changed."
        )
    session.flush()
    request_endings.settle_if_allowed(session, actor, appointment, now)
    audit_visit(session, actor, now, "allowed", appointment)
    follow_up(session, appointment.course, zone, now, "allowed")
    return appointment


def _allow_as_it_stands(
    session: Session,
    actor: Actor,
    appointment: Appointment,
    zone: ZoneInfo,
    now: datetime,
    overrides: tuple[OverrideEntry, ...],
    done: str,
) -> bool:
    """Whether anything was overridden now that was not before."""
    try:
        passed = pass_as_it_stands(session, actor, appointment, zone, now, entries=overrides)
    except BookingRefused as refusal:
        raise refusal.saying(f"Nothing was {done}") from refusal
    is_new = any(row not in appointment.overrides for row in passed.overrides)
    keep_overrides(appointment, passed.overrides)
    return is_new


def _require_good_today(
    session: Session, actor: Actor, appointment: Appointment, zone: ZoneInfo, now: datetime
) -> None:
    """What was overridden for the visit's own day says nothing of an earlier one."""
    today = now.astimezone(zone).date()
    if appointment.local_date <= today:
        return
    checks = booking_checks(session, appointment.course, today, zone, now)
    stands = [check for check in checks if not check.ok and check.stop == Stop.PROVIDER]
    if stands:
        said = " ".join(f"{each.title}. {each.text}" for each in stands)
        raise BookingRefused(
            stands[0].code,
            f"This visit is on {aloud(appointment.local_date)}. Today: {said} Nothing was checked in. "
            "Where a provider decides to treat today, move the visit to today first.",
        )
