"""What is said of a time that is only held for a provider's answer, where somebody wants to move it or call it off."""

from typing import Any

from flask import render_template

from clinic_scheduler.queries.schedule.override_requests import visit_replaced, waiting_by_visit
from clinic_scheduler.web.context import reading


def held_page(held: Any, what: str) -> str:
    """`what`: move or cancel. Neither can be done to it; the question is taken back, or the visit itself is changed."""
    return render_template(
        "booking/held.html",
        visit=held,
        what=what,
        replaces=visit_replaced(reading(), held),
        waiting=waiting_by_visit(reading(), [held.id]).get(held.id),
        problems=[],
    )
