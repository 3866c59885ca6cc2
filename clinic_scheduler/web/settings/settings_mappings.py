"""Settings of mappings: what was said of the columns of logs, to look at, change, save as a file and forget."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.importing import MappingError, parse_mapping
from clinic_scheduler.importing.columns.remembered import answers_in, with_answers
from clinic_scheduler.importing.columns.unknown_values import UnknownWord, Vocabulary
from clinic_scheduler.queries.imports.mappings import mapping_in_clinic, mappings_of
from clinic_scheduler.services.imports.mappings import forget, rewrite
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.imports import MappingForm
from clinic_scheduler.web.imports import import_words
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_mappings", __name__, url_prefix="/settings/import-mappings")
AGAIN = "?again"  # no name begins so


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    return render_template("settings/mappings.html", mappings=mappings_of(reading(), actor().clinic_id))


@blueprint.route("/<int:mapping_id>", methods=["GET", "POST"])
@policy("admin")
def mapping(mapping_id: int) -> ResponseReturnValue:
    row = mapping_in_clinic(reading(), actor().clinic_id, mapping_id)
    form = MappingForm()
    if not form.is_submitted():
        form.mapping.data = json.dumps(row.mapping, indent=1, ensure_ascii=False)
        return _page(mapping_id, form)
    if form.validate() and _is_mapping(form):
        with changing() as change:
            rewrite(change, mapping_id, json.loads(form.mapping.data))
        flash_messages.leave("mapping_saved")
        return redirect(url_for("settings_mappings.list_"))
    return _page(mapping_id, form, problems_in(form)), 422


@blueprint.post("/<int:mapping_id>/words")
@policy("admin")
def words(mapping_id: int) -> ResponseReturnValue:
    """What is said of words alone; what the page did not show stays."""
    before = mapping_in_clinic(reading(), actor().clinic_id, mapping_id).mapping
    said = {word: request.form[f"w{word.key}"] for word in _answers(before) if f"w{word.key}" in request.form}
    changed = with_answers(
        before,
        [
            (word.vocabulary.value, word.words, None if answer == AGAIN else answer)
            for word, answer in said.items()
        ],
    )
    try:
        parse_mapping(changed)
    except MappingError as error:
        form = MappingForm(formdata=None, mapping=json.dumps(before, indent=1, ensure_ascii=False))
        return _page(mapping_id, form, [("words", f"{error} Nothing was changed.")]), 422
    with changing() as change:
        rewrite(change, mapping_id, changed)
    flash_messages.leave("mapping_saved")
    return redirect(url_for("settings_mappings.list_"))


@blueprint.get("/<int:mapping_id>/mapping.json")
@policy("admin")
def as_file(mapping_id: int) -> ResponseReturnValue:
    answer = jsonify(mapping_in_clinic(reading(), actor().clinic_id, mapping_id).mapping)
    answer.headers["Content-Disposition"] = 'attachment; filename="import-mapping.json"'
    return answer


@blueprint.post("/<int:mapping_id>/forget")
@policy("admin")
def drop(mapping_id: int) -> ResponseReturnValue:
    with changing() as change:
        forget(change, mapping_id)
    flash_messages.leave("mapping_forgotten")
    return redirect(url_for("settings_mappings.list_"))


def _is_mapping(form: MappingForm) -> bool:
    try:
        parse_mapping(form.mapping.data or "")
    except MappingError as error:
        form.mapping.errors = [f"{error} Nothing was changed."]
        return False
    return True


def _answers(mapping: Mapping[str, Any]) -> dict[UnknownWord, str]:
    """The words that nobody is asked about again, each with what it means; empty where it stays as it is."""
    return {UnknownWord(Vocabulary(name), word, 0): answer for name, word, answer in answers_in(mapping)}


def _page(mapping_id: int, form: MappingForm, problems: Sequence[tuple[str, str]] = ()) -> str:
    row = mapping_in_clinic(reading(), actor().clinic_id, mapping_id)
    known = _answers(row.mapping)
    answers = {word.key: answer for word, answer in known.items()}
    return render_template(
        "settings/mapping.html",
        row=row,
        form=form,
        words=[import_words.shown(word, answers) for word in known],
        meanings=import_words.meanings(),
        again=AGAIN,
        problems=problems,
    )
