"""The due list, why a date is what it is, and logging that the desk reached out."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.queries.course_view import active_providers, course_view
from clinic_scheduler.queries.due_list import TABS, due_page
from clinic_scheduler.services import contacts
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, now, problems_in, reading, today
from clinic_scheduler.web.forms.contact import ContactForm
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy

blueprint = Blueprint("due", __name__)
FIRST_TAB = "to_book"


@blueprint.get("/")
@policy(*EVERYONE)
def home() -> ResponseReturnValue:
    return redirect(url_for("due.due_list"))


@blueprint.get("/due")
@policy(*EVERYONE)
def due_list() -> ResponseReturnValue:
    """?tab=, ?provider= and ?page=; what makes no sense falls back rather than failing."""
    tab = request.args.get("tab", FIRST_TAB)
    tab = tab if tab in TABS else FIRST_TAB
    providers = active_providers(reading(), actor().clinic_id)
    provider_id = request.args.get("provider", type=int)
    if provider_id not in {provider.id for provider in providers}:
        provider_id = None
    found = due_page(
        reading(),
        actor().clinic_id,
        today(),
        bucket=tab,
        provider_id=provider_id,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "due/list.html", found=found, tab=tab, tabs=TABS, providers=providers, provider_id=provider_id
    )


@blueprint.get("/courses/<int:course_id>/why")
@policy(*EVERYONE)
def why(course_id: int) -> ResponseReturnValue:
    """DD-15: every date with its rule, inputs and source, and every treatment with its judgement."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    return render_template("due/why.html", view=view)


@blueprint.get("/courses/<int:course_id>/contact")
@policy(*WRITERS)
def contact(course_id: int) -> ResponseReturnValue:
    view = course_view(reading(), actor().clinic_id, course_id, today())
    return render_template("due/contact.html", form=ContactForm(), view=view, problems=[])


@blueprint.post("/courses/<int:course_id>/contact")
@policy(*WRITERS)
def log_contact(course_id: int) -> ResponseReturnValue:
    form = ContactForm()
    view = course_view(reading(), actor().clinic_id, course_id, today())
    if not form.validate_on_submit():
        return render_template("due/contact.html", form=form, view=view, problems=problems_in(form)), 422
    days = form.hide_days.data
    with unit_of_work() as session:
        contacts.log(
            session,
            actor(),
            course_id,
            form.channel.data,
            form.outcome.data,
            now(),
            hide_until=today() + timedelta(days) if days else None,
            note=form.note.data or None,
        )
    notices.leave("contacted")
    return redirect(url_for("due.due_list"))
