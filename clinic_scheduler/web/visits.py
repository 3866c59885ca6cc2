"""The day's schedule and what happens to a visit: arrived, not attended, called off, undone."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.queries.course_view import appointment_in_clinic
from clinic_scheduler.queries.day_schedule import day_schedule
from clinic_scheduler.services import appointments
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, now, problems_in, reading, today
from clinic_scheduler.web.forms.booking import CancelForm
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy

blueprint = Blueprint("visits", __name__)


@blueprint.get("/schedule")
@policy(*EVERYONE)
def day() -> ResponseReturnValue:
    """?day=2026-11-24, today without it."""
    shown = _asked_day()
    return render_template(
        "schedule/day.html",
        day=shown,
        before=shown - timedelta(1),
        after=shown + timedelta(1),
        columns=day_schedule(reading(), actor().clinic_id, shown),
    )


@blueprint.post("/appointments/<int:appointment_id>/arrived")
@policy(*WRITERS)
def arrived(appointment_id: int) -> ResponseReturnValue:
    return _change(appointment_id, "arrived", appointments.arrive)


@blueprint.post("/appointments/<int:appointment_id>/no-show")
@policy(*WRITERS)
def no_show(appointment_id: int) -> ResponseReturnValue:
    return _change(appointment_id, "noshow", appointments.no_show)


@blueprint.get("/appointments/<int:appointment_id>/cancel")
@policy(*WRITERS)
def cancel(appointment_id: int) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    return render_template("booking/cancel.html", form=CancelForm(), visit=visit, problems=[])


@blueprint.post("/appointments/<int:appointment_id>/cancel")
@policy(*WRITERS)
def cancel_with_reason(appointment_id: int) -> ResponseReturnValue:
    form = CancelForm()
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    if not form.validate_on_submit():
        return render_template("booking/cancel.html", form=form, visit=visit, problems=problems_in(form)), 422
    shown = visit.local_date
    who = actor()
    with unit_of_work() as session:
        appointments.cancel(session, who, appointment_id, form.reason.data, now())
    notices.leave("cancelled", appointment_id)
    return redirect(url_for("visits.day", day=shown.isoformat()))


@blueprint.post("/appointments/<int:appointment_id>/undo")
@policy(*WRITERS)
def undo(appointment_id: int) -> ResponseReturnValue:
    """Take back a booking just made."""
    who = actor()
    with unit_of_work() as session:
        appointments.cancel(session, who, appointment_id, "booked_in_error", now())
    notices.leave("undone", appointment_id)
    return redirect(url_for("due.due_list"))


def _change(appointment_id: int, kind: str, change: Callable[..., object]) -> ResponseReturnValue:
    visit = appointment_in_clinic(reading(), actor().clinic_id, appointment_id)
    shown = visit.local_date
    who = actor()
    with unit_of_work() as session:
        change(session, who, appointment_id, now())
    notices.leave(kind, appointment_id)
    return redirect(url_for("visits.day", day=shown.isoformat()))


def _asked_day() -> date:
    try:
        return min(max(date.fromisoformat(request.args.get("day", "")), date(2000, 1, 1)), date(2200, 1, 1))
    except ValueError:
        return today()
