"""Settings of mappings: what was said of the columns of logs, to look at, change, save as a file and forget."""

import json

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.importing import MappingError, parse_mapping
from clinic_scheduler.queries.import_mappings import mapping_in_clinic, mappings_of
from clinic_scheduler.services.import_mappings import forget, rewrite
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, now, problems_in, reading
from clinic_scheduler.web.forms.imports import MappingForm
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_mappings", __name__, url_prefix="/settings/import-mappings")


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
        return render_template("settings/mapping.html", row=row, form=form, problems=[])
    if form.validate() and _is_mapping(form):
        with unit_of_work() as session:
            rewrite(session, actor(), mapping_id, json.loads(form.mapping.data), now())
        notices.leave("mapping_saved")
        return redirect(url_for("settings_mappings.list_"))
    return render_template("settings/mapping.html", row=row, form=form, problems=problems_in(form)), 422


@blueprint.get("/<int:mapping_id>/mapping.json")
@policy("admin")
def as_file(mapping_id: int) -> ResponseReturnValue:
    answer = jsonify(mapping_in_clinic(reading(), actor().clinic_id, mapping_id).mapping)
    answer.headers["Content-Disposition"] = 'attachment; filename="import-mapping.json"'
    return answer


@blueprint.post("/<int:mapping_id>/forget")
@policy("admin")
def drop(mapping_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        forget(session, actor(), mapping_id, now())
    notices.leave("mapping_forgotten")
    return redirect(url_for("settings_mappings.list_"))


def _is_mapping(form: MappingForm) -> bool:
    try:
        parse_mapping(form.mapping.data or "")
    except MappingError as error:
        form.mapping.errors = [f"{error} Nothing was changed."]
        return False
    return True
