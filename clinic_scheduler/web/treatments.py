"""Recording what was given, and what follows from it: what it changes, the next dates and times to book."""

import hashlib
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.domain.recording import Stop
from clinic_scheduler.queries.availability import suggestions
from clinic_scheduler.queries.course_view import CourseView, active_providers, course_view
from clinic_scheduler.queries.treatment_result import TreatmentResult, last_treatment, treatment_result
from clinic_scheduler.services import treatments
from clinic_scheduler.web import notices
from clinic_scheduler.web.context import actor, may_write, now, reading, today
from clinic_scheduler.web.forms.booking import TimeForm
from clinic_scheduler.web.forms.fields import choices
from clinic_scheduler.web.forms.treatment import TreatmentForm
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy

blueprint = Blueprint("treatments", __name__)
SUGGESTED = 3


@blueprint.get("/courses/<int:course_id>/treatments/new")
@policy(*WRITERS)
def new(course_id: int) -> ResponseReturnValue:
    """Filled in from the visit and the last treatment, as far as they say it."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    visit, last = view.appointment, last_treatment(reading(), view.course)
    units = last.units if last is not None else view.forecast.planned_units or 0
    form = _form(
        view,
        given_on=min(visit.local_date, today()) if visit else today(),
        units=Decimal(f"{float(units):g}"),
        product=last.product if last is not None else view.course.product,
        provider=visit.provider_id if visit else view.course.provider_id,
        key=secrets.token_urlsafe(16),
    )
    return _page(view, form)


@blueprint.post("/courses/<int:course_id>/treatments")
@policy(*WRITERS)
def record(course_id: int) -> ResponseReturnValue:
    """Sent twice, recorded once: the form's own key is the entry's fingerprint.

    Soft stops are shown once; sent again with their marks, the treatment is kept.
    """
    view = course_view(reading(), actor().clinic_id, course_id, today())
    form = _form(view)
    if not form.validate_on_submit():
        return _page(view, form, form.problems()), 422
    who, entry = actor(), form.entry(course_id)
    stops = treatments.stops(reading(), who, entry)
    missing = _still_to_answer(form, stops)
    if missing:
        return _page(view, form, missing, stops), 409
    needs_provider = any(stop.needs_provider for stop in stops)
    try:
        with unit_of_work() as session:
            kept = treatments.record(session, who, entry, now())
            treatment_id = kept.id
            if needs_provider and who.may_override:
                treatments.accept(session, who, treatment_id, form.accept_reason.data, now())
    except BookingRefused as refusal:
        return _page(_again(course_id), form, [("given_on", refusal.message)], stops), 409
    except InvalidInput as refusal:
        text = str(refusal)
        message = f"{text[:1].upper()}{text[1:]}. Nothing was recorded."
        return _page(_again(course_id), form, [("given_on", message)], stops), 422
    notices.leave("recorded")
    return redirect(url_for("treatments.recorded", course_id=course_id, treatment=treatment_id))


@blueprint.get("/courses/<int:course_id>/next")
@policy(*EVERYONE)
def recorded(course_id: int) -> ResponseReturnValue:
    """The next dates, with times to book at once; with ?treatment=, also how it was judged and what it changed."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    providers = active_providers(reading(), actor().clinic_id)
    bookable = may_write() and view.forecast.timing != "closed" and view.appointment is None
    slots = suggestions(reading(), view.course, now(), limit=SUGGESTED) if bookable else []
    form = TimeForm.with_providers(providers, key=secrets.token_urlsafe(16))
    return render_template(
        "treatments/recorded.html", view=view, slots=slots, form=form, result=_asked_result(course_id)
    )


def _asked_result(course_id: int) -> TreatmentResult | None:
    treatment_id = request.args.get("treatment", type=int)
    if treatment_id is None:
        return None
    result = treatment_result(reading(), actor().clinic_id, treatment_id, today())
    if result.course.id != course_id:
        raise NotFound("no such treatment of this course")
    return result


def _form(view: CourseView, **values: Any) -> TreatmentForm:
    form = TreatmentForm(**values)
    known = active_providers(reading(), actor().clinic_id)
    form.provider.choices = choices((provider.id, provider.name) for provider in known)
    return form


def _again(course_id: int) -> CourseView:
    """The rolled-back rows must be read anew."""
    return course_view(reading(), actor().clinic_id, course_id, today())


def _still_to_answer(form: TreatmentForm, stops: Sequence[Stop]) -> list[tuple[str, str]]:
    """What stands in the way of keeping it: stops not on the screen before, and a provider's missing reason."""
    seen = set((form.seen.data or "").split())
    unseen = [stop for stop in stops if _mark(stop) not in seen]
    if unseen:
        return [("stops", f"{stop.text}. Nothing was recorded yet.") for stop in unseen]
    if any(stop.needs_provider for stop in stops) and actor().may_override and not form.accept_reason.data:
        return [("accept_reason", "Choose why the early date is accepted")]
    return []


def _mark(stop: Stop) -> str:
    """Changes with the stop's words: a reason given for one date does not do for another."""
    return hashlib.sha256(f"{stop.code} {stop.text}".encode()).hexdigest()[:16]


def _page(
    view: CourseView,
    form: TreatmentForm,
    problems: Sequence[tuple[str, str]] = (),
    stops: Sequence[Stop] = (),
) -> str:
    form.seen.data = " ".join(_mark(stop) for stop in stops)
    by_field: dict[str, list[str]] = {}
    for name, message in problems:
        by_field.setdefault(name, []).append(message)
    for name, messages in by_field.items():
        # Same words at the field as in the summary.
        if name in form and not form[name].errors:
            form[name].errors = messages
    return render_template("treatments/record.html", view=view, form=form, problems=problems, stops=stops)
