"""The work list: what waits for the desk, settled in one press, and a press taken back."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.work_kinds import WORK_KINDS, WorkOutcome
from clinic_scheduler.queries.work_list import COUNTED, closed_page, open_count, open_page, work_item_kind
from clinic_scheduler.services.work_items import close_item, reopen_item
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, reading
from clinic_scheduler.web.outage import out_since
from clinic_scheduler.web.override_requests import end_expired
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("work_list", __name__)
NOTE_LENGTH = 90


@blueprint.get("/work-list")
@policy(*EVERYONE)
def work_list() -> ResponseReturnValue:
    """?tab=closed, ?kind= and ?after= (an item's id)."""
    end_expired()
    clinic_id, closed = actor().clinic_id, request.args.get("tab") == "closed"
    kind = request.args.get("kind")
    kind = kind if kind in WORK_KINDS else None
    after = asked_key("after")
    return render_template(
        "work_list/list.html",
        found=closed_page(reading(), clinic_id, after)
        if closed
        else open_page(reading(), clinic_id, kind, after),
        closed=closed,
        kind=kind,
        kinds=WORK_KINDS,
        note_length=NOTE_LENGTH,
        out_since=out_since(),
    )


@blueprint.post("/work-list/<int:item_id>/close")
@policy(*WRITERS)
def close(item_id: int) -> ResponseReturnValue:
    """One press: outcome=, and note= if somebody wrote one."""
    who, outcome = actor(), request.form.get("outcome", "")
    note = request.form.get("note", "").strip()[:NOTE_LENGTH]
    kind = work_item_kind(reading(), who.clinic_id, item_id)
    if outcome not in WORK_KINDS[kind].outcomes:
        raise InvalidInput("Press one of the buttons that say how it ended")
    with changing() as change:
        close_item(change, item_id, str(WorkOutcome(outcome, note)))
    flash_messages.leave("work_closed", work_item_id=item_id)
    return redirect(_back())


@blueprint.post("/work-list/<int:item_id>/reopen")
@policy(*WRITERS)
def reopen(item_id: int) -> ResponseReturnValue:
    with changing() as change:
        reopen_item(change, item_id)
    flash_messages.leave("work_reopened")
    return redirect(url_for("work_list.work_list"))


def work_waiting() -> str:
    """How many items wait, as the navigation says it; empty for none. Asked once a page, however often it is shown."""
    if "work_waiting" not in g:
        know_work_waiting(open_count(reading(), actor().clinic_id))
    return str(g.work_waiting)


def know_work_waiting(number: int) -> None:
    """For a page that has asked already how many items wait."""
    g.work_waiting = f"{COUNTED}+" if number > COUNTED else str(number or "")


def _back() -> str:
    args: dict[str, Any] = {name: request.args[name] for name in ("kind",) if request.args.get(name)}
    return url_for("work_list.work_list", **args)
