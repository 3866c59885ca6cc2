"""Making two records of one person into one: find the other, see what moves, confirm; and undoing that."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput, NotFound
from clinic_scheduler.queries.patients.merge_preview import preview
from clinic_scheduler.queries.patients.merge_record import newest_merge
from clinic_scheduler.queries.patients.merge_since import since_then
from clinic_scheduler.queries.patients.possible_duplicates import WHY, possible_duplicates
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services.patients import merging, unmerging
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, reading
from clinic_scheduler.web.forms.patients import SearchForm
from clinic_scheduler.web.patients.merge_words import what_stays
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("patient_merge", __name__)


@blueprint.get("/patients/<int:patient_id>/merge")
@policy(*WRITERS)
def start(patient_id: int) -> ResponseReturnValue:
    """Likely duplicates at once, and a search for any other."""
    keep = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    likely = possible_duplicates(reading(), actor().clinic_id, keep, but=keep.id)
    return _find_page(keep, [(row, WHY[reason]) for row, reason in likely], None)


@blueprint.post("/patients/<int:patient_id>/merge")
@policy(*WRITERS)
def find(patient_id: int) -> ResponseReturnValue:
    keep = patient_in_clinic(reading(), actor().clinic_id, patient_id)
    sought = (SearchForm().q.data or "")[:120].strip()
    found = search(reading(), actor().clinic_id, sought)
    return _find_page(keep, [(row, "") for row in found if row.id != keep.id], sought)


@blueprint.get("/patients/<int:patient_id>/merge/<int:other_id>")
@policy(*WRITERS)
def look(patient_id: int, other_id: int) -> ResponseReturnValue:
    return _preview_page(patient_id, other_id)


@blueprint.post("/patients/<int:patient_id>/merge/<int:other_id>")
@policy(*WRITERS)
def confirm(patient_id: int, other_id: int) -> ResponseReturnValue:
    """Sent twice, merged once; and not otherwise than the page said it would be."""
    who = actor()
    patient_in_clinic(reading(), who.clinic_id, patient_id)
    other = patient_in_clinic(reading(), who.clinic_id, other_id)
    if other.merged_into_id != patient_id:
        try:
            with changing() as change:
                merging.merge(change, patient_id, other_id, request.form.get("version"))
        except InvalidInput:
            return _preview_page(patient_id, other_id), 409
        except ChangedMeanwhile as refusal:
            return _preview_page(patient_id, other_id, f"{refusal}."), 409
    flash_messages.leave("patient_merged")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.get("/patients/<int:patient_id>/merge/undo")
@policy(*WRITERS)
def ask_undo(patient_id: int) -> ResponseReturnValue:
    return _undo_page(patient_id)


@blueprint.post("/patients/<int:patient_id>/merge/<int:other_id>/undo")
@policy(*WRITERS)
def undo(patient_id: int, other_id: int) -> ResponseReturnValue:
    """Sent twice, undone once."""
    who = actor()
    patient_in_clinic(reading(), who.clinic_id, patient_id)
    if patient_in_clinic(reading(), who.clinic_id, other_id).merged_into_id == patient_id:
        try:
            with changing() as change:
                unmerging.unmerge(change, patient_id, other_id)
        except InvalidInput as refusal:
            return _undo_page(patient_id, str(refusal)), 409
    flash_messages.leave("merge_undone")
    return redirect(url_for("patients.page", patient_id=patient_id))


def _undo_page(patient_id: int, refused: str | None = None) -> str:
    """What was done since stands at the top, or why it was refused now. NotFound where there is nothing to undo."""
    merged = newest_merge(reading(), patient_in_clinic(reading(), actor().clinic_id, patient_id))
    if merged is None:
        raise NotFound("no merge to undo")
    reasons = since_then(reading(), merged) or ([refused] if refused else [])
    problems = [("in-the-way", f"{text[:1].upper()}{text[1:]}.") for text in reasons]
    return render_template("patients/merge_undo.html", merged=merged, problems=problems)


def _find_page(keep: Any, found: list[tuple[Any, str]], sought: str | None) -> str:
    return render_template("patients/merge_find.html", keep=keep, found=found, sought_other=sought)


def _preview_page(patient_id: int, other_id: int, changed: str | None = None) -> str:
    """What stands in the way is told at the top, as it must be dealt with before anything else."""
    plan = preview(reading(), actor().clinic_id, patient_id, other_id)
    problems = [("in-the-way", f"{text[:1].upper()}{text[1:]}.") for text in plan.in_the_way]
    stays = what_stays(plan)
    if changed and not problems:
        problems = [("stays" if stays else "in-the-way", changed)]
    return render_template("patients/merge.html", plan=plan, stays=stays, problems=problems)
