"""A provider's calendars from elsewhere, on the provider's page in the settings: added, read anew, removed."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.importing.busy_hours import MOST_BYTES, UnreadableCalendar, read_busy
from clinic_scheduler.queries.providers import provider_in_clinic
from clinic_scheduler.services.calendars import busy_times
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, problems_in, reading, zone
from clinic_scheduler.web.forms.base import Form
from clinic_scheduler.web.forms.busy_calendar import AddressForm, FileForm
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.settings.settings_providers import provider_page

blueprint = Blueprint("busy_calendars", __name__, url_prefix="/settings")
# Somebody waits for the page; the worker takes longer with what it reads.
SECONDS = 8


@blueprint.post("/providers/<int:provider_id>/calendars/address")
@policy("admin")
def add_address(provider_id: int) -> ResponseReturnValue:
    provider_in_clinic(reading(), actor().clinic_id, provider_id)
    form = AddressForm(prefix="from-")
    if not form.validate_on_submit():
        return _again(provider_id, form)
    try:
        with changing() as change:
            busy_times.add_address(change, provider_id, form.name.data, form.url.data)
    except InvalidInput as error:
        return _refused(provider_id, form, "name", str(error))
    return _done(provider_id, "busy_calendar_added")


@blueprint.post("/providers/<int:provider_id>/calendars/file")
@policy("admin")
def add_file(provider_id: int) -> ResponseReturnValue:
    """The file is read at once and not kept: only when the provider is busy is."""
    provider_in_clinic(reading(), actor().clinic_id, provider_id)
    form = FileForm(prefix="of-")
    if not form.validate_on_submit():
        return _again(provider_id, form)
    try:
        spans = read_busy(form.file.data.read(MOST_BYTES + 1), zone(), now(), seconds=SECONDS)
        with changing() as change:
            busy_times.keep_file(change, provider_id, form.name.data, spans)
    except UnreadableCalendar as error:
        return _refused(provider_id, form, "file", str(error))
    except InvalidInput as error:
        return _refused(provider_id, form, "name", str(error))
    return _done(provider_id, "busy_file_read")


@blueprint.post("/busy-calendars/<int:calendar_id>/read")
@policy("admin")
def read_again(calendar_id: int) -> ResponseReturnValue:
    """The worker reads it at its next tick; nothing is fetched while somebody waits for a page."""
    with changing() as change:
        provider_id = busy_times.ask_again(change, calendar_id).provider_id
    return _done(provider_id, "busy_calendar_asked")


@blueprint.post("/busy-calendars/<int:calendar_id>/remove")
@policy("admin")
def remove(calendar_id: int) -> ResponseReturnValue:
    with changing() as change:
        provider_id = busy_times.remove(change, calendar_id)
    return _done(provider_id, "busy_calendar_removed")


def _refused(provider_id: int, form: Form, field: str, words: str) -> ResponseReturnValue:
    sentence = f"{words[:1].upper()}{words[1:]}".rstrip(".")
    form[field].errors = [*form[field].errors, f"{sentence}. Nothing was changed."]
    return _again(provider_id, form)


def _again(provider_id: int, form: Form) -> ResponseReturnValue:
    name = "address_form" if isinstance(form, AddressForm) else "file_form"
    return provider_page(provider_id, problems_in(form), **{name: form}), 422


def _done(provider_id: int, notice: str) -> Response:
    flash_messages.leave(notice)
    return redirect(url_for("settings_providers.provider", provider_id=provider_id, _anchor="elsewhere"))
