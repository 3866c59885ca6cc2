"""Importing a clinic's log in the browser: what it would do first, then in steps, and what came of it."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.importing import MappingError
from clinic_scheduler.importing.columns.mapping import mapping_text
from clinic_scheduler.importing.files.limits import MAX_MAPPING_BYTES
from clinic_scheduler.importing.report import with_added
from clinic_scheduler.importing.spool import batches
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.imports.applying import apply
from clinic_scheduler.services.imports.batches import add_batch
from clinic_scheduler.services.imports.preview import preview
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.csv_files import csv_answer
from clinic_scheduler.web.forms.imports import UploadForm
from clinic_scheduler.web.imports import import_files, import_reading, import_uploads
from clinic_scheduler.web.imports.import_files import Import
from clinic_scheduler.web.imports.import_reading import Ask, Asked
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
PATIENTS_A_STEP = 50
PATIENTS_COMPARED = 200
PROBLEMS_SHOWN = 200


@blueprint.get("")
@policy("admin")
def upload() -> ResponseReturnValue:
    return render_template("imports/upload.html", form=UploadForm(formdata=None), problems=[])


@blueprint.post("")
@policy("admin")
def check() -> ResponseReturnValue:
    """Begin to look at the file and to read it; nothing is written but the rows, aside."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _again(form, problems_in(form))
    try:
        mapping = mapping_text(form.mapping.data.read(MAX_MAPPING_BYTES + 1)) if form.mapping.data else None
    except MappingError as error:
        return _again(form, [("mapping", f"{error} Nothing was imported.")])
    name = form.log.data.filename.replace("\\", "/").rpartition("/")[2][:120]
    upload_kept = import_uploads.keep(form.log.data.stream, name, mapping)
    import_reading.begin(upload_kept, Ask.FIRST if form.look.data else Ask.WHAT_MATTERS)
    return redirect(url_for("imports.reading_file"))


@blueprint.get("/reading")
@policy("admin")
def reading_file() -> ResponseReturnValue:
    """How far reading is; once the file is read, what it would add, or what a person is asked before."""
    name = import_files.name_of_upload()
    if import_files.path(name, import_files.STATE).exists():
        return redirect(url_for("imports.checked"))
    state = import_reading.waited(name)
    if state.refused:
        import_files.drop()
        return _again(UploadForm(formdata=None), [state.refused])
    if state.asked:
        asks_words = state.asked == Asked.WORDS
        return redirect(url_for("import_columns.words" if asks_words else "import_columns.columns"))
    if state.told is None:
        return render_template("imports/reading.html", state=state)
    with import_files.path(name, import_files.ROWS).open("rb") as rows:
        expected = preview(reading(), actor().clinic_id, batches(rows, PATIENTS_COMPARED))
    import_files.begin(name, state.told | {"expected": with_added(state.told, expected)})
    return redirect(url_for("imports.checked"))


@blueprint.get("/reading.json")
@policy("admin")
def reading_state() -> ResponseReturnValue:
    state = import_reading.current(import_files.name_of_upload())
    return jsonify(done=state.done, total=state.total, says=state.says, finished=state.finished)


@blueprint.get("/check")
@policy("admin")
def checked() -> ResponseReturnValue:
    state = import_files.current()
    if state.finished:
        return redirect(url_for("imports.result"))
    told = state.told["expected"]
    return render_template("imports/check.html", state=state, told=told, shown=PROBLEMS_SHOWN)


@blueprint.post("/identical")
@policy("admin")
def identical() -> ResponseReturnValue:
    """One injection written twice, or two vials: only who knows the clinic's log can tell, and only before."""
    state = import_files.current()
    if not state.done:
        state.identical_once = request.form.get("identical") == "once"
        expected = preview(reading(), actor().clinic_id, import_files.kept_patients(state, PATIENTS_COMPARED))
        told = {name: value for name, value in state.told.items() if name != "expected"}
        state.told = told | {"expected": with_added(told, expected)}
        import_files.keep(state)
    return redirect(url_for("imports.checked"))


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
    flash_messages.leave("import_dropped")
    return redirect(url_for("imports.upload"))


def _told(state: Import) -> dict[str, Any]:
    told: dict[str, Any] = state.told if state.finished else state.told["expected"]
    return told


def _step(state: Import) -> None:
    """Some patients more; at the end the rows are forgotten and the report is kept."""
    patients, offset = import_files.next_batch(state, PATIENTS_A_STEP)

    if patients:
        state.add(add_batch(changing, apply, patients))
        state.done, state.offset = state.done + len(patients), offset
    if not patients or state.done >= state.patients:
        _finish(state)
    import_files.keep(state)
    if state.finished:
        import_files.drop_rows(state)


def _finish(state: Import) -> None:
    told = {name: value for name, value in state.told.items() if name != "expected"}
    told |= {"dry_run": False, "identical_once": state.identical_once}
    state.told, state.finished = with_added(told, state.added, state.unlisted), True
    counts = {name: getattr(state.added, name) for name in ("patients", "courses", "treatments", "known")}
    with changing() as change:
        record(change, "imported", "log", None, **counts)


def _again(form: UploadForm, problems: list[tuple[str, str]]) -> ResponseReturnValue:
    for name, message in problems:
        if message not in form[name].errors:
            form[name].errors = [*form[name].errors, message]
    return render_template("imports/upload.html", form=form, problems=problems), 422
