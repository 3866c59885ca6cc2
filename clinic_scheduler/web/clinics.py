"""Working in another of one's own clinics; settings of a clinic are in settings_clinic.py."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.services.practice.staff_clinics import switch_clinic
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import changing
from clinic_scheduler.web.policies import EVERYONE, policy

blueprint = Blueprint("clinics", __name__)


@blueprint.post("/clinic/<int:clinic_id>/switch")
@policy(*EVERYONE)
def switch(clinic_id: int) -> ResponseReturnValue:
    with changing() as change:
        switch_clinic(change, clinic_id)
    flash_messages.leave("clinic_switched")
    return redirect(url_for("due.due_list"))
