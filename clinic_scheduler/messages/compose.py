"""From values to a finished Message through its kind's templates; who gets it, and how, is not known here."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .gsm7 import TEXT_LENGTH, spell_in_gsm7
from .values import MessageValues
from .wording import one_line

# A name shorter than this no longer says who is texting.
_SHORTEST_SIGNATURE = 8


class ComposeError(ValueError):
    """The values don't fit the message; nothing was composed, so nothing can have been sent."""


@dataclass(frozen=True)
class Message:
    """One message in all its forms: subject in one line, sms in at most 160 GSM-7 characters."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    sms: str = field(repr=False)


def template_environment(loader_path: Path | str) -> Environment:
    """Templates from `loader_path`, the folder that holds `messages/`; escapes .html and nothing else."""
    return Environment(
        loader=FileSystemLoader(loader_path),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def compose(values: MessageValues, environment: Environment) -> Message:
    """The message of `values.kind`; raises ComposeError where the text can't be made to fit."""
    facts = values.facts()

    def template(name: str) -> Template:
        return environment.get_template(f"messages/{values.kind}/{name}")

    return Message(
        subject=one_line(template("subject.txt").render(facts)),
        text=_paragraphs(template("email.txt").render(facts)),
        html=template("email.html").render(facts).strip() + "\n",
        sms=_short_text(template("sms.txt"), facts, values.clinic.signature),
    )


def _paragraphs(text: str) -> str:
    """Lines without trailing spaces, never more than one blank line between paragraphs."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _short_text(template: Template, facts: dict[str, Any], signature: str) -> str:
    """The rendered text; the clinic's name alone gives way when it is too long, never time or phone."""
    text = spell_in_gsm7(template.render(facts, signature=signature))
    excess = len(text) - TEXT_LENGTH
    if excess <= 0:
        return text
    shorter = signature[:-excess].rstrip()
    if len(shorter) < _SHORTEST_SIGNATURE:
        raise ComposeError(
            f"The text is {excess} characters too long. Nothing was sent. "
            "Shorten the clinic's phone or its text name in the settings."
        )
    return spell_in_gsm7(template.render(facts, signature=shorter))
