"""Toxin given elsewhere: entered from the patient's page, what it changed, taken out and taken back."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.queries.courses.given_elsewhere import elsewhere_result
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services.courses.elsewhere import (
    record_elsewhere,
    undo_void_elsewhere,
    void_elsewhere,
)
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.elsewhere import ElsewhereForm, VoidElsewhereForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy

blueprint = Blueprint("elsewhere", __name__)
DECIDERS = ("provider", "admin")


@blueprint.get("/patients/<int:patient_id>/given-elsewhere")
@policy(*WRITERS)
def new(patient_id: int) -> ResponseReturnValue:
    return _form(patient_id, ElsewhereForm(key=secrets.token_urlsafe(16)))


@blueprint.post("/patients/<int:patient_id>/given-elsewhere")
@policy(*WRITERS)
def record(patient_id: int) -> ResponseReturnValue:
    """Sent twice, recorded once: the form's own key is the entry's fingerprint."""
    form = ElsewhereForm()
    if not form.validate_on_submit():
        return _form(patient_id, form, problems_in(form)), 422
    try:
        entry = form.entry(patient_id, today())
        with changing() as change:
            treatment_id = record_elsewhere(change, entry).id
    except InvalidInput as refusal:
        return _form(patient_id, form, refused(form, "day", refusal, "Nothing was recorded")), 422
    except BookingRefused as refusal:
        return _form(patient_id, form, [("day", refusal.message)]), 409
    return _shown(treatment_id, "elsewhere_recorded")


@blueprint.get("/given-elsewhere/<int:treatment_id>")
@policy(*EVERYONE)
def recorded(treatment_id: int) -> ResponseReturnValue:
    """What is known of it, whom it judges anew, which dates it moves and which visits it puts in question."""
    result = elsewhere_result(reading(), actor().clinic_id, treatment_id, today())
    return render_template("elsewhere/recorded.html", result=result)


@blueprint.route("/given-elsewhere/<int:treatment_id>/void", methods=["GET", "POST"])
@policy(*DECIDERS)
def void(treatment_id: int) -> ResponseReturnValue:
    form = VoidElsewhereForm()
    if request.method == "GET":
        return _asked(treatment_id, form)
    if not form.validate_on_submit():
        return _asked(treatment_id, form, problems_in(form)), 422
    with changing() as change:
        void_elsewhere(change, treatment_id, form.reason.data)
    return _shown(treatment_id, "elsewhere_voided")


@blueprint.post("/given-elsewhere/<int:treatment_id>/void/undo")
@policy(*DECIDERS)
def undo_void(treatment_id: int) -> ResponseReturnValue:
    with changing() as change:
        undo_void_elsewhere(change, treatment_id)
    return _shown(treatment_id, "elsewhere_back")


def _form(patient_id: int, form: ElsewhereForm, problems: list[tuple[str, str]] | None = None) -> str:
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return render_template("elsewhere/form.html", patient=patient, form=form, problems=problems or [])


def _asked(treatment_id: int, form: VoidElsewhereForm, problems: list[tuple[str, str]] | None = None) -> str:
    result = elsewhere_result(reading(), actor().clinic_id, treatment_id, today())
    return render_template("elsewhere/void.html", result=result, form=form, problems=problems or [])


def _shown(treatment_id: int, notice: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("elsewhere.recorded", treatment_id=treatment_id))
