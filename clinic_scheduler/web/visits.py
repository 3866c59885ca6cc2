"""The schedule's day, and what happens to a visit: arrived, not attended, called off, each undone.

How a consultation ends, and what a visit is changed into, is in visit_endings.py.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, VisitState
from clinic_scheduler.queries.courses.course_view import appointment_in_clinic
from clinic_scheduler.services.visits import appointments, consultations
from clinic_scheduler.services.visits import undo as appointment_undo
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.booking import CancelForm, overrides_in
from clinic_scheduler.web.held_times import held_page
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.schedule_filter import place_of_form, schedule_filter_asked_for
from clinic_scheduler.web.schedule_page import show_asked, show_visit

blueprint = Blueprint("visits", __name__)
# What was done: (how it is taken back, the line to show then). A booking's undo cancels it.
UNDO = {
    VisitState.ARRIVED: (appointment_undo.unarrive, "arrived_undone"),
    VisitState.NOSHOW: (appointment_undo.reopen, "reopened"),
    VisitState.CANCELLED: (appointment_undo.reopen, "reopened"),
    "moved": (appointment_undo.move_back, "moved_back"),
    # As a notice says it, and as the visit's panel does.
    "consulted": (consultations.undo, "not_taken_place"),
    "seen": (consultations.undo, "not_taken_place"),
    VisitState.FULFILLED: (consultations.undo, "not_taken_place"),
}
# After these the visit's panel stays open.
_STAYS = (
    "arrived",
    "allowed",
    "asked",
    "consulted",
    "outcome_corrected",
    "seen",
    "kind_changed",
    "not_taken_place",
)


@blueprint.get("/schedule")
@policy(*EVERYONE)
def day() -> ResponseReturnValue:
    """?day=2026-11-24, today without it; &provider=3 for that provider alone."""
    return show_asked(schedule_filter_asked_for("day"))


@blueprint.post("/appointments/<int:appointment_id>/arrived")
@policy(*WRITERS)
def arrived(appointment_id: int) -> ResponseReturnValue:
    """What has come to stand against the visit is shown, and may be passed over by who may; see allow."""
    sent = overrides_in(request.form)
    return guarded(appointment_id, "arrived", partial(appointments.arrive, overrides=sent))


@blueprint.post("/appointments/<int:appointment_id>/allow")
@policy(*WRITERS)
def allow(appointment_id: int) -> ResponseReturnValue:
    """Pass over what stands against a booked visit, each by name and reason; it stays where it is."""
    sent = overrides_in(request.form)

    return guarded(appointment_id, "allowed", partial(appointments.allow, overrides=sent))


@blueprint.post("/appointments/<int:appointment_id>/no-show")
@policy(*WRITERS)
def no_show(appointment_id: int) -> ResponseReturnValue:
    return _change(appointment_id, "noshow", appointments.no_show)


@blueprint.get("/appointments/<int:appointment_id>/cancel")
@policy(*WRITERS)
def cancel(appointment_id: int) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    if visit.state in AWAITING_ANSWER:
        return held_page(visit, "cancel"), 409
    return render_template("booking/cancel.html", form=CancelForm(), visit=visit, problems=[])


@blueprint.post("/appointments/<int:appointment_id>/cancel")
@policy(*WRITERS)
def cancel_with_reason(appointment_id: int) -> ResponseReturnValue:
    form = CancelForm()
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    if not form.validate_on_submit():
        return render_template("booking/cancel.html", form=form, visit=visit, problems=problems_in(form)), 422
    shown = visit.local_date
    with changing() as change:
        appointments.cancel(change, appointment_id, form.reason.data)
    flash_messages.leave("cancelled", appointment_id)
    return redirect(place_of_form(shown).address())


@blueprint.post("/appointments/<int:appointment_id>/undo")
@policy(*WRITERS)
def undo(appointment_id: int) -> ResponseReturnValue:
    """Take back what was just done: `what` is the notice's kind, a booking without it."""
    what = request.form.get("what", "booked")
    if what == "booked":
        return _undo_booking(appointment_id)
    if what not in UNDO:
        abort(400)
    act, kind = UNDO[what]
    return guarded(appointment_id, kind, act)


def _undo_booking(appointment_id: int) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    shown = visit.local_date
    try:
        with changing() as change:
            appointment_undo.unbook(change, appointment_id)
    except BookingRefused as refusal:
        visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
        return show_visit(place_of_form(visit.local_date), visit, [("panel", str(refusal))]), 409
    flash_messages.leave("undone", appointment_id)
    from_schedule = request.form.get("place")
    return redirect(place_of_form(shown).address() if from_schedule else url_for("due.due_list"))


def guarded(
    appointment_id: int, kind: str, act: Callable[..., object], *, into_injection: bool = False
) -> ResponseReturnValue:
    """As _change, with the visit's own panel again where it is refused; `into_injection`: why it may not be one."""
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    shown = visit.local_date
    try:
        return _change(appointment_id, kind, act)
    except (ActionRefused, BookingRefused, InvalidInput) as refusal:
        text = f"{refusal}. Nothing was changed." if isinstance(refusal, InvalidInput) else str(refusal)
        visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
        panel = show_visit(place_of_form(shown), visit, [("panel", text)], into_injection=into_injection)
        return panel, 409


def _change(appointment_id: int, kind: str, act: Callable[..., object]) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    shown = visit.local_date
    with changing() as change:
        act(change, appointment_id)
    flash_messages.leave(kind, appointment_id)
    place = place_of_form(shown)
    return redirect(place.address(visit=appointment_id) if kind in _STAYS else place.address())
