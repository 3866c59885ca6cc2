"""The due list's filter: tab, provider, order and page, read from the address and put back into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from clinic_scheduler.queries.courses.course_view import active_providers
from clinic_scheduler.queries.due.contact_attempts import contact_rules
from clinic_scheduler.queries.due.sorted_pages import SORTS, DueFilter
from clinic_scheduler.queries.due.tabs import STAFF_DECISION, TABS
from clinic_scheduler.web.context import actor, reading
from clinic_scheduler.web.urls import asked_key

ALL_TABS = (*TABS, STAFF_DECISION)
FIRST_TAB = "to_book"
SORT_WORDS = {
    "overdue": "Overdue first",
    "name": "Name",
    "due": "Due date",
    "contact": "Last contact, longest ago first",
}


@dataclass(frozen=True, slots=True)
class DuePageFilter:
    """What is asked for; what makes no sense falls back rather than failing. `providers` are those to choose from."""

    wanted: DueFilter
    providers: Sequence[Any]
    provider_name: str | None
    page: int

    @property
    def args(self) -> dict[str, Any]:
        """For url_for; what is as usual is left out, but for the tab."""
        return {
            "tab": self.wanted.tab,
            "provider": self.wanted.provider_id,
            "sort": self.wanted.sort if self.wanted.sort != SORTS[0] else None,
        }

    @property
    def says(self) -> str:
        """The filter in words, for a printed page."""
        owner = self.provider_name or "All providers"
        return f"{owner}; {SORT_WORDS[self.wanted.sort].lower()}"


def due_page_filter_asked_for() -> DuePageFilter:
    clinic_id = actor().clinic_id
    providers = active_providers(reading(), clinic_id)
    names = {provider.id: provider.name for provider in providers}
    provider_id = asked_key("provider")
    provider_id = provider_id if provider_id in names else None
    tab, sort = request.args.get("tab", FIRST_TAB), request.args.get("sort", SORTS[0])
    wanted = DueFilter(
        tab if tab in ALL_TABS else FIRST_TAB,
        provider_id,
        sort if sort in SORTS else SORTS[0],
        contact_rules(reading(), clinic_id).limit,
    )
    page = min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    return DuePageFilter(wanted, providers, names.get(provider_id or 0), page)


def due_args() -> dict[str, str]:
    """The place on the list that a panel was opened from, as its address says, without asking the database."""
    return {name: request.args[name] for name in ("tab", "provider", "sort", "page") if name in request.args}


def back_to_list() -> str:
    args: dict[str, Any] = dict(due_args())
    return url_for("due.due_list", **args)
