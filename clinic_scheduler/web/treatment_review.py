"""What a provider or administrator decides about a kept treatment: voiding it, taking that back, accepting it."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import BookingRefused, NotFound
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.queries.courses.course_view import course_view
from clinic_scheduler.queries.courses.treatment_result import TreatmentResult, treatment_result
from clinic_scheduler.services.treatments import treatments, voiding
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.treatment import AcceptForm, VoidForm
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("treatment_review", __name__)
DECIDERS = ("provider", "admin")


@blueprint.get("/treatments/<int:treatment_id>/void")
@policy(*DECIDERS)
def ask_void(treatment_id: int) -> ResponseReturnValue:
    return _page("treatments/void.html", _result(treatment_id), VoidForm())


@blueprint.post("/treatments/<int:treatment_id>/void")
@policy(*DECIDERS)
def void(treatment_id: int) -> ResponseReturnValue:
    form, result = VoidForm(), _result(treatment_id)
    course_id = result.course.id
    if not form.validate_on_submit():
        return _page("treatments/void.html", result, form, problems_in(form)), 422
    with changing() as change:
        voiding.void(change, treatment_id, form.reason.data)
    return _shown(course_id, treatment_id, "treatment_voided")


@blueprint.post("/treatments/<int:treatment_id>/void/undo")
@policy(*DECIDERS)
def undo_void(treatment_id: int) -> ResponseReturnValue:
    course_id = _result(treatment_id).course.id
    with changing() as change:
        voiding.undo_void(change, treatment_id)
    return _shown(course_id, treatment_id, "treatment_back")


@blueprint.get("/treatments/<int:treatment_id>/accept")
@policy(*DECIDERS)
def ask_accept(treatment_id: int) -> ResponseReturnValue:
    result = _result(treatment_id)
    if result.evaluated is None or result.evaluated.evaluation != EvaluationStatus.TOO_SOON:
        raise NotFound("nothing to accept")
    return _page("treatments/accept.html", result, AcceptForm())


@blueprint.post("/treatments/<int:treatment_id>/accept")
@policy(*DECIDERS)
def accept(treatment_id: int) -> ResponseReturnValue:
    form, result = AcceptForm(), _result(treatment_id)
    course_id = result.course.id
    if not form.validate_on_submit():
        return _page("treatments/accept.html", result, form, problems_in(form)), 422
    try:
        with changing() as change:
            treatments.accept(change, treatment_id, form.reason.data)
    except BookingRefused as refusal:
        return _page(
            "treatments/accept.html", _result(treatment_id), form, [("reason", refusal.message)]
        ), 409
    return _shown(course_id, treatment_id, "treatment_accepted")


def _result(treatment_id: int) -> TreatmentResult:
    return treatment_result(reading(), actor().clinic_id, treatment_id, today())


def _page(
    template: str,
    result: TreatmentResult,
    form: VoidForm | AcceptForm,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    view = course_view(reading(), actor().clinic_id, result.course.id, today())
    return render_template(template, result=result, view=view, form=form, problems=problems or [])


def _shown(course_id: int, treatment_id: int, notice: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("treatments.recorded", course_id=course_id, treatment=treatment_id))
