"""Settings of reasons: what may be chosen where something that stands against a visit is allowed all the same."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import OTHER
from clinic_scheduler.queries.schedule.override_reasons import every_reason, reason_line, reason_lines
from clinic_scheduler.services.locks import lock_clinic
from clinic_scheduler.services.practice import override_reasons
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.edit_conflicts import EditConflict, require_unchanged, stamped
from clinic_scheduler.web.forms.reasons import NewReasonForm, ReasonForm
from clinic_scheduler.web.forms.refusals import refused
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_reasons", __name__, url_prefix="/settings/reasons")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    return render_template("settings/reasons.html", lists=every_reason(reading(), actor().clinic_id))


@blueprint.get("/<name>")
@policy("admin")
def of_block(name: str) -> ResponseReturnValue:
    return _block_page(_known(name), NewReasonForm(formdata=None))


@blueprint.post("/<name>")
@policy("admin")
def add(name: str) -> ResponseReturnValue:
    block, form = _known(name), NewReasonForm()
    if not form.validate():
        return _block_page(block, form, problems_in(form)), 422
    try:
        with changing() as change:
            override_reasons.add_reason(change, block, form.text.data)
    except InvalidInput as refusal:
        return _block_page(block, form, refused(form, "text", refusal, "Nothing was changed")), 422
    return _done("reason_added", block)


@blueprint.route("/<name>/<code>", methods=["GET", "POST"])
@policy("admin")
def reason(name: str, code: str) -> ResponseReturnValue:
    block, form = _known(name), ReasonForm()
    reason_line(reading(), actor().clinic_id, block, code)
    if not form.is_submitted():
        return _reason_page(block, code, stamped(_stored(reading(), block, code)))
    if not form.validate():
        return _reason_page(block, code, form, problems_in(form)), 422
    who = actor()
    try:
        with changing() as change:
            lock_clinic(change.session, who.clinic_id)
            require_unchanged(form, _stored(change.session, block, code))
            override_reasons.reword(change, block, code, form.text.data)
    except EditConflict as clash:
        return _reason_page(block, code, form, clash.problems), 409
    except InvalidInput as refusal:
        return _reason_page(block, code, form, refused(form, "text", refusal, "Nothing was changed")), 422
    return _done("reason_saved", block)


@blueprint.post("/<name>/<code>/retire")
@policy("admin")
def retire(name: str, code: str) -> ResponseReturnValue:
    return _switch(name, code, override_reasons.retire, "reason_retired")


@blueprint.post("/<name>/<code>/bring-back")
@policy("admin")
def bring_back(name: str, code: str) -> ResponseReturnValue:
    return _switch(name, code, override_reasons.bring_back, "reason_back")


def _switch(name: str, code: str, act: Callable[..., None], notice: str) -> ResponseReturnValue:
    block = _known(name)
    with changing() as change:
        act(change, block, code)
    return _done(notice, block)


def _known(name: str) -> Against:
    if name not in set(Against):
        abort(404)
    return Against(name)


def _stored(session: Any, block: Against, code: str) -> ReasonForm:
    return ReasonForm(formdata=None, data={"text": reason_line(session, actor().clinic_id, block, code).text})


def _block_page(block: Against, form: NewReasonForm, problems: Problems = ()) -> str:
    return render_template(
        "settings/reasons_of.html",
        block=block,
        lines=reason_lines(reading(), actor().clinic_id, block),
        other=OTHER,
        form=form,
        problems=problems,
    )


def _reason_page(block: Against, code: str, form: ReasonForm, problems: Problems = ()) -> str:
    line = reason_line(reading(), actor().clinic_id, block, code)
    return render_template("settings/reason.html", block=block, line=line, form=form, problems=problems)


def _done(notice: str, block: Against) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("settings_reasons.of_block", name=block.value))
