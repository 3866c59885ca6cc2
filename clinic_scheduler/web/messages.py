"""Messages: what was told, is planned and was not told, one message in full, and what staff may do about it."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.errors import ActionRefused, InvalidInput
from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS
from clinic_scheduler.domain.messaging.states import MessageState
from clinic_scheduler.domain.messaging.suppression_reasons import RETRY_REASONS
from clinic_scheduler.queries.messaging.consents import opted_out
from clinic_scheduler.queries.messaging.message_log import (
    LogFilter,
    LogPosition,
    message_view,
    messages_page,
    planned_page,
    unsent_page,
)
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.services import audit
from clinic_scheduler.services.messaging import message_actions
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, now, reading, zone
from clinic_scheduler.web.outage import out_since
from clinic_scheduler.web.policies import EVERYONE, WRITERS, policy
from clinic_scheduler.web.urls import asked_key, key_of

blueprint = Blueprint("messages", __name__)
# tab: (its words, what it reads)
TABS = {
    "all": ("Messages", messages_page),
    "planned": ("Planned", planned_page),
    "not_sent": ("Not sent", unsent_page),
}
FILTERS = ("tab", "state", "kind", "channel", "patient", "day")
_AT = "%Y%m%dT%H%M%S.%fZ"


@blueprint.get("/messages")
@policy(*EVERYONE)
def log() -> ResponseReturnValue:
    """?tab=, ?state=, ?kind=, ?channel=, ?patient= (id), ?day= and ?after=; nonsense falls back."""
    tab = _one_of("tab", tuple(TABS)) or "all"
    wanted = _wanted()
    clinic_id = actor().clinic_id
    patient = patient_in_clinic(reading(), clinic_id, wanted.patient_id) if wanted.patient_id else None
    found = TABS[tab][1](reading(), clinic_id, wanted, zone(), _after())
    return render_template(
        "message_log/list.html",
        tab=tab,
        tabs=TABS,
        found=found,
        wanted=wanted,
        patient=patient,
        asked=_asked(),
        after=_said(found.after),
        states=labels(MessageState),
        kinds=KINDS,
        channels=CHANNELS,
        out_since=out_since(),
        opted_out=opted_out(reading(), [whose.id for _, _, whose in found.rows]) if tab == "planned" else (),
        may_go=lambda reminder: message_actions.stopped_and_may_go(reminder, now()),
    )


@blueprint.get("/messages/<uid>")
@policy(*EVERYONE)
def message(uid: str) -> ResponseReturnValue:
    return _page(uid)


@blueprint.post("/messages/<uid>/retry")
@policy(*WRITERS)
def retry(uid: str) -> ResponseReturnValue:
    because = request.form.get("because") or None
    try:
        with changing() as change:
            message_actions.retry(change, uid, _carried(), because)
    except ActionRefused as refused:
        return _page(uid, [("actions", str(refused))]), 409
    except InvalidInput as wrong:
        return _page(uid, [("because", str(wrong))]), 422
    flash_messages.leave("message_retried")
    return redirect(url_for("messages.message", uid=uid))


@blueprint.post("/messages/<uid>/stop")
@policy(*WRITERS)
def stop(uid: str) -> ResponseReturnValue:
    try:
        with changing() as change:
            message_actions.stop(change, uid)
    except ActionRefused as refused:
        return _page(uid, [("actions", str(refused))]), 409
    flash_messages.leave("message_stopped")
    return redirect(url_for("messages.message", uid=uid))


@blueprint.post("/reminders/<int:reminder_id>/stop")
@policy(*WRITERS)
def stop_planned(reminder_id: int) -> ResponseReturnValue:
    with changing() as change:
        message_actions.stop_planned(change, reminder_id)
    flash_messages.leave("message_stopped", stopped_id=reminder_id)
    return redirect(url_for("messages.log", **_asked()))


@blueprint.post("/reminders/<int:reminder_id>/let-go")
@policy(*WRITERS)
def let_go(reminder_id: int) -> ResponseReturnValue:
    with changing() as change:
        message_actions.let_go(change, reminder_id)
    flash_messages.leave("message_let_go")
    return redirect(url_for("messages.log", **_asked()))


def _page(uid: str, problems: list[tuple[str, str]] | None = None) -> str:
    """What a patient was told is part of the record: if this look cannot be recorded, it does not happen."""
    who = actor()
    view = message_view(reading(), who.clinic_id, uid)
    key, patient_id = view.message.id, view.patient.id
    with changing() as change:
        audit.record(change, "viewed", "messages", key, patient_id=patient_id)
    view = message_view(reading(), who.clinic_id, uid)
    return render_template(
        "message_log/message.html",
        view=view,
        retryable=view.message.state in message_actions.RETRYABLE and view.message.expires_at > now(),
        stoppable=view.message.state in message_actions.STOPPABLE,
        reasons=RETRY_REASONS,
        problems=problems or [],
    )


def _carried() -> Collection[str]:
    """Channels that have a sender."""
    return tuple(current_app.extensions["clinic"].senders)


def _wanted() -> LogFilter:
    return LogFilter(
        state=MessageState(state) if (state := _one_of("state", tuple(MessageState))) else None,
        kind=_one_of("kind", tuple(KINDS)),
        channel=_one_of("channel", CHANNELS),
        patient_id=asked_key("patient"),
        day=_day(request.args.get("day", "")),
    )


def _one_of(name: str, known: tuple[str, ...]) -> str | None:
    said = request.args.get(name)
    return said if said in known else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _asked() -> dict[str, Any]:
    """The filters as the address has them, for url_for."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _after() -> LogPosition | None:
    at, _, key = request.args.get("after", "").partition("_")
    try:
        return LogPosition(datetime.strptime(at, _AT).replace(tzinfo=UTC), key_of(key))
    except ValueError:
        return None


def _said(place: LogPosition | None) -> str | None:
    return f"{place.at.astimezone(UTC):{_AT}}_{place.id}" if place else None
