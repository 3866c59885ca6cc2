"""Booking, moving and ending visits, each with its checks, its reminders and its audit row."""

from datetime import datetime

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.booking_checks import Stop
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitKind, VisitState
from clinic_scheduler.models import Appointment, Course
from clinic_scheduler.queries.courses.histories import PatientHistory, history_of
from clinic_scheduler.queries.schedule.known_visits import known_visit, known_visits
from clinic_scheduler.queries.schedule.visit_terms import visit_terms
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.due_counts import begin_new_round
from clinic_scheduler.services.locks import locked_owner, locked_provider
from clinic_scheduler.services.messaging.visit_notifications import booking_told, notify_cancelled
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
    Span,
    audit_visit,
    close,
    flush_or_taken,
    follow_up,
    keep_overrides,
    open_visit,
    published,
    require_none_held,
)
from clinic_scheduler.services.visits.guard import (
    Decided,
    OverrideEntry,
    Passed,
    pass_as_it_stands,
    pass_guard,
)
from clinic_scheduler.services.visits.moves import hold_for_move, relocate, visit_to_move
from clinic_scheduler.services.visits.visit_states import move_to


def book(change: Change, request: BookingRequest) -> Appointment:
    """Book the course's next visit of a kind, or propose it where a provider is asked to allow it.

    Raises BookingRefused (nothing is booked then), NotFound or InvalidInput.
    """
    session = change.session
    if request.kind not in list(VisitKind):
        raise InvalidInput(f"a visit's kind is one of {', '.join(VisitKind)}")
    provider = locked_provider(session, change.clinic_id, request.provider_id)
    patient = locked_owner(session, change.clinic_id, request.course_id)
    visits = known_visits(session, patient.id, request.idempotency_key)
    twin = twin_of(session, request, visits)
    if twin is not None:
        return twin
    require_none_held(visits, request.course_id, request.kind)
    history = history_of(session, patient, visits)
    course = course_in(history, request.course_id)
    terms = visit_terms(session, change.clinic_id, course.indication, request.kind)
    change.learn(terms.zone)
    require_open(course, request.starts_at, change.zone, change.now, kind=request.kind)
    passed = _guarded(change, course, history, request)
    ends_at = request.starts_at + terms.length(provider)
    require_free(change, course, provider, request.starts_at, ends_at)
    appointment = new_visit(change, course, provider, request, ends_at, passed)
    session.add(appointment)
    flush_or_taken(change, request.starts_at)
    if passed.to_ask:
        override_requests.ask(change, appointment, passed.to_ask, request.question)
    told = (
        booking_told(session, appointment, change.now, terms.rules)
        if appointment.state == VisitState.BOOKED
        else ()
    )
    audit_visit(change, appointment.state, appointment)
    after = (passed.history or history).also(known_visit(appointment))
    begin_new_round(session, after, course.id)
    follow_up(change, course, SuppressionReason(appointment.state), after, terms.rules, told)
    return appointment


def _guarded(change: Change, course: Course, history: PatientHistory, request: BookingRequest) -> Passed:
    """Only injections know floors and caps."""
    if request.kind != VisitKind.INJECTION:
        return Passed([], [])
    day = request.starts_at.astimezone(change.zone).date()
    decided = Decided(request.overrides, asking=request.question is not None)
    return pass_guard(change, course, day, decided, history=history)


def move(
    change: Change,
    appointment_id: int,
    provider_id: int,
    starts_at: datetime,
    overrides: tuple[OverrideEntry, ...] = (),
    question: Question | None = None,
) -> Appointment:
    """Give a booked visit another time or provider, under the same checks as a booking.

    What was overridden for another day is not taken along; on the same day it still holds. With a `question` about
    another day that only a provider may allow, the visit stays and the pending row that holds the time is returned.
    """
    session = change.session
    provider, history, appointment = visit_to_move(change, appointment_id, provider_id)
    if (appointment.starts_at, appointment.provider_id) == (starts_at, provider_id):
        return appointment
    course = appointment.course
    terms = visit_terms(session, change.clinic_id, course.indication, appointment.kind)
    change.learn(terms.zone)
    require_open(course, starts_at, change.zone, change.now, kind=appointment.kind)
    day = starts_at.astimezone(change.zone).date()
    kept = list(appointment.overrides) if day == appointment.local_date else []
    asking = question is not None and day != appointment.local_date
    passed = Passed([], [])
    if appointment.kind == VisitKind.INJECTION:
        passed = pass_guard(change, course, day, Decided(overrides, asking), kept=kept, history=history)
    if passed.to_ask:
        held = override_requests.held_before(session, appointment, provider_id, starts_at, question)
        if held is not None:
            return held
        override_requests.require_not_asked(session, appointment)
    ends_at = starts_at + terms.length(provider)
    require_free(change, course, provider, starts_at, ends_at, moving=appointment.id)
    span = Span(provider, starts_at, ends_at)
    if not passed.to_ask:
        known = passed.history or history
        return relocate(change, appointment, span, passed.overrides, known, terms.rules)
    pending = hold_for_move(change, appointment, span, passed.overrides)
    override_requests.ask(change, pending, passed.to_ask, question)
    return pending


def cancel(change: Change, appointment_id: int, reason: str) -> Appointment:
    """Cancel an open visit for one of CancelReason; the course goes back to the due list."""
    if reason not in list(CancelReason):
        raise InvalidInput(f"a cancellation needs a reason: one of {', '.join(CancelReason)}")
    appointment = open_visit(change, appointment_id)
    request_endings.withdraw_open(change, appointment)
    close(change, appointment, VisitState.CANCELLED, CancelReason(reason))
    notify_cancelled(change.session, appointment, change.now)
    return appointment


def no_show(change: Change, appointment_id: int) -> Appointment:
    """The patient did not attend; only once the visit's time has come."""
    appointment = open_visit(change, appointment_id)
    if change.now < appointment.starts_at:
        raise BookingRefused("not_yet", "The visit's time has not come yet. Nothing was changed.")
    request_endings.withdraw_open(change, appointment)
    return close(change, appointment, VisitState.NOSHOW)


def arrive(change: Change, appointment_id: int, overrides: tuple[OverrideEntry, ...] = ()) -> Appointment:
    """The patient is here. The guard is asked for the visit's day, with what was overridden for it before.

    Who comes on another day would be treated today, so today must be good too.
    """
    appointment = open_visit(change, appointment_id)
    if appointment.kind == VisitKind.INJECTION:
        _allow_as_it_stands(change, appointment, overrides, "checked in")
        _require_good_today(change, appointment)
    # Nobody needs to answer about who is here and may be treated.
    request_endings.settle_if_allowed(change, appointment)
    request_endings.withdraw_open(change, appointment)
    move_to(appointment, VisitState.ARRIVED)
    appointment.arrived_at = change.now
    published(appointment, change.now)  # calendars say it
    audit_visit(change, "arrived", appointment)
    follow_up(change, appointment.course, SuppressionReason.ARRIVED)
    return appointment


def allow(change: Change, appointment_id: int, overrides: tuple[OverrideEntry, ...]) -> Appointment:
    """Override by name what has come to stand against a booked visit; the visit stays where it is.

    Raises ActionRefused where nothing does, or all of it was overridden before.
    """
    appointment = open_visit(change, appointment_id)
    if appointment.kind != VisitKind.INJECTION or not _allow_as_it_stands(
        change, appointment, overrides, "changed"
    ):
        raise ActionRefused(
            "Nothing stands against this visit that is not allowed already. Nothing was changed."
        )
    change.session.flush()
    request_endings.settle_if_allowed(change, appointment)
    audit_visit(change, "allowed", appointment)
    follow_up(change, appointment.course, SuppressionReason.ALLOWED)
    return appointment


def _allow_as_it_stands(
    change: Change, appointment: Appointment, overrides: tuple[OverrideEntry, ...], done: str
) -> bool:
    """Whether anything was overridden now that was not before."""
    try:
        passed = pass_as_it_stands(change, appointment, Decided(overrides))
    except BookingRefused as refusal:
        raise refusal.saying(f"Nothing was {done}") from refusal
    is_new = any(row not in appointment.overrides for row in passed.overrides)
    keep_overrides(change.session, appointment, passed.overrides)
    return is_new


def _require_good_today(change: Change, appointment: Appointment) -> None:
    """What was overridden for the visit's own day says nothing of another one: too early, or come late."""
    today = change.today
    if appointment.local_date == today:
        return
    checks = booking_checks(change.session, appointment.course, today, change.zone, change.now)
    stands = [check for check in checks if not check.ok and check.stop == Stop.PROVIDER]
    if stands:
        said = " ".join(f"{each.title}. {each.text}" for each in stands)
        lies = "is" if today < appointment.local_date else "was"
        raise BookingRefused(
            stands[0].code,
            f"This visit {lies} on {aloud(appointment.local_date)}. Today: {said} Nothing was checked in. "
            "Where a provider decides to treat today, move the visit to today first.",
        )
