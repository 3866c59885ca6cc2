"""What the desk asks a provider to allow, and the provider's answer; questions past their day are ended first."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.domain.visits.override_requests import RequestState, next_step
from clinic_scheduler.queries.schedule.override_lines import override_lines, shown
from clinic_scheduler.queries.schedule.override_requests import RequestView, asked_in_clinic, given_before
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import override_requests
from clinic_scheduler.services.visits.booking_rules import Question, booking_checks
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.checks_shown import not_overridden, standing
from clinic_scheduler.web.context import actor, changing, desk, now, reading, zone
from clinic_scheduler.web.forms.booking import NOTE_LENGTH, overrides_in
from clinic_scheduler.web.forms.refusals import whole_words
from clinic_scheduler.web.policies import WRITERS, policy
from clinic_scheduler.web.urls import key_in
from clinic_scheduler.web.visits import guarded

blueprint = Blueprint("override_requests", __name__)
# Who may override (services/actors.py).
DECIDERS = ("provider", "admin")


def end_expired() -> None:
    """A time held for a question nobody answered within a day is free again, also where no worker runs."""
    if desk().is_overdue:
        with unit_of_work() as session:
            override_requests.end_expired(session, actor().clinic_id, now())


@blueprint.get("/requests/<int:request_id>")
@policy(*WRITERS)
def page(request_id: int) -> ResponseReturnValue:
    """The question with all that is needed to answer it; who may not answer sees how it stands."""
    end_expired()
    return _page(_asked(request_id))


@blueprint.post("/appointments/<int:appointment_id>/ask")
@policy(*WRITERS)
def ask(appointment_id: int) -> ResponseReturnValue:
    """Ask about a booked visit that something has come to stand against: ask=, the provider's id, and question=."""
    end_expired()
    question = Question(provider_to_ask() or 0, request.form.get("question", "").strip()[:NOTE_LENGTH])
    sent = overrides_in(request.form)

    def put(change: Change, visit_id: int) -> object:
        return override_requests.ask_about(change, visit_id, question, sent)

    return guarded(appointment_id, "asked", put)


def provider_to_ask() -> int | None:
    """ask= of a form, the id of a provider; 0, which nobody has, where it cannot be one; None without it."""
    asked = request.form.get("ask", "")
    if not asked:
        return None
    return key_in(asked) or 0


@blueprint.post("/requests/<int:request_id>/allow")
@policy(*DECIDERS)
def allow(request_id: int) -> ResponseReturnValue:
    """Reasons by name as everywhere; see overrides_in."""
    end_expired()
    asked = _asked(request_id)
    visit_id = asked.visit.id
    try:
        with changing() as change:
            override_requests.allow(change, request_id, overrides_in(request.form))
    except (BookingRefused, InvalidInput, ActionRefused) as refusal:
        return _page(_asked(request_id), refusal), 409
    left = _asked(request_id).request.state == RequestState.WAITING
    flash_messages.leave("allowed_in_part" if left else "allowed", visit_id)
    return redirect(url_for("override_requests.page", request_id=request_id) if left else _home())


@blueprint.post("/requests/<int:request_id>/decline")
@policy(*DECIDERS)
def decline(request_id: int) -> ResponseReturnValue:
    """decline-note= says why: the desk passes it on."""
    end_expired()
    asked, note = _asked(request_id), request.form.get("decline-note", "").strip()
    visit_id = asked.visit.id
    try:
        if not note:
            raise InvalidInput("write why in a few words, so that the desk can tell the patient")
        with changing() as change:
            override_requests.decline(change, request_id, note[:NOTE_LENGTH])
    except (InvalidInput, ActionRefused) as refusal:
        return _page(_asked(request_id), refusal, field="decline-note"), 409
    flash_messages.leave("declined", visit_id)
    return redirect(_home())


@blueprint.post("/requests/<int:request_id>/withdraw")
@policy(*WRITERS)
def withdraw(request_id: int) -> ResponseReturnValue:
    end_expired()
    visit_id = _asked(request_id).visit.id
    with changing() as change:
        override_requests.withdraw(change, request_id)
    flash_messages.leave("withdrawn", visit_id)
    return redirect(url_for("due.due_list"))


def _home() -> str:
    """Where the next question is: a provider's own weeks, else the work list."""
    return url_for("provider_home.home" if StaffRole.PROVIDER in actor().roles else "work_list.work_list")


def _asked(request_id: int) -> RequestView:
    return asked_in_clinic(reading(), actor().clinic_id, request_id)


def _page(asked: RequestView, refusal: Exception | None = None, field: str = "answer") -> str:
    visit = asked.visit
    waiting = asked.request.state == RequestState.WAITING
    checks: list[Any] = []
    if waiting:
        checks = booking_checks(reading(), asked.course, visit.local_date, zone(), now())
    lines = override_lines(reading(), visit.clinic_id, shown([visit]))
    return render_template(
        "override_requests/page.html",
        asked=asked,
        waiting=waiting,
        decides=waiting and actor().may_override,
        standing=standing(not_overridden(checks, visit)),
        given=given_before(reading(), asked.patient.id, asked.request.day),
        lines=lines.get(visit.id, []),
        state=asked.request.state.label,
        next_step=next_step(
            asked.request.state,
            asked.since,
            was_move=asked.moving is not None,
            is_closed=asked.course.closed_from is not None,
        ),
        problems=[(field, whole_words(refusal, "Nothing was changed"))] if refusal else [],
    )
