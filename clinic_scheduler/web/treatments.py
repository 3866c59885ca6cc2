"""Recording what was given, and what follows from it: the next dates and times to book."""

import secrets
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.queries.availability import suggestions
from clinic_scheduler.queries.course_view import CourseView, active_providers, course_view
from clinic_scheduler.services import treatments
from clinic_scheduler.services.treatments import TreatmentEntry
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, may_write, now, problems_in, reading, today
from clinic_scheduler.web.forms.booking import TimeForm
from clinic_scheduler.web.forms.fields import choices
from clinic_scheduler.web.forms.treatment import TreatmentForm
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy

blueprint = Blueprint("treatments", __name__)
SUGGESTED = 3


@blueprint.get("/courses/<int:course_id>/treatments/new")
@policy(*WRITERS)
def new(course_id: int) -> ResponseReturnValue:
    view = course_view(reading(), actor().clinic_id, course_id, today())
    visit = view.appointment
    form = _form(
        given_on=min(visit.local_date, today()) if visit else today(),
        units=Decimal(f"{view.forecast.planned_units:g}"),
        product=view.course.product,
        provider=visit.provider_id if visit else view.course.provider_id,
        key=secrets.token_urlsafe(16),
    )
    return _page(view, form)


@blueprint.post("/courses/<int:course_id>/treatments")
@policy(*WRITERS)
def record(course_id: int) -> ResponseReturnValue:
    """Sent twice, recorded once: the form's own key is the entry's fingerprint."""
    form = _form()
    view = course_view(reading(), actor().clinic_id, course_id, today())
    if not form.validate_on_submit():
        return _page(view, form, problems_in(form)), 422
    who = actor()
    try:
        with unit_of_work() as session:
            treatments.record(session, who, _entry(course_id, form), now())
    except BookingRefused as refusal:
        return _page(view, form, [("given_on", refusal.message)]), 409
    except InvalidInput as refusal:
        return _page(view, form, [("given_on", f"{refusal}. Nothing was recorded.")]), 422
    notices.leave("recorded")
    return redirect(url_for("treatments.recorded", course_id=course_id))


@blueprint.get("/courses/<int:course_id>/next")
@policy(*EVERYONE)
def recorded(course_id: int) -> ResponseReturnValue:
    """The next dates, with times to book at once."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    providers = active_providers(reading(), actor().clinic_id)
    bookable = may_write() and view.forecast.timing != "closed" and view.appointment is None
    slots = suggestions(reading(), view.course, now(), limit=SUGGESTED) if bookable else []
    form = TimeForm.with_providers(providers, key=secrets.token_urlsafe(16))
    return render_template("treatments/recorded.html", view=view, slots=slots, form=form)


def _form(**values: Any) -> TreatmentForm:
    form = TreatmentForm(**values)
    known = active_providers(reading(), actor().clinic_id)
    form.provider.choices = choices((provider.id, provider.name) for provider in known)
    return form


def _page(view: CourseView, form: TreatmentForm, problems: list[tuple[str, str]] | None = None) -> str:
    return render_template("treatments/record.html", view=view, form=form, problems=problems or [])


def _entry(course_id: int, form: TreatmentForm) -> TreatmentEntry:
    return TreatmentEntry(
        course_id=course_id,
        given_on=form.given_on.data,
        units=form.units.data,
        product=form.product.data,
        fingerprint=f"form:{form.key.data}",
        provider_id=form.provider.data,
        units_wasted=form.units_wasted.data,
        lot=form.lot.data or None,
        lot_expires_on=form.lot_expires_on.data,
        outcome=form.outcome.data,
        kind=form.kind.data,
        notes=form.notes.data or None,
    )
