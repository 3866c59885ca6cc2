"""A provider's home: the weeks ahead, what is due and not booked, and what waits for a decision."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.courses.course_view import active_providers
from clinic_scheduler.queries.provider_home import CHOICES, ProviderHome, own_provider_id, provider_home
from clinic_scheduler.web.context import actor, reading, today
from clinic_scheduler.web.day_turn import bring_to_today
from clinic_scheduler.web.override_requests import end_expired
from clinic_scheduler.web.policies import EVERYONE, policy
from clinic_scheduler.web.urls import asked_key
from clinic_scheduler.web.week_chart import Week, week_chart

blueprint = Blueprint("provider_home", __name__)
DEFAULT_WEEKS = 12


@blueprint.get("/provider")
@policy(*EVERYONE)
def home() -> ResponseReturnValue:
    """?weeks= (one of CHOICES) and ?provider=; without the latter, whose account it is, else the choice alone."""
    end_expired()
    who = actor()
    weeks = request.args.get("weeks", DEFAULT_WEEKS, type=int)
    weeks = weeks if weeks in CHOICES else DEFAULT_WEEKS
    own = own_provider_id(reading(), who.clinic_id, who.user_id)
    provider_id = asked_key("provider") or own
    shown = None
    if provider_id is not None:
        bring_to_today()
        shown = provider_home(reading(), who.clinic_id, provider_id, today(), weeks)
    return render_template(
        "provider/home.html",
        shown=shown,
        own=own,
        weeks=weeks,
        choices=CHOICES,
        providers=active_providers(reading(), who.clinic_id),
        chart=_chart(shown, weeks) if shown else None,
    )


def _chart(shown: ProviderHome, weeks: int) -> str:
    columns = [Week(load.monday, load.booked, load.unbooked, load.room or None) for load in shown.weeks]
    return week_chart("weeks", f"The next {weeks} weeks", columns)
