"""A provider's standing decision about a course: made on a page of its own, ended from the patient's."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.blocks import DECIDABLE, Against
from clinic_scheduler.queries.courses.course_view import course_view
from clinic_scheduler.queries.schedule.override_reasons import reasons_for
from clinic_scheduler.services.courses import decisions
from clinic_scheduler.services.visits.booking_rules import booking_checks
from clinic_scheduler.services.visits.guard import OverrideEntry
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, problems_in, reading, today, zone
from clinic_scheduler.web.forms.reasons import DecisionForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.override_requests import DECIDERS
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("decisions", __name__)


@blueprint.route("/courses/<int:course_id>/decisions/<block>", methods=["GET", "POST"])
@policy(*DECIDERS)
def decide(course_id: int, block: str) -> ResponseReturnValue:
    """Take one block off the course until a day; 404 for one that cannot be decided."""
    if block not in DECIDABLE:
        abort(404)
    name, who = Against(block), actor()
    view = course_view(reading(), who.clinic_id, course_id, today())
    day = max(view.forecast.due_date, today())
    checks = booking_checks(reading(), view.course, day, zone(), now())
    check = next((check for check in checks if check.code == name and not check.ok), None)
    form = DecisionForm()
    form.offer(reasons_for(reading(), who.clinic_id, name))
    if not form.is_submitted() and check is not None and check.until is not None:
        form.until.data = check.until

    def page(problems: list[tuple[str, str]]) -> str:
        return render_template(
            "decisions/decide.html", view=view, name=name, check=check, form=form, problems=problems
        )

    if not form.is_submitted():
        return page([])
    if not form.validate():
        return page(problems_in(form)), 422
    entry = OverrideEntry(name, form.reason.data, form.note.data or "")
    patient_id, until = view.patient.id, form.until.data
    try:
        with changing() as change:
            decisions.decide(change, course_id, entry, until)
    except InvalidInput as refusal:
        field = refusal.refusal.field or "until"
        return page(refused(form, field, refusal, "Nothing was changed")), 422
    flash_messages.leave("decision_made")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.post("/decisions/<int:decision_id>/end")
@policy(*DECIDERS)
def end(decision_id: int) -> ResponseReturnValue:
    with changing() as change:
        patient_id = decisions.end(change, decision_id).patient_id
    flash_messages.leave("decision_ended")
    return redirect(url_for("patients.page", patient_id=patient_id))
