"""Where an administrator answers for messages that may have gone out already; until then nothing is sent."""

from typing import cast

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.sending_holds import REASON_WORDS, GapAnswer, Here, marks_of
from clinic_scheduler.queries.messaging.sending_hold import SendingHold, gap, sending_hold
from clinic_scheduler.services.messaging.sending_hold import answer as answer_for
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import changing, links, reading, settings
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("sending_hold", __name__, url_prefix="/settings/sending")
_FIELD = "kind_"


@blueprint.get("")
@policy("admin")
def page() -> ResponseReturnValue:
    return _page([])


@blueprint.post("")
@policy("admin")
def answer() -> ResponseReturnValue:
    """every=send or drop answers for all kinds; otherwise kind_<kind>= for each."""
    here = Here(marks_of(links().keys), settings().base_url)
    try:
        with changing() as change:
            answer_for(change, here, _answers())
    except InvalidInput:
        return _page([("answers", "Choose for each kind whether it is sent or dropped")]), 422
    flash_messages.leave("sending_released")
    return redirect(url_for("sending_hold.page"))


def held_now() -> SendingHold | None:
    """Why nothing is sent, for every staff page; asked once a page."""
    if "sending_hold" not in g:
        g.sending_hold = sending_hold(reading())
    return cast(SendingHold | None, g.sending_hold)


def _answers() -> dict[str, GapAnswer]:
    every = request.form.get("every")
    given = {kind: every or request.form.get(f"{_FIELD}{kind}") for kind in KINDS}
    return {kind: GapAnswer(said) for kind, said in given.items() if said in set(GapAnswer)}


def _page(problems: list[tuple[str, str]]) -> str:
    held = held_now()
    return render_template(
        "settings/sending.html",
        held=held,
        because=REASON_WORDS[held.reason] if held else "",
        gap=gap(reading(), held) if held else {},
        chosen=_answers(),
        problems=problems,
    )
