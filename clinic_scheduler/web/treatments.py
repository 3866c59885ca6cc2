"""Recording what was given, and what follows from it: what it changes, the next dates and times to book."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus, Timing
from clinic_scheduler.domain.visits.treatment_checks import Stop, StopsUnseen
from clinic_scheduler.queries.courses.course_view import CourseView, course_view
from clinic_scheduler.queries.courses.treatment_result import (
    TreatmentResult,
    last_treatment,
    treatment_result,
)
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.treatments import treatments
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, desk, may_write, now, reading, today
from clinic_scheduler.web.forms.base import choices
from clinic_scheduler.web.forms.booking import TimeForm
from clinic_scheduler.web.forms.treatment import TreatmentForm
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("treatments", __name__)
SUGGESTED = 3


@blueprint.get("/courses/<int:course_id>/treatments/new")
@policy(*WRITERS)
def new(course_id: int) -> ResponseReturnValue:
    """Filled in from the visit and the last treatment, as far as they say it."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    visit, last = view.appointment, last_treatment(reading(), view.course)
    units = last.units if last is not None else view.forecast.planned_units
    form = _form(
        given_on=min(visit.local_date, today()) if visit else today(),
        units=None if units is None else Decimal(f"{float(units):g}"),
        product=last.product if last is not None else view.course.product,
        provider=visit.provider_id if visit else view.course.provider_id,
        key=secrets.token_urlsafe(16),
    )
    return _page(view, form)


@blueprint.post("/courses/<int:course_id>/treatments")
@policy(*WRITERS)
def record(course_id: int) -> ResponseReturnValue:
    """Sent twice, recorded once: the form's own key is the entry's fingerprint.

    What somebody should look at first is shown once; sent again with its marks, the treatment is kept, unless
    something else has come up meanwhile.
    """
    form = _form()
    if not form.validate_on_submit():
        return _page(_again(course_id), form, form.problems()), 422
    who, entry = actor(), form.entry(course_id)
    try:
        with changing() as change:
            kept = treatments.record(change, entry)
            treatment_id = kept.id
            if who.may_override and kept.evaluation == EvaluationStatus.TOO_SOON and kept.accepted_at is None:
                _accept(change, treatment_id, form)
    except StopsUnseen as refusal:
        texts = [("stops", f"{stop.text}. Nothing was recorded yet.") for stop in refusal.unseen]
        return _page(_again(course_id), form, texts, refusal.stops), 409
    except _ReasonMissing:
        stops = treatments.stops(reading(), who, entry)
        text = "Choose why the early date is accepted"
        return _page(_again(course_id), form, [("accept_reason", text)], stops), 409
    except BookingRefused as refusal:
        stops = treatments.stops(reading(), who, entry)
        return _page(_again(course_id), form, [("given_on", refusal.message)], stops), 409
    except InvalidInput as refusal:
        text = str(refusal)
        message = f"{text[:1].upper()}{text[1:]}. Nothing was recorded."
        return _page(_again(course_id), form, [("given_on", message)]), 422
    flash_messages.leave("recorded")
    return redirect(url_for("treatments.recorded", course_id=course_id, treatment=treatment_id))


class _ReasonMissing(Exception):
    """A provider who records something too soon says why at once."""


def _accept(change: Change, treatment_id: int, form: TreatmentForm) -> None:
    if not form.accept_reason.data:
        raise _ReasonMissing
    treatments.accept(change, treatment_id, form.accept_reason.data)


@blueprint.get("/courses/<int:course_id>/next")
@policy(*EVERYONE)
def recorded(course_id: int) -> ResponseReturnValue:
    """The next dates, with times to book at once; with ?treatment=, also how it was judged and what it changed."""
    view = course_view(reading(), actor().clinic_id, course_id, today())
    bookable = may_write() and view.forecast.timing != Timing.CLOSED and view.appointment is None
    slots = suggestions(reading(), view.course, now(), TimesWanted(SUGGESTED)) if bookable else []
    form = TimeForm.with_providers(desk().providers, key=secrets.token_urlsafe(16))
    return render_template(
        "treatments/recorded.html", view=view, slots=slots, form=form, result=_asked_result(course_id)
    )


def _asked_result(course_id: int) -> TreatmentResult | None:
    treatment_id = asked_key("treatment")
    if treatment_id is None:
        return None
    result = treatment_result(reading(), actor().clinic_id, treatment_id, today())
    if result.course.id != course_id:
        raise NotFound("no such treatment of this course")
    return result


def _form(**values: Any) -> TreatmentForm:
    form = TreatmentForm(**values)
    form.provider.choices = choices(desk().providers)
    return form


def _again(course_id: int) -> CourseView:
    """The course for its page; after a refusal the rolled-back rows must be read anew."""
    return course_view(reading(), actor().clinic_id, course_id, today())


def _page(
    view: CourseView,
    form: TreatmentForm,
    problems: Sequence[tuple[str, str]] = (),
    stops: Sequence[Stop] = (),
) -> str:
    form.seen.data = " ".join(stop.mark for stop in stops)
    by_field: dict[str, list[str]] = {}
    for name, message in problems:
        by_field.setdefault(name, []).append(message)
    for name, messages in by_field.items():
        # Same words at the field as in the summary.
        if name in form and not form[name].errors:
            form[name].errors = messages
    return render_template("treatments/record.html", view=view, form=form, problems=problems, stops=stops)
