"""Settings of reminders: each kind's rule for all indications and for one, and the switches that stop a kind."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.messaging.reminder_rules import (
    EVERY_INDICATION,
    ClinicRules,
    in_words,
    shipped_rules,
)
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.queries.lookups import offered_indications
from clinic_scheduler.queries.messaging.reminder_rules import clinic_rules, unplanned_courses
from clinic_scheduler.services.messaging import reminder_rules
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.reminder_rule import RuleForm, StopForm, stop_form
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_reminders", __name__, url_prefix="/settings/reminders")
Problems = Sequence[tuple[str, str]]
# How an address names the rule for every indication.
ALL = "all"


@blueprint.get("")
@policy("admin")
def rules() -> ResponseReturnValue:
    return _rules_page(stop_form().of(_own().stopped))


@blueprint.post("")
@policy("admin")
def stop() -> ResponseReturnValue:
    """Stop kinds at once, or let them go by their rules again."""
    form = stop_form()()
    if not form.validate():
        return _rules_page(form, problems_in(form)), 422
    with changing() as change:
        clinics.switch_reminders(change, form.off())
    return _done("reminders_saved")


@blueprint.get("/<kind>/<scope>")
@policy("admin")
def edit(kind: str, scope: str) -> ResponseReturnValue:
    indication = _indication(kind, scope)
    return _edit_page(kind, indication, RuleForm.of(kind, _own().rule(kind, indication)))


@blueprint.post("/<kind>/<scope>")
@policy("admin")
def save(kind: str, scope: str) -> ResponseReturnValue:
    indication = _indication(kind, scope)
    form = RuleForm().shaped(kind)
    rule = form.rule(kind)
    if rule is None:
        return _edit_page(kind, indication, form, problems_in(form)), 422
    with changing() as change:
        reminder_rules.save_rule(change, kind, indication, rule)
    return _done("reminders_saved")


@blueprint.post("/<kind>/<scope>/reset")
@policy("admin")
def reset(kind: str, scope: str) -> ResponseReturnValue:
    indication = _indication(kind, scope)
    with changing() as change:
        reminder_rules.reset_rule(change, kind, indication)
    return _done("reminders_saved")


def _own() -> ClinicRules:
    return clinic_rules(reading(), actor().clinic_id)


def _indication(kind: str, scope: str) -> str:
    """What the address means; 404 for a kind or an indication there is not."""
    indication = EVERY_INDICATION if scope == ALL else scope
    if (
        kind not in shipped_rules()
        or (indication not in INDICATIONS and scope != ALL)
        or scope == EVERY_INDICATION
    ):
        abort(404)
    return indication


def _rules_page(form: StopForm, problems: Problems = ()) -> str:
    own, scopes = _own(), (EVERY_INDICATION, *offered_indications(reading(), actor().clinic_id))
    return render_template(
        "settings/reminders.html",
        rows=[_row(own, kind, indication) for kind in shipped_rules() for indication in scopes],
        scopes=[(indication, indication or ALL) for indication in scopes],
        kinds=shipped_rules(),
        own=own,
        fields=[form[kind] for kind in shipped_rules()],
        form=form,
        waiting=unplanned_courses(reading(), actor().clinic_id),
        problems=problems,
    )


def _row(own: ClinicRules, kind: str, indication: str) -> dict[str, Any]:
    rule = own.rule(kind, indication)
    return {
        "kind": kind,
        "indication": indication,
        "scope": indication or ALL,
        "rule": rule,
        "words": in_words(kind, rule),
        "is_own": (indication, kind) in own.own,
        "is_stopped": kind in own.stopped,
    }


def _edit_page(kind: str, indication: str, form: RuleForm, problems: Problems = ()) -> str:
    own = _own()
    behind = own.rule(kind) if indication else shipped_rules()[kind]
    return render_template(
        "settings/reminders_edit.html",
        form=form,
        row=_row(own, kind, indication),
        behind=in_words(kind, behind),
        behind_is_on=behind.is_on,
        fields=[form[name] for name in ("days", "repeat_days", "most") if name in form],
        problems=problems,
    )


def _done(notice: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("settings_reminders.rules"))
