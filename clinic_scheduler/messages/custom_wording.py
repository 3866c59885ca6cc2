"""A clinic's own words, filled in: fields' values, the sandbox, whether the longest fits, words to start from."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from clinic_scheduler.domain.messaging.custom_wording import BODY, SUBJECT, Problem, Wording, fields_of
from clinic_scheduler.domain.messaging.kinds import EMAIL, SMS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.languages import language
from clinic_scheduler.messages.formats import ended_once, one_line
from clinic_scheduler.messages.gsm7 import spell_in_gsm7
from clinic_scheduler.messages.segments import segments
from clinic_scheduler.messages.values import ClinicDetails, MessageValues, values_of

MOST_PARTS = 3
LONGEST_SUBJECT = 120
# The names clinics write, where the shipped words know the value by another one.
_KNOWN_AS = {"answer_link": "visit_url", "calendar_link": "subscribe_url", "last_date": "on_time_until"}
_KNOWN_IN_TEXTS = _KNOWN_AS | {
    "visit": "visit_short",
    "visit_name": "visit_name_short",
    "clinic_name": "signature",
}
# Nothing but {{ field }} reaches it, as the words are read before; it is the second lock, not the first.
_SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_SANDBOX.globals.clear()
_SANDBOX.filters.clear()
_SANDBOX.tests.clear()

# How a field is written into words to start from; a text's is spelled first, and braces have no place there.
_IN_LETTERS, _IN_TEXTS = "{{{{ {} }}}}", "§{}§"
# Values about as long as they come, to see whether the words still fit.
_LONG: dict[str, Any] = {
    "given_name": "Maria Guadalupe Alejandra",
    "provider_name": "Dr. Bartholomew Featherstonehaugh",
    "starts_at": datetime(2026, 9, 23, 17, 30, tzinfo=UTC),
    "days_before": 3,
    "visit_kind": VisitKind.FOLLOW_UP,
    "earliest_date": date(2026, 9, 23),
    "on_time_until": date(2026, 9, 30),
}


class UnfitWordsError(ValueError):
    """The clinic's words don't make a message of these values; the shipped ones are to be used."""


def own_subject(wording: Wording, values: MessageValues) -> str:
    """One line; raises UnfitWordsError where it is too long or empty."""
    subject = one_line(_filled(wording.subject or "", wording, values))
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise UnfitWordsError(f"The subject becomes {len(subject)} characters; {LONGEST_SUBJECT} fit")
    return subject


def own_paragraphs(wording: Wording, values: MessageValues) -> list[list[str]]:
    """The body's lines by paragraph; a blank line parts two."""
    text = ended_once(_filled(wording.body, wording, values))
    lines = [one_line(line) for line in text.splitlines()]
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def own_text(wording: Wording, values: MessageValues) -> str:
    """The text in one line; raises UnfitWordsError past MOST_PARTS. Values are spelled, so only words cost UCS-2."""
    text = one_line(ended_once(_filled(wording.body, wording, values)))
    counted = segments(text)
    if not text or counted.parts > MOST_PARTS:
        raise UnfitWordsError(
            f"With long names this becomes {counted.parts} texts ({counted.places} characters); "
            f"at most {MOST_PARTS} are sent. Shorten the words"
        )
    return text


def unfit(wording: Wording, clinic: ClinicDetails, links: dict[str, str]) -> list[Problem]:
    """What would not fit with values as long as they come. The words must have been read without problems."""
    values = values_of(wording.kind, clinic, _LONG | links)
    found = []
    try:
        if wording.channel == SMS:
            own_text(wording, values)
    except UnfitWordsError as error:
        found.append(Problem(BODY, str(error)))
    try:
        if wording.channel == EMAIL:
            own_subject(wording, values)
    except UnfitWordsError as error:
        found.append(Problem(SUBJECT, str(error)))
    return found


def shipped_wording(kind: str, channel: str, code: str, environment: Environment) -> Wording:
    """The shipped words with fields in their places: what a clinic starts from."""
    mark = _IN_TEXTS if channel == SMS else _IN_LETTERS
    facts: dict[str, Any] = {name: mark.format(name) for name in fields_of(kind, channel)}
    known = _KNOWN_IN_TEXTS if channel == SMS else _KNOWN_AS
    facts |= {known[name]: value for name, value in facts.items() if name in known}
    facts = dict.fromkeys(("previous_visit", "step"), "") | facts | {"language": language(code)}
    folder = f"messages/{kind}"
    if channel == SMS:
        text = spell_in_gsm7(environment.get_template(f"{folder}/sms.txt").render(facts))
        return Wording(kind, channel, code, None, re.sub("§([a-z_]+)§", r"{{ \1 }}", ended_once(text)))
    letter = environment.get_template(f"{folder}/email.txt")
    frame = environment.get_template("messages/_frames/email.txt")
    blocks, context = {**frame.blocks, **letter.blocks}, letter.new_context(facts | {"days_before": 3})
    parts = ("".join(blocks[name](context)).strip() for name in ("greeting", "message", "change"))
    subject = environment.get_template(f"{folder}/subject.txt").render(facts).strip()
    return Wording(kind, channel, code, subject, ended_once("\n\n".join(parts)))


def with_plain_line_ends(wording: Wording) -> Wording:
    """As browsers send them: CRLF in, one newline kept, outer space lost."""
    body = "\n".join(line.rstrip() for line in wording.body.splitlines()).strip()
    return replace(wording, body=body, subject=None if wording.subject is None else wording.subject.strip())


def _filled(text: str, wording: Wording, values: MessageValues) -> str:
    facts = values.facts(language(wording.language))
    known = _KNOWN_IN_TEXTS if wording.channel == SMS else _KNOWN_AS
    given = {
        name: facts[known.get(name, name)]
        for name in fields_of(wording.kind, wording.channel)
        if known.get(name, name) in facts
    }
    if wording.channel == SMS:
        given = {name: spell_in_gsm7(value) for name, value in given.items()}
    return _SANDBOX.from_string(text).render(given)
