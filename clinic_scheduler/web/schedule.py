"""The schedule's week, and what is done on the table itself: a due patient booked into a gap, a visit moved."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.queries.courses.course_view import appointment_in_clinic
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.booking import moved_words, require_the_one_asked_for, status_of
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.booking import MoveForm, SlotForm, overrides_in
from clinic_scheduler.web.override_requests import end_expired
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.schedule_filter import open_time, place_of_form, schedule_filter_asked_for
from clinic_scheduler.web.schedule_page import instant, show_asked, show_move, show_taken

blueprint = Blueprint("schedule", __name__)


@blueprint.get("/schedule/week")
@policy(*EVERYONE)
def week() -> ResponseReturnValue:
    """?day=2026-11-24&provider=3: the week that day is in."""
    return show_asked(schedule_filter_asked_for("week"))


@blueprint.post("/courses/<int:course_id>/book-slot")
@policy(*WRITERS)
def book_slot(course_id: int) -> ResponseReturnValue:
    """Book a free time of the table; who comes second is shown what is free beside it."""
    form = SlotForm()
    wanted = open_time(form.slot.data or "")
    place = place_of_form(wanted.day)
    end_expired()
    booking = BookingRequest(
        course_id,
        wanted.provider_id,
        instant(wanted),
        overrides_in(request.form),
        _key(form, course_id),
    )
    try:
        with changing() as change:
            made = appointments.book(change, booking)
            require_the_one_asked_for(made, booking)
    except BookingRefused as refusal:
        return show_taken(place, course_id, wanted, refusal.message), 409
    except InvalidInput as refusal:
        return show_taken(place, course_id, wanted, f"{refusal}. Nothing was booked."), status_of(refusal)
    flash_messages.leave("booked", made.id)
    return redirect(place.on(wanted.day).address())


@blueprint.post("/appointments/<int:appointment_id>/move-here")
@policy(*WRITERS)
def move_here(appointment_id: int) -> ResponseReturnValue:
    """Move a visit to a free time of the table, chosen by a press or dragged there."""
    form = MoveForm()
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    wanted = open_time(form.slot.data or "")
    place = place_of_form(wanted.day)
    beside = place.beside(wanted.day)
    if not form.validate_on_submit():
        return show_move(beside, visit, form, problems_in(form)), 422
    who = actor()
    try:
        with changing() as change:
            appointments.move(
                change, appointment_id, wanted.provider_id, instant(wanted), overrides_in(request.form)
            )
    except (BookingRefused, InvalidInput) as refusal:
        visit = appointment_in_clinic(reading(), who.clinic_id, appointment_id)
        return show_move(beside, visit, form, [("panel", _words_of(refusal))], wanted), status_of(refusal)
    flash_messages.leave("moved", appointment_id)
    return redirect(place.address() if place.is_list else beside.address())


def _key(form: SlotForm, course_id: int) -> str | None:
    """A panel offers several patients under one key, of whom each may be booked once."""
    return f"{form.key.data[:40]}-{course_id}" if form.key.data else None


def _words_of(refusal: Exception) -> str:
    text = refusal.message if isinstance(refusal, BookingRefused) else f"{refusal}. Nothing was booked."
    return moved_words(text)
