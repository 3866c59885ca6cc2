"""Booking and moving: one panel with what stands in the way and its mends, times to choose from, and another time."""

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.booking_checks import Check
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, VisitKind, VisitState
from clinic_scheduler.queries.courses.course_view import (
    CourseView,
    appointment_in_clinic,
    course_view,
)
from clinic_scheduler.queries.schedule.busy_hours import busy_checks
from clinic_scheduler.queries.schedule.suggestions import Reading, TimesWanted, suggestions_or_late
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question, booking_checks
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.checks_shown import standing, whom_to_ask
from clinic_scheduler.web.context import actor, changing, desk, now, problems_in, reading, today, zone
from clinic_scheduler.web.forms.base import is_in_reach
from clinic_scheduler.web.forms.booking import TimeForm, overrides_in
from clinic_scheduler.web.forms.refusals import whole_words
from clinic_scheduler.web.held_times import held_page
from clinic_scheduler.web.override_requests import end_expired, provider_to_ask
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("booking", __name__)
Refusal = BookingRefused | InvalidInput | ActionRefused


@blueprint.get("/courses/<int:course_id>/book")
@policy(*WRITERS)
def book(course_id: int) -> ResponseReturnValue:
    """?kind=consultation for a visit that is no injection; ?provider=, ?day= and ?at= for a time to look at."""
    kind = request.args.get("kind", VisitKind.INJECTION)
    return _panel(course_id, _time_asked_for(), kind=kind if kind in list(VisitKind) else VisitKind.INJECTION)


@blueprint.post("/courses/<int:course_id>/book")
@policy(*WRITERS)
def book_time(course_id: int) -> ResponseReturnValue:
    """With ask=, the provider of that id is asked to allow what only a provider may, and the time is held."""
    end_expired()
    form = _form()
    if not form.validate_on_submit():
        return _panel(course_id, form, problems_in(form), kind=_kind(form)), 422
    wanted = BookingRequest(
        course_id,
        form.provider.data,
        to_utc(form.day.data, form.at.data, zone()),
        overrides_in(request.form),
        form.key.data or None,
        form.kind.data,
        _question(form),
    )
    try:
        with changing() as change:
            made = appointments.book(change, wanted)
            require_the_one_asked_for(made, wanted)
            state, made_id = made.state, made.id
    except (BookingRefused, InvalidInput, ActionRefused) as refusal:
        return _panel(course_id, form, _words_of(refusal), kind=_kind(form)), status_of(refusal)
    flash_messages.leave(state, made_id)
    return redirect(url_for("due.due_list"))


@blueprint.get("/appointments/<int:appointment_id>/move")
@policy(*WRITERS)
def move(appointment_id: int) -> ResponseReturnValue:
    """?provider=, ?day= and ?at= for a time to look at, as when booking."""
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    if visit.state in AWAITING_ANSWER:
        return held_page(visit, "move"), 409
    return _panel(visit.course_id, _time_asked_for(), moving=visit, kind=visit.kind)


@blueprint.post("/appointments/<int:appointment_id>/move")
@policy(*WRITERS)
def move_to(appointment_id: int) -> ResponseReturnValue:
    """With ask=, the provider of that id is asked about a day that only a provider may allow; the visit stays."""
    end_expired()
    form = _form()
    if not form.validate_on_submit():
        return _move_panel(appointment_id, form, problems_in(form)), 422
    starts_at = to_utc(form.day.data, form.at.data, zone())
    try:
        with changing() as change:
            made = appointments.move(
                change,
                appointment_id,
                form.provider.data,
                starts_at,
                overrides_in(request.form),
                _question(form),
            )
            state, made_id = made.state, made.id
    except (BookingRefused, InvalidInput, ActionRefused) as refusal:
        words = [(field, moved_words(text)) for field, text in _words_of(refusal)]
        return _move_panel(appointment_id, form, words), status_of(refusal)
    flash_messages.leave(state if state == VisitState.PENDING else "moved", made_id)
    return redirect(url_for("visits.day", day=form.day.data.isoformat()))


def status_of(refusal: Refusal) -> int:
    """What was typed cannot be right, or it may be, but not as things stand."""
    return 422 if isinstance(refusal, InvalidInput) else 409


def moved_words(text: str) -> str:
    """A refused move says that nothing was moved, whatever the rule says of bookings."""
    return text.replace("Nothing was booked", "Nothing was moved")


def _form(**values: Any) -> TimeForm:
    return TimeForm.with_providers(desk().providers, **values)


def _time_asked_for() -> TimeForm | None:
    """The time an address names, if it names one whole."""
    if not request.args.get("day"):
        return None
    form = _form(formdata=request.args, key=secrets.token_urlsafe(16))
    return form if form.day.data and form.at.data and form.provider.data else None


def _kind(form: TimeForm) -> str:
    return form.kind.data if form.kind.data in list(VisitKind) else VisitKind.INJECTION


def _question(form: TimeForm) -> Question | None:
    asked = provider_to_ask()
    return None if asked is None else Question(asked, form.question.data or "")


def _move_panel(
    appointment_id: int, form: TimeForm | None, problems: list[tuple[str, str]] | None = None
) -> str:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    return _panel(visit.course_id, form, problems, moving=visit, kind=visit.kind)


def _panel(
    course_id: int,
    form: TimeForm | None = None,
    problems: list[tuple[str, str]] | None = None,
    moving: Any = None,
    kind: str = VisitKind.INJECTION,
) -> str:
    """The page, for a first look or after a refusal with what was typed kept."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    whose = form.provider.data if form is not None else None
    known = Reading(view.forecast, view.facts, zone())
    times = TimesWanted(kind=kind, first=whose, near=_typed(form), ignoring=moving.id if moving else None)
    slots, late = suggestions_or_late(reading(), view.course, now(), times, known)
    looked_at = _day_looked_at(form, slots or late)
    provider_id = whose or (slots[0].provider_id if slots else view.course.provider_id)
    wanted = form is not None and form.at.data is not None and _typed(form) is not None
    if form is None:
        form = _form(
            provider=view.course.provider_id, day=looked_at, kind=kind, key=secrets.token_urlsafe(16)
        )
    checks: list[Check] = []
    if kind == VisitKind.INJECTION:
        checks = booking_checks(reading(), view.course, looked_at, zone(), now(), known)
    checks += busy_checks(reading(), provider_id, looked_at, zone())
    return render_template(
        "booking/panel.html",
        view=view,
        form=form,
        problems=problems or [],
        slots=slots,
        late=late,
        moving=moving,
        held=None if moving else _held(view, kind),
        kind=kind,
        day=looked_at,
        wanted=wanted,
        asked_provider=whom_to_ask(view.course.provider_id, provider_id),
        standing=standing(checks),
    )


def _held(view: CourseView, kind: str) -> Any:
    """The open visit of that kind, beside which none is booked."""
    if kind == VisitKind.INJECTION:
        return view.appointment
    return next((visit for visit in view.other_visits if visit.kind == kind), None)


def _typed(form: TimeForm | None) -> date | None:
    """The day that was typed, where it is one that can be looked at."""
    day: date | None = form.day.data if form is not None else None
    return day if day is not None and is_in_reach(day) else None


def _day_looked_at(form: TimeForm | None, slots: list[Any]) -> date:
    """The checks are for the day that was typed, else for the first suggestion, else for today."""
    typed = _typed(form)
    if typed is not None:
        return typed
    return slots[0].local_date if slots else today()


def require_the_one_asked_for(made: Any, wanted: BookingRequest) -> None:
    """A page sent again after its visit was moved or called off must not look like a success."""
    if made.state not in (VisitState.BOOKED, VisitState.PROPOSED) or (made.starts_at, made.provider_id) != (
        wanted.starts_at,
        wanted.provider_id,
    ):
        raise BookingRefused(
            "used",
            "This page was used already and its visit changed since. Nothing was booked. Choose a time again.",
        )


def _words_of(refusal: Refusal) -> list[tuple[str, str]]:
    field = "day" if isinstance(refusal, BookingRefused) else "stands"
    return [(field, whole_words(refusal, "Nothing was booked"))]
