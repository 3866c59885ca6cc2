"""What a visit turns out to be: another kind; a consultation with its outcome; a follow-up seen. Each can be undone."""

from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.roles import DECIDING
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.queries.courses.course_view import active_providers, course_view
from clinic_scheduler.queries.provider_home import own_provider_id
from clinic_scheduler.services.visits import consultations, kind_changes
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.booking import overrides_in
from clinic_scheduler.web.forms.consultation import SeenForm
from clinic_scheduler.web.policies import WRITERS, policy
from clinic_scheduler.web.visits import guarded

blueprint = Blueprint("visit_endings", __name__)


@blueprint.post("/appointments/<int:appointment_id>/outcome")
@policy(*WRITERS)
def outcome(appointment_id: int) -> ResponseReturnValue:
    """outcome=go_on, change or stop; with correcting=1, of a consultation that was noted already."""
    ended = request.form.get("outcome", "")
    correcting = "correcting" in request.form
    act = consultations.correct if correcting else consultations.conclude
    done = "outcome_corrected" if correcting else "consulted"
    return guarded(appointment_id, done, partial(act, outcome=ended))


@blueprint.post("/appointments/<int:appointment_id>/seen")
@policy(*WRITERS)
def seen(appointment_id: int) -> ResponseReturnValue:
    return guarded(appointment_id, "seen", consultations.seen_at_follow_up)


@blueprint.post("/appointments/<int:appointment_id>/kind")
@policy(*WRITERS)
def kind(appointment_id: int) -> ResponseReturnValue:
    """kind=injection, consultation or follow_up; what stands against an injection is shown with what mends it."""
    wanted = request.form.get("kind", "")
    sent = overrides_in(request.form)
    act = partial(kind_changes.change_kind, kind=wanted, overrides=sent)
    return guarded(appointment_id, "kind_changed", act, into_injection=wanted == VisitKind.INJECTION)


@blueprint.route("/courses/<int:course_id>/seen", methods=["GET", "POST"])
@policy(*sorted(DECIDING))
def seen_today(course_id: int) -> ResponseReturnValue:
    """Somebody was seen without an appointment; what follows is offered beside the visit that is kept of it."""
    who = actor()
    view = course_view(reading(), who.clinic_id, course_id, today())
    providers = active_providers(reading(), who.clinic_id)
    if request.method == "GET":
        own = own_provider_id(reading(), who.clinic_id, who.user_id)
        return _seen_page(view, SeenForm.with_providers(providers, provider=own or view.course.provider_id))
    form = SeenForm.with_providers(providers)
    if not form.validate_on_submit():
        return _seen_page(view, form, problems_in(form)), 422
    try:
        with changing() as change:
            kept = consultations.seen_without_appointment(
                change, course_id, form.provider.data, form.outcome.data
            )
            visit_id, day = kept.id, kept.local_date
    except BookingRefused as refusal:
        view = course_view(reading(), who.clinic_id, course_id, today())
        return _seen_page(view, form, [("outcome", refusal.message)]), 409
    flash_messages.leave("consulted", visit_id)
    return redirect(url_for("visits.day", day=day.isoformat(), visit=visit_id, _anchor="panel"))


def _seen_page(view: Any, form: SeenForm, problems: list[tuple[str, str]] | None = None) -> str:
    return render_template("booking/seen.html", view=view, form=form, problems=problems or [])
