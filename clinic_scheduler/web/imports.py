"""Importing a clinic's log in the browser: what it would do first, then in steps, and what came of it."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.importing import (
    ImportFileError,
    ImportReading,
    MappingError,
    UnrecognisedColumns,
    parse_mapping,
    read_log,
    read_table,
)
from clinic_scheduler.importing.report import import_report, with_added
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.import_batches import Batch, add_batch
from clinic_scheduler.services.import_preview import preview
from clinic_scheduler.services.imports import Applied, apply, batches
from clinic_scheduler.web import import_files, import_uploads, notices
from clinic_scheduler.web.context import actor, now, problems_in, reading, today
from clinic_scheduler.web.csv_files import csv_answer
from clinic_scheduler.web.forms.imports import UploadForm
from clinic_scheduler.web.import_files import Import
from clinic_scheduler.web.import_memory import remembered
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
PATIENTS_A_STEP = 50
PROBLEMS_SHOWN = 200


@blueprint.get("")
@policy("admin")
def upload() -> ResponseReturnValue:
    return render_template("imports/upload.html", form=UploadForm(formdata=None), problems=[])


@blueprint.post("")
@policy("admin")
def check() -> ResponseReturnValue:
    """Read the file and say what it would add; nothing is written but the rows, aside."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _again(form, problems_in(form))
    content = form.log.data.read()
    name = form.log.data.filename.replace("\\", "/").rpartition("/")[2][:120]
    try:
        mapping = _mapping(form) or remembered(content, name)
        if form.look.data:
            return _ask(content, name, mapping)
        read = read_log(content, as_of=today(), filename=name, mapping=mapping)
    except UnrecognisedColumns as error:
        return (
            _ask(content, name, mapping)
            if _is_table(content, name)
            else _again(form, [("log", _said(error))])
        )
    except ImportFileError as error:
        return _again(form, [("mapping" if isinstance(error, MappingError) else "log", _said(error))])
    import_uploads.drop()
    check_file(read, name)
    return redirect(url_for("imports.checked"))


def check_file(read: ImportReading, name: str) -> None:
    """Keep what was read, and what it would add."""
    expected = preview(reading(), actor().clinic_id, read.rows)
    told = import_report(name, read, Applied(), dry_run=True)
    shown = with_added(told, expected)
    import_files.begin(
        told | {"expected": shown}, batches(read.rows, PATIENTS_A_STEP), len({row.mrn for row in read.rows})
    )


def _ask(content: bytes, name: str, mapping: dict[str, Any]) -> ResponseReturnValue:
    """Which column is what is for a person to say."""
    import_uploads.keep(content, name, mapping)
    return redirect(url_for("import_columns.columns"))


def _is_table(content: bytes, name: str) -> bool:
    try:
        read_table(content, name)
    except ImportFileError:
        return False
    return True


@blueprint.get("/check")
@policy("admin")
def checked() -> ResponseReturnValue:
    state = import_files.current()
    if state.finished:
        return redirect(url_for("imports.result"))
    told = state.told["expected"]
    return render_template(
        "imports/check.html",
        state=state,
        told=told,
        shown=PROBLEMS_SHOWN,
        columns_kept=import_uploads.is_kept(),
    )


@blueprint.post("/run")
@policy("admin")
def run() -> ResponseReturnValue:
    """All that is left, for browsers without script."""
    state = import_files.current()
    while not state.finished:
        _step(state)
    return redirect(url_for("imports.result"))


@blueprint.post("/step")
@policy("admin")
def step() -> ResponseReturnValue:
    """The next patients, as JSON; `at` says how many the page knows to be done, so that twice is once."""
    state = import_files.current()
    if not state.finished and request.form.get("at", type=int) == state.done:
        _step(state)
    return jsonify(
        done=state.done, total=state.patients, finished=state.finished, result=url_for("imports.result")
    )


@blueprint.get("/result")
@policy("admin")
def result() -> ResponseReturnValue:
    state = import_files.current()
    if not state.finished:
        return redirect(url_for("imports.checked"))
    return render_template("imports/result.html", told=state.told, shown=PROBLEMS_SHOWN)


@blueprint.get("/problems.csv")
@policy("admin")
def problems_csv() -> ResponseReturnValue:
    header = ("line", "column", "value", "reason", "severity")
    rows = [tuple(problem[name] for name in header) for problem in _told(import_files.current())["problems"]]
    return csv_answer("import-problems.csv", [tuple(name.capitalize() for name in header), *rows])


@blueprint.get("/report.json")
@policy("admin")
def report_json() -> ResponseReturnValue:
    answer: Response = jsonify(_told(import_files.current()))
    answer.headers["Content-Disposition"] = 'attachment; filename="import-report.json"'
    return answer


@blueprint.post("/drop")
@policy("admin")
def drop() -> ResponseReturnValue:
    import_files.drop()
    import_uploads.drop()
    notices.leave("import_dropped")
    return redirect(url_for("imports.upload"))


def _told(state: Import) -> dict[str, Any]:
    told: dict[str, Any] = state.told if state.finished else state.told["expected"]
    return told


def _step(state: Import) -> None:
    """Some patients more; at the end the rows are forgotten and the report is kept."""
    at, who = now(), actor()
    found = import_files.next_batch(state)
    if found is not None:
        patients, offset = found

        def add(session: Any, some: Batch) -> Applied:
            return apply(session, who, some, at)

        state.added.add(add_batch(unit_of_work, add, patients))
        state.done, state.offset = state.done + len(patients), offset
    if found is None or state.done >= state.patients:
        _finish(state)
    import_files.keep(state)
    if state.finished:
        import_files.drop_rows(state)
        import_uploads.drop()


def _finish(state: Import) -> None:
    told = {name: value for name, value in state.told.items() if name != "expected"}
    state.told, state.finished = with_added(told, state.added) | {"dry_run": False}, True
    counts = {name: getattr(state.added, name) for name in ("patients", "courses", "treatments", "known")}
    with unit_of_work() as session:
        record(session, actor(), now(), "imported", "log", None, **counts)


def _mapping(form: UploadForm) -> dict[str, Any]:
    """The mapping file, checked; empty where there is none."""
    if not form.mapping.data:
        return {}
    text = _text(form.mapping.data.read())
    parse_mapping(text)
    return dict(json.loads(text))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError("The mapping file could not be read as UTF-8 text.") from error


def _said(error: ImportFileError) -> str:
    return str(error) if "othing was imported" in str(error) else f"{error} Nothing was imported."


def _again(form: UploadForm, problems: list[tuple[str, str]]) -> ResponseReturnValue:
    for name, message in problems:
        if message not in form[name].errors:
            form[name].errors = [*form[name].errors, message]
    return render_template("imports/upload.html", form=form, problems=problems), 422
