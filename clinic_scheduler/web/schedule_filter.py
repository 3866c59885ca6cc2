"""The schedule's filter: view, day and provider, kept through links and forms."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from flask import request, url_for

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.queries.courses.course_view import active_providers
from clinic_scheduler.queries.lookups import provider_in_clinic
from clinic_scheduler.queries.schedule.cells import OpenTime
from clinic_scheduler.web.context import actor, reading, today
from clinic_scheduler.web.urls import key_in, key_of

FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)
TABLES = {"day": "visits.day", "week": "schedule.week"}
# Lists of visits to move, rather than a table of days: "hours" is of one provider.
LISTS = {"closed": "closures.standing", "hours": "closures.outside_hours", "busy": "closures.busy_hours"}


@dataclass(frozen=True, slots=True)
class ScheduleFilter:
    """`provider_id` is the only provider shown: in the week always, in the day when somebody asked for one."""

    view: str
    day: date
    provider_id: int | None = None

    def address(self, **more: Any) -> str:
        """The page's address; `more` opens a panel (visit, slot) or moves a visit (move)."""
        if self.view in LISTS:
            return url_for(LISTS[self.view], provider_id=self.provider_id)
        return url_for(TABLES[self.view], day=self.day.isoformat(), provider=self.provider_id, **more)

    @property
    def token(self) -> str:
        """As forms carry it, so that what was done leads back here."""
        return f"{self.view}_{self.day.isoformat()}_{self.provider_id or ''}"

    @property
    def is_list(self) -> bool:
        return self.view in LISTS

    def beside(self, day: date) -> "ScheduleFilter":
        """The table of that day; from a list of visits, with every provider in it."""
        return (self.in_view("day").of(None) if self.is_list else self).on(day)

    @property
    def monday(self) -> date:
        return self.day - timedelta(self.day.weekday())

    @property
    def step(self) -> timedelta:
        return timedelta(7 if self.view == "week" else 1)

    def on(self, day: date) -> "ScheduleFilter":
        return replace(self, day=min(max(day, FIRST), LAST))

    def of(self, provider_id: int | None) -> "ScheduleFilter":
        return replace(self, provider_id=provider_id)

    def in_view(self, view: str) -> "ScheduleFilter":
        return replace(self, view=view)


def schedule_filter_asked_for(view: str) -> ScheduleFilter:
    """From the address; today, and every provider, without one. A week is somebody's: the first one's if unsaid."""
    place = ScheduleFilter(
        view, day_of(request.args.get("day", ""), today()), _known(request.args.get("provider", ""))
    )
    if view == "week" and place.provider_id is None:
        providers = active_providers(reading(), actor().clinic_id)
        return place.of(providers[0].id if providers else None)
    return place


def place_of_form(otherwise: date) -> ScheduleFilter:
    """Where the form was sent from; else the day view of `otherwise`."""
    view, _, rest = request.form.get("place", "").partition("_")
    day, _, provider = rest.partition("_")
    if view not in TABLES and view not in LISTS:
        return ScheduleFilter("day", otherwise)
    place = ScheduleFilter(view, day_of(day, otherwise), _known(provider))
    return place.in_view("day") if view in ("week", "hours") and place.provider_id is None else place


def day_of(text: str, otherwise: date) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST), LAST)
    except ValueError:
        return otherwise


def open_time(token: str) -> OpenTime:
    """What OpenTime.token wrote. Raises NotFound for anything else, and for another clinic's provider."""
    try:
        provider_id, day, at = token.split("_")
        provider = provider_in_clinic(reading(), actor().clinic_id, key_of(provider_id))
        wanted = OpenTime(provider.id, provider.name, date.fromisoformat(day), time.fromisoformat(at))
    except (ValueError, OverflowError):
        raise NotFound("no such time") from None
    if wanted.at.tzinfo is not None or not FIRST <= wanted.day <= LAST:
        raise NotFound("no such time")
    return wanted


def _known(text: str) -> int | None:
    """A provider of this clinic, or nobody."""
    key = key_in(text)
    try:
        return provider_in_clinic(reading(), actor().clinic_id, key).id if key else None
    except NotFound:
        return None
