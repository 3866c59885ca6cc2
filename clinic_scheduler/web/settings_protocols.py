"""Settings of protocols: every value with its source, new editions after a preview, and who follows which."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.indications import INDICATIONS, protocol_with
from clinic_scheduler.domain.protocols import PROTOCOL_FIELDS, Protocol
from clinic_scheduler.queries.protocol_versions import editions, protocol_preview
from clinic_scheduler.services import protocols
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, now, problems_in, reading, today
from clinic_scheduler.web.figure_rows import changed_rows, figure_rows
from clinic_scheduler.web.forms.figures import ProtocolForm
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.unchanged import CHANGED, differences

blueprint = Blueprint("settings_protocols", __name__, url_prefix="/settings/protocols")
Problems = Sequence[tuple[str, str]]
# So many batches a request: a few seconds at most; the page then offers to go on.
BATCHES = 10


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    found = [(indication, _editions(indication)) for indication in INDICATIONS]
    return render_template("settings/protocols.html", found=found)


@blueprint.get("/<indication>")
@policy("admin")
def protocol(indication: str) -> ResponseReturnValue:
    """?version= shows an earlier edition; ?moving=yes goes on with the courses that are still behind."""
    known = _editions(indication)
    number = request.args.get("version", type=int)
    edition = next((one for one in known if one.row.version == number), known[0])
    rows = figure_rows(_shipped(indication), PROTOCOL_FIELDS, edition.row.overrides)
    return render_template(
        "settings/protocol.html",
        indication=indication,
        editions=known,
        edition=edition,
        rows=rows,
        behind=_behind(known),
        moving=request.args.get("moving") == "yes",
    )


@blueprint.get("/<indication>/edit")
@policy("admin")
def edit(indication: str) -> ResponseReturnValue:
    return _edit_page(indication, _form_of(indication))


@blueprint.post("/<indication>/edit")
@policy("admin")
def preview(indication: str) -> ResponseReturnValue:
    """What the edition would change, and for whom; nothing is saved."""
    _editions(indication)
    form = ProtocolForm()
    overrides = form.draft(_shipped(indication))
    if overrides is None:
        return _edit_page(indication, form, problems_in(form)), 422
    if request.form.get("again"):
        return _edit_page(indication, form)
    return _preview_page(indication, form, overrides)


@blueprint.post("/<indication>/confirm")
@policy("admin")
def confirm(indication: str) -> ResponseReturnValue:
    known = _editions(indication)
    form = ProtocolForm()
    overrides = form.draft(_shipped(indication))
    if overrides is None:
        return _edit_page(indication, form, problems_in(form)), 422
    chosen = form.open_courses.data
    if chosen not in ("leave", "move") and any(one.open_courses for one in known):
        asked = ("open_courses", "Choose what happens to the courses that are open now. Nothing was saved.")
        return _preview_page(indication, form, overrides, [asked])
    try:
        with unit_of_work() as session:
            protocols.new_version(session, actor(), indication, overrides, form.based_on(), now())
    except ChangedMeanwhile:
        return _overtaken_page(indication, form), 409
    except InvalidInput as refusal:
        text = str(refusal)
        return _edit_page(
            indication, form, [("version", f"{text[:1].upper()}{text[1:]}. Nothing was saved.")]
        ), 422
    notices.leave("protocol_saved")
    if chosen == "move":
        return _move_some(indication)
    return redirect(url_for("settings_protocols.protocol", indication=indication))


@blueprint.get("/<indication>/open-courses")
@policy("admin")
def open_courses(indication: str) -> ResponseReturnValue:
    """Before open courses are brought under the current edition: what that does."""
    known = _editions(indication)
    value = protocol_with(indication, known[0].row.overrides)
    return render_template(
        "settings/protocol_courses.html",
        indication=indication,
        edition=known[0],
        behind=_behind(known),
        found=protocol_preview(reading(), actor().clinic_id, indication, value, today()),
    )


@blueprint.post("/<indication>/open-courses")
@policy("admin")
def move(indication: str) -> ResponseReturnValue:
    _editions(indication)
    notices.leave("open_courses_moved")
    return _move_some(indication)


def _move_some(indication: str) -> ResponseReturnValue:
    """Batch by batch, each a unit of work of its own; what is left is shown with a way to go on."""
    who, day, at = actor(), today(), now()
    moved = 1
    for _ in range(BATCHES):
        with unit_of_work() as session:
            moved = protocols.move_open_courses(session, who, indication, day, at)
        if not moved:
            break
    return redirect(
        url_for("settings_protocols.protocol", indication=indication, moving="yes" if moved else None)
    )


def _editions(indication: str) -> Any:
    return editions(reading(), actor().clinic_id, indication, today())


def _shipped(indication: str) -> Protocol:
    return INDICATIONS[indication].protocol


def _form_of(indication: str) -> ProtocolForm:
    current = _editions(indication)[0].row
    form: ProtocolForm = ProtocolForm.of(_shipped(indication), current.overrides, current.version)
    return form


def _behind(known: Sequence[Any]) -> int:
    """Open courses that follow an earlier edition."""
    return sum(one.open_courses for one in known[1:])


def _edit_page(indication: str, form: ProtocolForm, problems: Problems = ()) -> str:
    defaults = ProtocolForm.defaults(_shipped(indication))
    return render_template(
        "settings/protocol_edit.html", indication=indication, form=form, defaults=defaults, problems=problems
    )


def _overtaken_page(indication: str, form: ProtocolForm) -> str:
    """Another version came in between: both are shown, and what was typed goes on from that one."""
    newest = _form_of(indication)
    form.version.data = newest.version.data
    return _edit_page(indication, form, differences(form, newest) or [("version", CHANGED)])


def _preview_page(
    indication: str, form: ProtocolForm, overrides: dict[str, Any], problems: Problems = ()
) -> ResponseReturnValue:
    current = _editions(indication)[0].row
    old, new = protocol_with(indication, current.overrides), protocol_with(indication, overrides)
    changed = changed_rows(old, new, PROTOCOL_FIELDS)
    if not changed:
        nothing = (
            "version",
            f"Nothing differs from version {current.version}. Change a value or its source.",
        )
        return _edit_page(indication, form, [nothing]), 422
    page = render_template(
        "settings/protocol_preview.html",
        indication=indication,
        form=form,
        current=current,
        changed=changed,
        found=protocol_preview(reading(), actor().clinic_id, indication, new, today()),
        problems=problems,
    )
    return page, 422 if problems else 200
