"""Settings of messages' wording: the clinic's own words for each kind, way and language, with a preview."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ChangedMeanwhile
from clinic_scheduler.domain.messaging.custom_wording import MEANINGS, Wording, fields_of, required_of
from clinic_scheduler.domain.messaging.kinds import CHANNELS, EMAIL, KINDS
from clinic_scheduler.languages import languages
from clinic_scheduler.messages import shipped_wording
from clinic_scheduler.queries.messaging.custom_wording import custom_wordings, template_of, wording_of
from clinic_scheduler.queries.providers import clinic_of
from clinic_scheduler.services.messaging import custom_wording
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.wording import TextNameForm, WordingForm
from clinic_scheduler.web.message_preview import Preview, preview, templates
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("settings_messages", __name__, url_prefix="/settings/messages")
Problems = Sequence[tuple[str, str]]
ONE = "/<kind>/<channel>/<language>"
CHANNEL_WORDS = {"email": "E-mail", "sms": "Text"}


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    return _list_page(TextNameForm(obj=clinic_of(reading(), actor().clinic_id)))


@blueprint.post("/text-name")
@policy("admin")
def sign_texts() -> ResponseReturnValue:
    form = TextNameForm()
    if not form.validate():
        return _list_page(form, problems_in(form)), 422
    with changing() as change:
        custom_wording.sign_texts(change, form.text_name.data or "")
    flash_messages.leave("text_name_saved")
    return redirect(url_for("settings_messages.list_"))


@blueprint.get(ONE)
@policy("admin")
def edit(kind: str, channel: str, language: str) -> ResponseReturnValue:
    shipped = _shipped(kind, channel, language)
    row = template_of(reading(), actor().clinic_id, kind, channel, language)
    wording = wording_of(row) if row else shipped
    form = WordingForm(
        data={
            "subject": wording.subject or "",
            "body": wording.body,
            "based_on": row.updated_at.isoformat() if row else "",
        }
    )
    return _edit_page(form, wording, preview(wording))


@blueprint.post(ONE)
@policy("admin")
def save(kind: str, channel: str, language: str) -> ResponseReturnValue:
    _shipped(kind, channel, language)
    form = WordingForm()
    wording = form.wording(kind, channel, language)
    if not form.validate():
        return _edit_page(form, wording, Preview([]), problems_in(form)), 422
    seen = preview(wording)
    wrong = [(one.place, one.message) for one in seen.problems]
    if not wrong and seen.disclosed and not form.sure.data:
        told = ", ".join(f"“{word}”" for word in seen.disclosed)
        wrong = [("sure", f"These words may tell what the visit is for: {told}. Tick the box to save them")]
    if wrong:
        return _edit_page(form, wording, seen, wrong), 422
    try:
        with changing() as change:
            custom_wording.save(change, wording, form.seen())
    except ChangedMeanwhile as refusal:
        text = f"{str(refusal).capitalize()}. Nothing was saved. Open it again and make your change there."
        return _edit_page(form, wording, seen, [("body", text)]), 409
    flash_messages.leave("wording_saved")
    return redirect(url_for("settings_messages.edit", kind=kind, channel=channel, language=language))


@blueprint.post(f"{ONE}/preview")
@policy("admin")
def try_out(kind: str, channel: str, language: str) -> ResponseReturnValue:
    """How the words would read; nothing is saved. The page's script asks for the preview's part alone."""
    _shipped(kind, channel, language)
    form = WordingForm()
    wording = form.wording(kind, channel, language)
    if not form.validate():
        return _edit_page(form, wording, Preview([]), problems_in(form)), 422
    seen = preview(wording)
    if request.form.get("part") == "preview":
        return render_template("settings/_message_preview.html", seen=seen, wording=wording)
    return _edit_page(form, wording, seen)


@blueprint.post(f"{ONE}/reset")
@policy("admin")
def reset(kind: str, channel: str, language: str) -> ResponseReturnValue:
    _shipped(kind, channel, language)
    with changing() as change:
        custom_wording.reset(change, kind, channel, language)
    flash_messages.leave("shipped_wording_again")
    return redirect(url_for("settings_messages.edit", kind=kind, channel=channel, language=language))


def _shipped(kind: str, channel: str, language: str) -> Wording:
    """The shipped words; 404 where there is no such message."""
    if kind not in KINDS or channel not in CHANNELS or language not in languages():
        abort(404)
    return shipped_wording(kind, channel, language, templates())


def _list_page(form: TextNameForm, problems: Problems = ()) -> str:
    return render_template(
        "settings/messages.html",
        form=form,
        problems=problems,
        kinds=KINDS,
        languages=languages(),
        channels=CHANNEL_WORDS,
        own=custom_wordings(reading(), actor().clinic_id),
    )


def _edit_page(form: WordingForm, wording: Wording, seen: Preview, problems: Problems = ()) -> str:
    wrong: dict[str, list[str]] = {}
    for place, message in problems:
        wrong.setdefault(place, []).append(message)
    for place, messages in wrong.items():
        form[place].errors = messages
    kind, channel, language = wording.kind, wording.channel, wording.language
    known: dict[str, Any] = {"kind": kind, "channel": channel, "language": language}
    return render_template(
        "settings/message_edit.html",
        form=form,
        wording=wording,
        kind=KINDS[kind],
        seen=seen,
        problems=problems,
        here=known,
        by_email=channel == EMAIL,
        title=f"{languages()[language]}, {CHANNEL_WORDS[channel].lower()}",
        fields=[(name, MEANINGS[name]) for name in fields_of(kind, channel)],
        required=required_of(kind, channel),
        own=template_of(reading(), actor().clinic_id, kind, channel, language) is not None,
    )
