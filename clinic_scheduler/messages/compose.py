"""From values to a finished Message through its kind's templates; who gets it, and how, is not known here."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.kinds import EMAIL
from clinic_scheduler.languages import Language, language
from clinic_scheduler.messages.custom_wording import own_paragraphs, own_subject, own_text
from clinic_scheduler.messages.formats import ended_once, one_line

from .gsm7 import TEXT_LENGTH, spell_in_gsm7
from .segments import segments
from .values import MessageValues

# A name shorter than this no longer says who is texting.
_SHORTEST_SIGNATURE = 8


class ComposeError(ValueError):
    """The values don't fit the message; nothing was composed, so nothing can have been sent."""


@dataclass(frozen=True)
class Message:
    """One message in all its forms: subject in one line; sms in at most 160 GSM-7 characters, or the clinic's own.

    `sms` is None with a clinic's own letter: that is for e-mail alone.
    """

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    sms: str | None = field(repr=False)


def template_environment(loader_path: Path | str) -> Environment:
    """Templates from `loader_path`, the folder that holds `messages/`; escapes .html and nothing else.

    They speak the `language` that each is rendered with.
    """
    environment = Environment(
        loader=FileSystemLoader(loader_path),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, newstyle=True
    )
    return environment


@pass_context
def _gettext(context: Context, message: str) -> str:
    return _spoken(context).gettext(message)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int) -> str:
    return _spoken(context).ngettext(one, many, number)


@pass_context
def _pgettext(context: Context, use: str, message: str) -> str:
    return _spoken(context).pgettext(use, message)


def _spoken(context: Context) -> Language:
    found: Language = context["language"]
    return found


def compose(
    values: MessageValues, environment: Environment, tag: str = "en", wording: Wording | None = None
) -> Message:
    """The message of `values.kind` in the language of a BCP 47 tag, in English where that has no catalogue.

    `wording` is a clinic's own for one channel and the same language; the rest stays as shipped. Raises
    ComposeError where a text can't be made to fit, UnfitWordsError or jinja2's errors for a clinic's own words.
    """
    facts = values.facts(language(tag))

    def template(name: str) -> Template:
        return environment.get_template(f"messages/{values.kind}/{name}")

    if wording is not None and wording.channel == EMAIL:
        return _own_letter(values, environment, wording)
    return Message(
        subject=one_line(template("subject.txt").render(facts)),
        text=_paragraphs(template("email.txt").render(facts)),
        html=_page(template("email.html").render(facts)),
        sms=own_text(wording, values) if wording else _short_text(template("sms.txt"), facts),
    )


def _own_letter(values: MessageValues, environment: Environment, wording: Wording) -> Message:
    """The clinic's words in the shipped frame, so that whom to call and the way out are never missing."""
    facts = values.facts(language(wording.language))
    facts |= {"subject": own_subject(wording, values), "paragraphs": own_paragraphs(wording, values)}
    frame = "messages/_frames"
    return Message(
        subject=facts["subject"],
        text=_paragraphs(environment.get_template(f"{frame}/own.txt").render(facts)),
        html=_page(environment.get_template(f"{frame}/own.html").render(facts)),
        sms=None,
    )


def _page(html: str) -> str:
    return ended_once(html).strip() + "\n"


def _paragraphs(text: str) -> str:
    """Lines without trailing spaces, never more than one blank line between paragraphs."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return ended_once(re.sub(r"\n{3,}", "\n\n", lines)).strip() + "\n"


def _short_text(template: Template, facts: dict[str, Any]) -> str:
    """The rendered text; the clinic's name alone gives way when it is too long, never time or phone.

    A link that leaves no room for a name makes two texts of it: a link cut short leads nowhere.
    """
    text, signature = _spelled(template, facts), facts["signature"]
    excess = len(text) - TEXT_LENGTH
    if excess <= 0:
        return text
    shorter = signature[:-excess].rstrip()
    if len(shorter) >= _SHORTEST_SIGNATURE:
        return _spelled(template, facts | {"signature": shorter})
    if facts["subscribe_url"] and segments(text).parts <= 2:
        return text
    raise ComposeError(
        f"The text is {excess} characters too long. Nothing was sent. "
        "Shorten the clinic's phone or its text name in the settings."
    )


def _spelled(template: Template, facts: dict[str, Any]) -> str:
    return spell_in_gsm7(ended_once(template.render(facts)))
