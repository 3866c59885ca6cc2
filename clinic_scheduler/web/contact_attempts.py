"""Logging in one press that the desk reached out, taking that back, and deciding when enough was tried."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.courses.course_view import course_view
from clinic_scheduler.queries.due.contact_attempts import contact_rules, tried
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.due_filter import back_to_list
from clinic_scheduler.web.forms.base import Form
from clinic_scheduler.web.forms.contact import PRESSES, ContactForm, DecisionForm
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("contacts", __name__)


@blueprint.get("/courses/<int:course_id>/contact")
@policy(*WRITERS)
def contact(course_id: int) -> ResponseReturnValue:
    return _page(course_id)


@blueprint.post("/courses/<int:course_id>/contact")
@policy(*WRITERS)
def log(course_id: int) -> ResponseReturnValue:
    """One press logs. Whoever wants to book is booked at once, so that row stays where it is."""
    form = ContactForm(today())
    if not form.validate_on_submit():
        return _page(course_id, form=form), 422
    booking = form.outcome == "wants_to_book"
    day = None if booking or form.hide_until.data == today() else form.hide_until.data
    with changing() as change:
        logged = contact_attempts.log(
            change,
            course_id,
            form.channel,
            form.outcome,
            hide_until=day,
            note=form.note.data or None,
            idempotency_key=form.key.data or None,
        ).id
    flash_messages.leave("contacted", contact_id=logged)
    return redirect(url_for("booking.book", course_id=course_id) if booking else back_to_list())


@blueprint.post("/courses/<int:course_id>/decision")
@policy(*WRITERS)
def decide(course_id: int) -> ResponseReturnValue:
    """Stopping the course, the third choice, is a page of its own."""
    form = DecisionForm(today())
    if not form.validate_on_submit():
        return _page(course_id, decision=form), 422
    later = form.decision.data == "try_later"
    with changing() as change:
        kept = contact_attempts.decide(
            change,
            course_id,
            form.decision.data,
            hide_until=form.hide_until.data if later else None,
            idempotency_key=form.key.data or None,
        ).id
    flash_messages.leave("decided", contact_id=kept)
    return redirect(back_to_list())


@blueprint.post("/contacts/<int:contact_id>/undo")
@policy(*WRITERS)
def undo(contact_id: int) -> ResponseReturnValue:
    with changing() as change:
        contact_attempts.take_back(change, contact_id)
    flash_messages.leave("contact_undone")
    return redirect(back_to_list())


def _page(course_id: int, *, form: Form | None = None, decision: Form | None = None) -> str:
    clinic_id = actor().clinic_id
    view = course_view(reading(), clinic_id, course_id, today())
    rules = contact_rules(reading(), clinic_id)
    known = tried(reading(), [course_id]).get(course_id)
    usual: dict[str, Any] = {
        "hide_until": today() + timedelta(rules.rest_days),
        "key": secrets.token_urlsafe(16),
    }
    problems = problems_in(form) if form else []
    if decision:
        problems = [("try-again", message) for _, message in problems_in(decision)]
    return render_template(
        "due/contact.html",
        form=form or ContactForm(today(), formdata=None, data=usual),
        decision=decision or DecisionForm(today(), formdata=None, data=usual),
        presses=PRESSES,
        view=view,
        tries=known,
        rules=rules,
        back=back_to_list(),
        problems=problems,
    )
