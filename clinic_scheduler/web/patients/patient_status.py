"""Saying that a patient has died, moved away or is not to be contacted, each asked once more; taking it back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.queries.patients.record import patient_in_clinic, visits_ahead
from clinic_scheduler.services.patients import status
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, problems_in, reading, today
from clinic_scheduler.web.forms.patient_edit import OnDayForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("patient_status", __name__)


@dataclass(frozen=True)
class Ending:
    """One way in which a patient's treatment here ends. `action` is the audit's word for it."""

    column: str
    action: str
    mark: Callable[..., Any]
    undo: Callable[..., Any]


ENDINGS = {
    "deceased": Ending("deceased_on", "deceased", status.mark_deceased, status.undo_deceased),
    "moved": Ending("moved_on", "moved_away", status.mark_moved, status.undo_moved),
}


@blueprint.get("/patients/<int:patient_id>/<any(deceased, moved):ending>")
@policy(*WRITERS)
def ask(patient_id: int, ending: str) -> ResponseReturnValue:
    return _page(patient_id, ending, OnDayForm(on=today()))


@blueprint.post("/patients/<int:patient_id>/<any(deceased, moved):ending>")
@policy(*WRITERS)
def mark(patient_id: int, ending: str) -> ResponseReturnValue:
    form = OnDayForm()
    who = actor()
    patient_in_clinic(reading(), who.clinic_id, patient_id)
    if not form.validate_on_submit():
        return _page(patient_id, ending, form, problems_in(form)), 422
    try:
        with changing() as change:
            ENDINGS[ending].mark(change, patient_id, form.on.data)
    except InvalidInput as refusal:
        return _page(patient_id, ending, form, refused(form, "on", refusal, "Nothing was changed")), 422
    flash_messages.leave(f"patient_{ending}")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.post("/patients/<int:patient_id>/<any(deceased, moved):ending>/undo")
@policy(*WRITERS)
def undo(patient_id: int, ending: str) -> ResponseReturnValue:
    """Take it back, and show which visits were cancelled for it: they are not booked again by themselves."""
    who = actor()
    patient_in_clinic(reading(), who.clinic_id, patient_id)
    with changing() as change:
        ENDINGS[ending].undo(change, patient_id)
    cancelled = status.cancelled_for(reading(), patient_id, ENDINGS[ending].action, now())
    if not cancelled:
        flash_messages.leave("patient_back")
        return redirect(url_for("patients.page", patient_id=patient_id))
    patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
    return render_template("patients/back.html", patient=patient, cancelled=cancelled)


@blueprint.post("/patients/<int:patient_id>/<any(contact, 'do-not-contact'):wish>")
@policy(*WRITERS)
def contact(patient_id: int, wish: str) -> ResponseReturnValue:
    who = actor()
    patient_in_clinic(reading(), who.clinic_id, patient_id)
    with changing() as change:
        status.set_do_not_contact(change, patient_id, wish == "do-not-contact")
    flash_messages.leave("patient_saved")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.get("/patients/<int:patient_id>/do-not-contact")
@policy(*WRITERS)
def ask_contact(patient_id: int) -> ResponseReturnValue:
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return render_template("patients/do_not_contact.html", patient=patient)


def _page(
    patient_id: int, ending: str, form: OnDayForm, problems: list[tuple[str, str]] | None = None
) -> str:
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return render_template(
        "patients/ending.html",
        patient=patient,
        ending=ending,
        form=form,
        visits=visits_ahead(reading(), patient_id, now()),
        problems=problems or [],
    )
