"""Working in another of one's own clinics; settings of a clinic are in settings_clinic.py."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.practice.staff_clinics import switch_clinic
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, now
from clinic_scheduler.web.policies import EVERYONE, policy

blueprint = Blueprint("clinics", __name__)


@blueprint.post("/clinic/<int:clinic_id>/switch")
@policy(*EVERYONE)
def switch(clinic_id: int) -> ResponseReturnValue:
    who = actor()
    with unit_of_work() as session:
        switch_clinic(session, who, clinic_id, now())
    flash_messages.leave("clinic_switched")
    return redirect(url_for("due.due_list"))
