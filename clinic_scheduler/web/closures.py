"""Days the clinic or a provider is away: the list, adding and removing; and visits nobody is there for any more."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, VisitKind
from clinic_scheduler.queries.courses.course_view import active_providers
from clinic_scheduler.queries.providers import provider_in_clinic
from clinic_scheduler.queries.schedule.busy_hours import visits_in_busy_hours
from clinic_scheduler.queries.schedule.closed_days import (
    closure_in_clinic,
    closures_from,
    visits_on_closed_days,
)
from clinic_scheduler.queries.schedule.outside_hours import visits_outside_hours
from clinic_scheduler.queries.schedule.override_requests import waiting_by_visit
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.services.practice.closures import close_days, remove_closure
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, problems_in, reading, today, zone
from clinic_scheduler.web.forms.closure import ClosureForm
from clinic_scheduler.web.policies import EVERYONE, policy
from clinic_scheduler.web.schedule_filter import ScheduleFilter

blueprint = Blueprint("closures", __name__)
CLOSERS = ("front_desk", "admin")
ALTERNATIVES = 3
# Alternatives are worked out visit by visit; more than this at once would keep the desk waiting.
SHOWN_AT_ONCE = 20


@blueprint.get("/closures")
@policy(*EVERYONE)
def closures() -> ResponseReturnValue:
    return _page(_form())


@blueprint.post("/closures")
@policy(*CLOSERS)
def add() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _page(form, problems_in(form)), 422
    with changing() as change:
        closure_id = close_days(
            change,
            form.starts_on.data,
            form.last_day,
            form.reason.data,
            provider_id=form.provider.data or None,
        ).id
    flash_messages.leave("closure_added")
    return redirect(url_for("closures.hit", closure_id=closure_id))


@blueprint.get("/closures/<int:closure_id>")
@policy(*EVERYONE)
def hit(closure_id: int) -> ResponseReturnValue:
    """The visits one closure hits, each with times to move it to; nothing moves by itself."""
    closure = closure_in_clinic(reading(), actor().clinic_id, closure_id)
    return _closed_page(closure)


@blueprint.post("/closures/<int:closure_id>/remove")
@policy(*CLOSERS)
def remove(closure_id: int) -> ResponseReturnValue:
    with changing() as change:
        remove_closure(change, closure_id)
    flash_messages.leave("closure_removed")
    return redirect(url_for("closures.closures"))


@blueprint.get("/schedule/closed-days")
@policy(*EVERYONE)
def standing() -> ResponseReturnValue:
    """Every visit that stands on a closed day, until there is none."""
    return _closed_page(None)


@blueprint.get("/providers/<int:provider_id>/outside-hours")
@policy(*EVERYONE)
def outside_hours(provider_id: int) -> ResponseReturnValue:
    """What stands outside a provider's hours since these were changed, or the provider takes no bookings."""
    provider = provider_in_clinic(reading(), actor().clinic_id, provider_id)
    found = [(visit, None) for visit in visits_outside_hours(reading(), provider, now())]
    return _visits_page(found, ScheduleFilter("hours", today(), provider_id), provider=provider)


@blueprint.get("/schedule/busy-hours")
@policy(*EVERYONE)
def busy_hours() -> ResponseReturnValue:
    """Every visit that stands in hours its provider is busy elsewhere."""
    found = visits_in_busy_hours(reading(), actor().clinic_id, zone(), now())
    return _visits_page(found, ScheduleFilter("busy", today()), busy=True)


def _closed_page(closure: Any) -> str:
    key = closure.id if closure is not None else None
    found = visits_on_closed_days(reading(), actor().clinic_id, today(), closure_id=key)
    return _visits_page(found, ScheduleFilter("closed", today()), closure=closure)


def _visits_page(found: Sequence[tuple[Any, Any]], place: ScheduleFilter, **about: Any) -> str:
    """Visits, each with the closure or the busy hours it stands in if that is why, and with times to move it to."""
    shown = [(visit, because, _times_for(visit)) for visit, because in found[:SHOWN_AT_ONCE]]
    return render_template(
        "closures/visits.html",
        shown=shown,
        waiting=waiting_by_visit(reading(), [visit.id for visit, _, _ in shown]),
        total=len(found),
        place=place,
        problems=[],
        **about,
    )


def _times_for(visit: Any) -> Any:
    """What is no injection has no window of its own: times from the day it was booked for.

    A time that is only held moves nowhere: its question is answered or taken back.
    """
    if visit.state in AWAITING_ANSWER:
        return ()
    near = None if visit.kind == VisitKind.INJECTION else visit.local_date
    wanted = TimesWanted(ALTERNATIVES, kind=visit.kind, near=near, ignoring=visit.id)
    return suggestions(reading(), visit.course, now(), wanted)


def _page(form: ClosureForm, problems: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "closures/list.html",
        form=form,
        rows=closures_from(reading(), actor().clinic_id, today()),
        may_close=bool(actor().roles & set(CLOSERS)),
        problems=problems or [],
    )


def _form() -> ClosureForm:
    return ClosureForm.with_providers(active_providers(reading(), actor().clinic_id))
