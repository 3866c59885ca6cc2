"""A patient's courses: opening one, its plan, authorizations and its end."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.queries.courses.course_view import active_providers, course_view
from clinic_scheduler.queries.imports.unassigned_sessions import kept_sessions
from clinic_scheduler.queries.lookups import offered_indications
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.imports.unassigned_sessions import start_course_with_kept
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.base import Form
from clinic_scheduler.web.forms.course_plan import (
    NOBODY,
    AuthorizationForm,
    NewCourseForm,
    PlanForm,
    StopForm,
)
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("courses", __name__)
_PLAN = ("provider", "planned_units", "personal_interval", "payer_minimum_interval", "authorization_required")


@blueprint.route("/patients/<int:patient_id>/courses/new", methods=["GET", "POST"])
@policy(*WRITERS)
def new(patient_id: int) -> ResponseReturnValue:
    """?indication= for one that follows another course."""
    who = actor()
    patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
    asked = {"started_on": today(), "indication": request.args.get("indication")}
    form = NewCourseForm(**({} if request.method == "POST" else {k: v for k, v in asked.items() if v}))
    form.offer(active_providers(reading(), who.clinic_id))
    form.offer_indications(offered_indications(reading(), who.clinic_id))
    page = _Page(
        patient, None, "Open a course", "Open the course", ("indication", "product", "started_on", *_PLAN)
    )
    page.kept = kept_sessions(reading(), patient_id)
    if request.method == "GET":
        return page.shown(form)
    if not form.validate_on_submit():
        return page.shown(form, problems_in(form)), 422
    try:
        with changing() as change:
            joined = _opened(change, form, patient_id)
    except InvalidInput as refusal:
        return page.again(form, "indication", refusal)
    return _back(patient_id, "course_opened", joined)


@blueprint.route("/courses/<int:course_id>/plan", methods=["GET", "POST"])
@policy(*WRITERS)
def plan(course_id: int) -> ResponseReturnValue:
    who = actor()
    view = course_view(reading(), who.clinic_id, course_id, today())
    course = view.course
    form = (
        PlanForm()
        if request.method == "POST"
        else PlanForm(
            obj=course,
            provider=course.provider_id or NOBODY,
            authorization_required="yes" if course.authorization_required else "",
        )
    )
    form.of(course)
    form.offer(_with(active_providers(reading(), who.clinic_id), course.provider))
    page = _Page(view.patient, course, "Change the plan", "Save the plan", _PLAN)
    if request.method == "GET":
        return page.shown(form)
    if not form.validate_on_submit():
        return page.shown(form, problems_in(form)), 422
    patient_id = view.patient.id
    try:
        with changing() as change:
            courses.change_plan(change, course_id, form.plan())
    except InvalidInput as refusal:
        return page.again(form, "provider", refusal)
    return _back(patient_id, "course_saved")


@blueprint.route("/courses/<int:course_id>/authorizations/new", methods=["GET", "POST"])
@policy(*WRITERS)
def authorize(course_id: int) -> ResponseReturnValue:
    who = actor()
    view = course_view(reading(), who.clinic_id, course_id, today())
    form = AuthorizationForm()
    fields = ("number", "starts_on", "ends_on", "visits_left", "units_left")
    page = _Page(view.patient, view.course, "Add an authorization", "Add the authorization", fields)
    if request.method == "GET":
        return page.shown(form)
    if not form.validate_on_submit():
        return page.shown(form, problems_in(form)), 422
    patient_id = view.patient.id
    number, first, last = form.number.data or None, form.starts_on.data, form.ends_on.data
    # Sent twice, kept once.
    if (number, first, last) not in {(a.number, a.starts_on, a.ends_on) for a in view.course.authorizations}:
        left = {"visits_left": form.visits_left.data, "units_left": form.units_left.data}
        with changing() as change:
            courses.authorize(change, course_id, first, last, number=number, **left)
    return _back(patient_id, "course_authorized")


@blueprint.route("/courses/<int:course_id>/stop", methods=["GET", "POST"])
@policy(*WRITERS)
def stop(course_id: int) -> ResponseReturnValue:
    """Only once no visit is ahead: whoever stops a course decides about its visit first."""
    who = actor()
    view = course_view(reading(), who.clinic_id, course_id, today())
    form = StopForm(**({} if request.method == "POST" else {"stopped_on": today()}))
    page = _Page(view.patient, view.course, "Stop the course", "Stop the course", ("stopped_on", "reason"))
    if view.appointment is not None:
        when = (
            "stopped_on",
            "A time is proposed for this course. Take the question back first. Nothing was changed."
            if view.appointment.state == VisitState.PROPOSED
            else "A visit is booked for this course. Cancel the visit first. Nothing was changed.",
        )
        return page.shown(form, [when]), 409 if request.method == "POST" else 200
    if request.method == "GET":
        return page.shown(form)
    if not form.validate_on_submit():
        return page.shown(form, problems_in(form)), 422
    patient_id = view.patient.id
    with changing() as change:
        courses.stop(change, course_id, form.stopped_on.data, form.reason.data)
    return _back(patient_id, "course_stopped")


def _opened(change: Change, form: NewCourseForm, patient_id: int) -> int:
    """Open the course; how many sessions of an import joined it."""
    if not form.join.data:
        courses.start_course(change, form.entry(patient_id))
        return 0
    return start_course_with_kept(change, form.entry(patient_id))[1]


class _Page:
    """One form about a course; `course` is None while there is none yet.

    `kept` are sessions of an import that a new course may take over.
    """

    kept: Sequence[Any] = ()

    def __init__(self, patient: Any, course: Any, heading: str, button: str, fields: Sequence[str]) -> None:
        self.patient, self.course = patient, course
        self.heading, self.button, self.fields = heading, button, fields

    def shown(self, form: Form, problems: Sequence[tuple[str, str]] = ()) -> str:
        return render_template(
            "courses/form.html",
            patient=self.patient,
            course=self.course,
            form=form,
            fields=[form[name] for name in self.fields],
            kept=self.kept,
            heading=self.heading,
            button=self.button,
            problems=problems,
        )

    def again(self, form: Form, field: str, refusal: InvalidInput) -> ResponseReturnValue:
        return self.shown(form, refused(form, field, refusal, "Nothing was changed")), 422


def _with(providers: Sequence[Any], own: Any) -> Sequence[Any]:
    """The active ones, and the course's own also if they take no bookings any more."""
    return providers if own is None or own in providers else [*providers, own]


def _back(patient_id: int, notice: str, joined: int = 0) -> ResponseReturnValue:
    flash_messages.leave(notice, **({"joined": joined} if joined else {}))
    return redirect(url_for("patients.page", patient_id=patient_id))
