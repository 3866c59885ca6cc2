"""The patient's page, "Messages they want": what they agreed to, and noting what they say at the desk."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.messaging.consent import Statement
from clinic_scheduler.domain.messaging.kinds import CHANNELS, PURPOSES, Purpose
from clinic_scheduler.queries.messaging.consents import consent_standing
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.wishes import WishForm
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("patient_wishes", __name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """One row a purpose, one cell a channel: the last word, None where nothing was said."""

    channels: tuple[str, ...]
    rows: list[tuple[Purpose, list[Statement | None]]]


def wishes_of(patient_id: int) -> Wishes:
    known = consent_standing(reading(), patient_id)
    rows = [(purpose, [known[purpose, channel] for channel in CHANNELS]) for purpose in PURPOSES]
    return Wishes(CHANNELS, rows)


@blueprint.get("/patients/<int:patient_id>/messages-wanted")
@policy(*WRITERS)
def ask(patient_id: int) -> ResponseReturnValue:
    return _page(patient_id, WishForm())


@blueprint.post("/patients/<int:patient_id>/messages-wanted")
@policy(*WRITERS)
def save(patient_id: int) -> ResponseReturnValue:
    form = WishForm()
    patient_in_clinic(reading(), actor().clinic_id, patient_id)
    if not form.validate_on_submit():
        return _page(patient_id, form, problems_in(form)), 422
    act = consents.give if form.given.data == "yes" else consents.withdraw
    with changing() as change:
        act(change, patient_id, form.purposes(), form.channel.data, form.how.data)
    flash_messages.leave("wish_saved")
    return redirect(url_for("patients.page", patient_id=patient_id, _anchor="wishes-heading"))


def _page(patient_id: int, form: WishForm, problems: list[tuple[str, str]] | None = None) -> str:
    patient = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return render_template(
        "patients/wish.html",
        patient=patient,
        wishes=wishes_of(patient_id),
        form=form,
        problems=problems or [],
    )
