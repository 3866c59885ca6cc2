"""What new date rules changed: the report everybody may look through."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.due.rows import tab_counts
from clinic_scheduler.queries.protocols.rule_changes import rule_change_page
from clinic_scheduler.web.context import actor, reading, today
from clinic_scheduler.web.day_turn import bring_to_today
from clinic_scheduler.web.policies import EVERYONE, policy
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("rule_changes", __name__)


@blueprint.get("/rule-changes")
@policy(*EVERYONE)
def report() -> ResponseReturnValue:
    """?older_than= opens the next page."""
    bring_to_today()
    older_than = asked_key("older_than")
    clinic_id = actor().clinic_id
    return render_template(
        "due/rule_changes.html",
        found=rule_change_page(reading(), clinic_id, older_than),
        problems_now=tab_counts(reading(), clinic_id, today(), None).get("booking_problem", 0),
        asked=older_than is not None,
    )
