"""Settings of providers: who there is, their hours and visit length, and whether they take bookings."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.working_hours import written
from clinic_scheduler.queries.providers import provider_in_clinic, providers_of, visits_ahead, weeks_of
from clinic_scheduler.queries.schedule.busy_hours import calendars_of
from clinic_scheduler.queries.schedule.outside_hours import visits_outside_hours
from clinic_scheduler.services.locks import lock_providers
from clinic_scheduler.services.practice import providers
from clinic_scheduler.services.practice.clinics import STANDARD_HOURS
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, problems_in, reading
from clinic_scheduler.web.edit_conflicts import EditConflict, require_unchanged, stamped
from clinic_scheduler.web.formats import WEEKDAYS
from clinic_scheduler.web.forms.base import GuardedForm
from clinic_scheduler.web.forms.busy_calendar import empty_forms
from clinic_scheduler.web.forms.settings import ProviderForm
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_providers", __name__, url_prefix="/settings/providers")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    clinic_id = actor().clinic_id
    weeks = weeks_of(reading(), clinic_id)
    rows = [
        (
            provider,
            [(WEEKDAYS[day], written(week)) for day, week in sorted(weeks.get(provider.id, {}).items())],
        )
        for provider in providers_of(reading(), clinic_id)
    ]
    return render_template("settings/providers.html", rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
@policy("admin")
def new() -> ResponseReturnValue:
    form = ProviderForm(data=_standard())
    if not form.is_submitted():
        return _page(None, form)
    if not form.validate():
        return _page(None, form, problems_in(form)), 422
    try:
        with changing() as change:
            providers.add(change, form.entry())
    except InvalidInput:
        return _page(
            None, form, [("name", "There is a provider of this name already. Nobody was added.")]
        ), 422
    return _done("provider_added")


@blueprint.get("/<int:provider_id>")
@policy("admin")
def provider(provider_id: int) -> ResponseReturnValue:
    return provider_page(provider_id)


def provider_page(provider_id: int, problems: Problems = (), **forms: Any) -> str:
    """As stored; `forms` are those of the page's other parts that were sent and refused."""
    row = provider_in_clinic(reading(), actor().clinic_id, provider_id)
    return _page(row, stamped(_stored(reading(), provider_id)), problems, **forms)


@blueprint.post("/<int:provider_id>")
@policy("admin")
def save(provider_id: int) -> ResponseReturnValue:
    """What is booked stays. Visits that lie outside the hours now are shown, with times to move them to."""
    who = actor()
    row = provider_in_clinic(reading(), who.clinic_id, provider_id)
    form = ProviderForm()
    if not form.validate_on_submit():
        return _page(row, form, problems_in(form)), 422
    entry = form.entry()
    try:
        with changing() as change:
            lock_providers(change.session, [provider_id])
            require_unchanged(form, _stored(change.session, provider_id))
            providers.edit(change, provider_id, entry)
    except EditConflict as clash:
        return _page(provider_in_clinic(reading(), who.clinic_id, provider_id), form, clash.problems), 409
    except InvalidInput:
        row = provider_in_clinic(reading(), who.clinic_id, provider_id)
        taken = ("name", "There is a provider of this name already. Nothing was changed.")
        return _page(row, form, [taken]), 422
    row = provider_in_clinic(reading(), who.clinic_id, provider_id)
    if visits_outside_hours(reading(), row, now()):
        flash_messages.leave("provider_saved")
        return redirect(url_for("closures.outside_hours", provider_id=provider_id))
    return _done("provider_saved")


def _stored(session: Any, provider_id: int) -> ProviderForm:
    clinic_id = actor().clinic_id
    row = provider_in_clinic(session, clinic_id, provider_id)
    return ProviderForm.of(row, weeks_of(session, clinic_id).get(row.id, {}))


def _standard() -> dict[str, Any]:
    """What a new provider's form begins with."""
    data: dict[str, Any] = {"visit_minutes": 30, "bookings": "yes"}
    for weekday in range(7):
        week = [(start, end) for day, start, end in STANDARD_HOURS if day == weekday]
        data[f"day_{weekday}"] = written(week)
    return data


def _page(row: Any, form: GuardedForm, problems: Problems = (), **forms: Any) -> str:
    ahead = visits_ahead(reading(), row.id, now()) if row is not None else []
    outside = len(visits_outside_hours(reading(), row, now())) if row is not None else 0
    return render_template(
        "settings/provider.html",
        provider=row,
        form=form,
        ahead=ahead,
        outside=outside,
        problems=problems,
        calendars=calendars_of(reading(), row.id, now()) if row is not None else [],
        **empty_forms() | forms,
    )


def _done(notice: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("settings_providers.list_"))
