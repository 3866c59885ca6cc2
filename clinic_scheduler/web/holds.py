"""Putting a patient on hold, releasing, and asking a provider to release."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.patients.holds import OF_PATIENT, OF_TREATMENT, HoldReason
from clinic_scheduler.queries.courses.holds import hold_in_clinic
from clinic_scheduler.queries.lookups import course_in_clinic
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services.patients import holds
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.hold import AskReleaseForm, HoldForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import WRITERS, policy
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("holds", __name__)
# Where a press may lead back to, other than the patient's page.
_BACK = {"provider": "provider_home.home", "work": "work_list.work_list"}


@blueprint.route("/patients/<int:patient_id>/hold", methods=["GET", "POST"])
@policy(*WRITERS)
def of_patient(patient_id: int) -> ResponseReturnValue:
    """Whatever is treated."""
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return _form(patient, None, OF_PATIENT)


@blueprint.route("/courses/<int:course_id>/hold", methods=["GET", "POST"])
@policy(*WRITERS)
def of_course(course_id: int) -> ResponseReturnValue:
    """What the course treats, with this product or another."""
    course = course_in_clinic(reading(), actor().clinic_id, course_id)
    return _form(course.patient, course, OF_TREATMENT)


def _form(patient: Any, course: Any, reasons: Iterable[HoldReason]) -> ResponseReturnValue:
    form = HoldForm(**({} if request.method == "POST" else {"starts_on": today()}))
    form.offer(reasons)
    if request.method == "GET":
        return _page(patient, course, form)
    if not form.validate_on_submit():
        return _page(patient, course, form, problems_in(form)), 422
    patient_id, indication = patient.id, course.indication if course else None
    try:
        with changing() as change:
            holds.hold(change, form.entry(patient_id, indication))
    except InvalidInput as refusal:
        return _page(patient, course, form, refused(form, "starts_on", refusal, "Nothing was changed")), 422
    flash_messages.leave("patient_held")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.post("/holds/<int:hold_id>/release")
@policy(*WRITERS)
def release(hold_id: int) -> ResponseReturnValue:
    """From today on what was held may be booked again."""
    patient_id = hold_in_clinic(reading(), actor().clinic_id, hold_id).patient_id
    with changing() as change:
        holds.release(change, hold_id, today() - timedelta(1))
    return _back(patient_id, "hold_released")


@blueprint.post("/holds/<int:hold_id>/keep")
@policy(*WRITERS)
def keep(hold_id: int) -> ResponseReturnValue:
    patient_id = hold_in_clinic(reading(), actor().clinic_id, hold_id).patient_id
    with changing() as change:
        holds.keep(change, hold_id)
    return _back(patient_id, "hold_kept")


@blueprint.route("/holds/<int:hold_id>/ask", methods=["GET", "POST"])
@policy(*WRITERS)
def ask(hold_id: int) -> ResponseReturnValue:
    hold = hold_in_clinic(reading(), actor().clinic_id, hold_id)
    patient = patient_in_clinic(reading(), actor().clinic_id, hold.patient_id)
    form = AskReleaseForm()
    if request.method == "GET":
        return render_template("holds/ask.html", patient=patient, hold=hold, form=form)
    if not form.validate_on_submit():
        problems = problems_in(form)
        return render_template(
            "holds/ask.html", patient=patient, hold=hold, form=form, problems=problems
        ), 422
    patient_id = patient.id
    with changing() as change:
        holds.ask_release(change, hold_id, form.note.data or "", today())
    return _back(patient_id, "release_asked")


def _page(patient: Any, course: Any, form: HoldForm, problems: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "holds/form.html", patient=patient, course=course, form=form, problems=problems or []
    )


def _back(patient_id: int, notice: str) -> ResponseReturnValue:
    """To the page the button was on."""
    flash_messages.leave(notice)
    endpoint = _BACK.get(request.args.get("back", ""))
    if endpoint is None:
        return redirect(url_for("patients.page", patient_id=patient_id))
    return redirect(url_for(endpoint, provider=asked_key("provider")))
