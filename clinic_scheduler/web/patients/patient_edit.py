"""New patients, with a look at who is there already, and corrections to a record."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.queries.patients.possible_duplicates import WHY, possible_duplicates
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.patients.records import PatientEntry
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.patient_edit import PatientForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("patient_edit", __name__)
Problems = Sequence[tuple[str, str]]


@blueprint.get("/patients/new")
@policy(*WRITERS)
def new() -> ResponseReturnValue:
    return _new_page(PatientForm())


@blueprint.post("/patients/new")
@policy(*WRITERS)
def add() -> ResponseReturnValue:
    """Sent twice, added once. Likely matches are shown first; what was typed stays."""
    form = PatientForm()
    if not form.validate_on_submit():
        return _new_page(form, problems_in(form)), 422
    entry = form.entry(today())
    who = actor()
    if records.already_added(reading(), who.clinic_id, entry) is None:
        matches = possible_duplicates(reading(), who.clinic_id, entry)
        if {row.id for row, _ in matches} - form.seen_ids():
            return _matches_page(form, matches), 409
    try:
        with changing() as change:
            patient_id = records.add_patient(change, entry).id
    except InvalidInput as refusal:
        return _new_page(
            form, refused(form, refusal.refusal.field or "birth_date", refusal, "Nothing was added")
        ), 422
    flash_messages.leave("patient_added")
    return redirect(url_for("courses.new", patient_id=patient_id))


@blueprint.get("/patients/<int:patient_id>/edit")
@policy(*WRITERS)
def edit(patient_id: int) -> ResponseReturnValue:
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return _edit_page(patient, PatientForm.of(patient))


@blueprint.post("/patients/<int:patient_id>/edit")
@policy(*WRITERS)
def save(patient_id: int) -> ResponseReturnValue:
    form = PatientForm()
    who = actor()
    patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
    expected = form.expected()
    if not form.validate_on_submit():
        return _edit_page(patient, form, problems_in(form)), 422
    if expected is None:
        abort(400)
    entry = form.entry(today())
    try:
        with changing() as change:
            records.edit_patient(change, patient_id, entry, expected)
    except ChangedMeanwhile as refusal:
        patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
        # Whoever saves again has seen what the other one wrote.
        form.version.data = patient.updated_at.isoformat()
        problems = [("changed", f"{refusal}.")]
        return _edit_page(patient, form, problems, _differences(patient, entry)), 409
    except InvalidInput as refusal:
        patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
        return _edit_page(
            patient, form, refused(form, refusal.refusal.field or "birth_date", refusal, "Nothing was saved")
        ), 422
    flash_messages.leave("patient_saved")
    return redirect(url_for("patients.page", patient_id=patient_id))


def _new_page(form: PatientForm, problems: Problems = ()) -> str:
    return render_template("patients/edit.html", form=form, patient=None, problems=problems, differences=[])


def _edit_page(
    patient: Any, form: PatientForm, problems: Problems = (), differences: Sequence[Any] = ()
) -> str:
    return render_template(
        "patients/edit.html", form=form, patient=patient, problems=problems, differences=differences
    )


def _matches_page(form: PatientForm, matches: Sequence[tuple[Any, str]]) -> str:
    """`seen` names those on the page: 'Create anyway' is said of them and of nobody who appears later."""
    form.seen.data = ",".join(str(row.id) for row, _ in matches)
    return render_template(
        "patients/duplicates.html",
        form=form,
        patient=None,
        problems=[],
        differences=[],
        matches=matches,
        why=WHY,
        may_create=all(reason != "same_mrn" for _, reason in matches),
    )


def _differences(patient: Any, entry: PatientEntry) -> list[tuple[str, Any, Any]]:
    """(field, what is saved now, what was typed) where the two differ."""
    saved, typed = asdict(records.entry_of(patient)), asdict(entry)
    return [(name, saved[name], typed[name]) for name in typed if saved[name] != typed[name]]
