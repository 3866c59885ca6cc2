"""Booking and moving: one panel with the checks, times to choose from, and a form for another time."""

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.queries.availability import suggestions
from clinic_scheduler.queries.busy_hours import busy_checks
from clinic_scheduler.queries.course_view import active_providers, appointment_in_clinic, course_view
from clinic_scheduler.services import appointments
from clinic_scheduler.services.booking_rules import BookingRequest, booking_checks
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, now, problems_in, reading, today, zone
from clinic_scheduler.web.forms.booking import TimeForm
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("booking", __name__)


@blueprint.get("/courses/<int:course_id>/book")
@policy(*WRITERS)
def book(course_id: int) -> ResponseReturnValue:
    return _panel(course_id)


@blueprint.post("/courses/<int:course_id>/book")
@policy(*WRITERS)
def book_time(course_id: int) -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _panel(course_id, form, problems_in(form)), 422
    starts_at = to_utc(form.day.data, form.at.data, zone())
    request = BookingRequest(
        course_id, form.provider.data, starts_at, form.override.data or None, form.key.data or None
    )
    who = actor()
    try:
        with unit_of_work() as session:
            made = appointments.book(session, who, request, now())
            require_the_one_asked_for(made, request)
    except (BookingRefused, InvalidInput) as refusal:
        return _panel(course_id, form, _words_of(refusal)), 409
    notices.leave("booked", made.id)
    return redirect(url_for("due.due_list"))


@blueprint.get("/appointments/<int:appointment_id>/move")
@policy(*WRITERS)
def move(appointment_id: int) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    return _panel(visit.course_id, moving=visit)


@blueprint.post("/appointments/<int:appointment_id>/move")
@policy(*WRITERS)
def move_to(appointment_id: int) -> ResponseReturnValue:
    form = _form()
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    course_id = visit.course_id
    if not form.validate_on_submit():
        return _panel(course_id, form, problems_in(form), moving=visit), 422
    starts_at = to_utc(form.day.data, form.at.data, zone())
    who = actor()
    try:
        with unit_of_work() as session:
            appointments.move(
                session, who, appointment_id, form.provider.data, starts_at, now(), form.override.data or None
            )
    except (BookingRefused, InvalidInput) as refusal:
        return _panel(course_id, form, _words_of(refusal), moving=visit), 409
    notices.leave("moved", appointment_id)
    return redirect(url_for("visits.day", day=form.day.data.isoformat()))


def _form(**values: Any) -> TimeForm:
    return TimeForm.with_providers(active_providers(reading(), actor().clinic_id), **values)


def _panel(
    course_id: int,
    form: TimeForm | None = None,
    problems: list[tuple[str, str]] | None = None,
    moving: Any = None,
) -> str:
    """The page, for a first look or after a refusal with what was typed kept."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    moved = moving.id if moving else None
    slots = suggestions(reading(), view.course, now(), per_diary=1, ignoring=moved)
    looked_at = _day_looked_at(form, slots)
    provider_id = form.provider.data if form is not None else slots[0].provider_id if slots else None
    if form is None:
        form = _form(provider=view.course.provider_id, day=looked_at, key=secrets.token_urlsafe(16))
    return render_template(
        "booking/panel.html",
        view=view,
        form=form,
        problems=problems or [],
        slots=slots,
        moving=moving,
        day=looked_at,
        checks=booking_checks(reading(), view.course, looked_at, zone(), now())
        + busy_checks(reading(), provider_id, looked_at, zone()),
    )


def _day_looked_at(form: TimeForm | None, slots: list[Any]) -> date:
    """The checks are for the day that was typed, else for the first suggestion."""
    if form is not None and form.day.data is not None:
        day: date = form.day.data
        return day
    return slots[0].local_date if slots else today()


def require_the_one_asked_for(made: Any, request: BookingRequest) -> None:
    """A page sent again after its visit was moved or called off must not look like a success."""
    if made.state != "booked" or (made.starts_at, made.provider_id) != (
        request.starts_at,
        request.provider_id,
    ):
        raise BookingRefused(
            "used",
            "This page was used already and its visit changed since. Nothing was booked. Choose a time again.",
        )


def _words_of(refusal: Exception) -> list[tuple[str, str]]:
    if isinstance(refusal, BookingRefused):
        return [("day", refusal.message)]
    return [("override", f"{refusal}. Nothing was booked.")]
