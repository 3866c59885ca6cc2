"""The audit record for administrators: who did what, when, about which patient."""

from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.accounts import staff_of
from clinic_scheduler.queries.audit_log import AuditFilter, audit_page
from clinic_scheduler.queries.schedule.override_reasons import reason_words
from clinic_scheduler.web.context import actor, problems_in, reading, zone
from clinic_scheduler.web.forms.base import choices
from clinic_scheduler.web.forms.settings import NOBODY, AuditForm
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.settings.audit_words import in_words
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("settings_audit", __name__)


@blueprint.get("/settings/audit")
@policy("admin")
def audit() -> ResponseReturnValue:
    """?person=, ?patient= (ids), ?first=, ?last= (days) and ?older_than=; a wrong day is said, and shows all."""
    clinic_id = actor().clinic_id
    form = AuditForm(request.args)
    people = [(user.id, user.name) for user in staff_of(reading(), clinic_id)]
    form.person.choices = choices([(NOBODY, "Everybody"), *people])
    form.validate()
    wanted = AuditFilter(
        user_id=form.person.data or None,
        patient_id=asked_key("patient"),
        first=None if form.first.errors else form.first.data,
        last=None if form.last.errors else form.last.data,
    )
    found = audit_page(reading(), clinic_id, wanted, zone(), asked_key("older_than"))
    asked = {name: value for name, value in request.args.items() if name != "older_than" and value}
    return render_template(
        "settings/audit.html",
        form=form,
        found=found,
        asked=asked,
        told=partial(in_words, reasons=reason_words(reading(), clinic_id)),
        patient_id=wanted.patient_id,
        problems=problems_in(form),
    )
