"""Settings of protocols: what the clinic treats, every interval with its source, new editions after a preview."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput, NotFound
from clinic_scheduler.domain.protocols.indications import INDICATIONS, protocol_with
from clinic_scheduler.queries.lookups import clinic_of
from clinic_scheduler.queries.protocols.protocol_versions import editions, protocol_preview
from clinic_scheduler.services.practice import protocols
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.figures import ProtocolForm
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.settings.figure_sheets import Problems, Sheet
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("settings_protocols", __name__, url_prefix="/settings/protocols")
# So many batches a request: a few seconds at most; the page then offers to go on.
BATCHES = 10


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    return _list_page()


@blueprint.post("/offered")
@policy("admin")
def offer() -> ResponseReturnValue:
    """offered= each indication the clinic treats; courses that are open go on whatever is chosen."""
    try:
        with changing() as change:
            protocols.offer(change, request.form.getlist("offered"))
    except InvalidInput as refusal:
        return _list_page([("offered", f"{str(refusal)[:1].upper()}{str(refusal)[1:]}")]), 422
    flash_messages.leave("offer_saved")
    return redirect(url_for("settings_protocols.list_"))


@blueprint.get("/<indication>")
@policy("admin")
def show(indication: str) -> ResponseReturnValue:
    """?version= shows an earlier edition; ?moving=yes goes on with the courses that are still behind."""
    sheet, known = _sheet(indication), _editions(indication)
    number = asked_key("version")
    edition = next((one for one in known if one.row.version == number), known[0])
    return render_template(
        "settings/protocol.html",
        sheet=sheet,
        indication=INDICATIONS[indication],
        is_offered=indication in clinic_of(reading(), actor().clinic_id).indications,
        editions=known,
        edition=edition,
        rows=sheet.rows(edition.row.overrides),
        behind=_behind(known),
        moving=request.args.get("moving") == "yes",
    )


@blueprint.get("/<indication>/edit")
@policy("admin")
def edit(indication: str) -> ResponseReturnValue:
    return _sheet(indication).edit_page(_newest_form(indication))


@blueprint.post("/<indication>/edit")
@policy("admin")
def preview(indication: str) -> ResponseReturnValue:
    """What the edition would change, and for whom; nothing is saved."""
    sheet, known, form = _sheet(indication), _editions(indication), ProtocolForm()
    overrides = form.draft(sheet.default, known[0].row.overrides)
    if overrides is None:
        return sheet.edit_page(form, problems_in(form)), 422
    if request.form.get("again"):
        return sheet.edit_page(form)
    return _preview_page(sheet, indication, form, overrides)


@blueprint.post("/<indication>/confirm")
@policy("admin")
def confirm(indication: str) -> ResponseReturnValue:
    sheet, known, form = _sheet(indication), _editions(indication), ProtocolForm()
    overrides = form.draft(sheet.default, known[0].row.overrides)
    if overrides is None:
        return sheet.edit_page(form, problems_in(form)), 422
    chosen = form.open_courses.data
    if chosen not in ("leave", "move") and any(one.open_courses for one in known):
        asked = ("open_courses", "Choose what happens to the courses that are open now. Nothing was saved.")
        return _preview_page(sheet, indication, form, overrides, [asked])
    try:
        with changing() as change:
            protocols.new_version(change, indication, overrides, form.based_on())
    except ChangedMeanwhile:
        return sheet.edit_conflict_page(form, _newest_form(indication)), 409
    except InvalidInput as refusal:
        return sheet.refused_page(form, refusal), 422
    flash_messages.leave("protocol_saved")
    if chosen == "move":
        return _move_some(sheet, indication)
    return redirect(sheet.url("show"))


@blueprint.get("/<indication>/open-courses")
@policy("admin")
def open_courses(indication: str) -> ResponseReturnValue:
    """Before open courses are brought under the current edition: what that does."""
    sheet, known = _sheet(indication), _editions(indication)
    value = protocol_with(indication, known[0].row.overrides)
    return render_template(
        "settings/protocol_courses.html",
        sheet=sheet,
        edition=known[0],
        behind=_behind(known),
        found=protocol_preview(reading(), actor().clinic_id, indication, value, today()),
    )


@blueprint.post("/<indication>/open-courses")
@policy("admin")
def move(indication: str) -> ResponseReturnValue:
    sheet = _sheet(indication)
    flash_messages.leave("open_courses_moved")
    return _move_some(sheet, indication)


def _move_some(sheet: Sheet, indication: str) -> ResponseReturnValue:
    """Batch by batch, each a unit of work of its own; what is left is shown with a way to go on."""
    day = today()
    moved = 1
    for _ in range(BATCHES):
        with changing() as change:
            moved = protocols.move_open_courses(change, indication, day)
        if not moved:
            break
    return redirect(sheet.url("show", moving="yes" if moved else None))


def _list_page(problems: Problems = ()) -> str:
    offered = clinic_of(reading(), actor().clinic_id).indications
    rows = []
    for code, indication in INDICATIONS.items():
        known = _editions(code)
        current = protocol_with(code, known[0].row.overrides)
        due = current.earliest_recommended_interval.words()
        rows.append((indication, known, code in offered, due))
    return render_template("settings/protocols.html", found=rows, problems=problems)


def _sheet(indication: str) -> Sheet:
    if indication not in INDICATIONS:
        raise NotFound("no such protocol")
    record = INDICATIONS[indication]
    return Sheet(
        record.words, "settings_protocols", {"indication": indication}, ProtocolForm, record.protocol
    )


def _editions(indication: str) -> Any:
    return editions(reading(), actor().clinic_id, indication, today())


def _newest_form(indication: str) -> Any:
    newest = _editions(indication)[0].row
    return _sheet(indication).form_of(newest.overrides, newest.version)


def _behind(known: Sequence[Any]) -> int:
    """Open courses that follow an earlier edition."""
    return sum(one.open_courses for one in known[1:])


def _preview_page(
    sheet: Sheet, indication: str, form: ProtocolForm, overrides: dict[str, Any], problems: Problems = ()
) -> ResponseReturnValue:
    current = _editions(indication)[0].row
    changed = sheet.changed(current.overrides, overrides)
    if not changed:
        nothing = (
            "version",
            f"Nothing differs from version {current.version}. Change a value or its source.",
        )
        return sheet.edit_page(form, [nothing]), 422
    new = protocol_with(indication, overrides)
    page = render_template(
        "settings/figures_preview.html",
        sheet=sheet,
        form=form,
        version=current.version,
        changed=changed,
        found=protocol_preview(reading(), actor().clinic_id, indication, new, today()),
        problems=problems,
    )
    return page, 422 if problems else 200
