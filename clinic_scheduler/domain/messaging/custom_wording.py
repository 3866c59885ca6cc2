"""A clinic's own words for a message: which fields they may name, which they must, and what is refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinic_scheduler.domain.messaging.kinds import CHANNELS, EMAIL, KINDS, SMS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind

SUBJECT, BODY = "subject", "body"
LONGEST: Mapping[tuple[str, str], int] = MappingProxyType(
    {(EMAIL, SUBJECT): 100, (EMAIL, BODY): 4000, (SMS, BODY): 700}
)

# What each field stands for, in the order the editor offers them.
MEANINGS = MappingProxyType(
    {
        "clinic_name": "The clinic's name; in texts the shorter name that signs them",
        "clinic_phone": "The clinic's phone number",
        "given_name": "The patient's given name",
        "visit": "The visit's day and time",
        "visit_name": "What it is: visit, consultation or follow-up visit. Words without this field are for injections",
        "provider_name": "Whom the visit is with",
        "answer_link": "The page where the patient confirms the visit or asks for another time",
        "earliest_date": "The first day on which the next visit can be",
        "last_date": "The last day that is still on time",
        "calendar_link": "The page where the patient adds the visits to a calendar",
    }
)
_EVERYWHERE = ("clinic_name", "clinic_phone", "given_name")
# A subject shows on a locked screen, so nothing in it is about a person.
_IN_SUBJECTS = frozenset({"clinic_name", "clinic_phone"})

_FIELD = re.compile(r"\{\{ *([a-z_]{1,40}) *\}\}")
_BRACES = re.compile(r"\{\{.*?(?:\}\}|$)|\{[%#].*?(?:[%#]\}|$)|[{}]", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Answers that stop all texts (CTIA's list), where a clinic's words might ask for one.
_STOPS = re.compile(
    r"\b(?:reply|text|answer|send|respond[ae]|conteste|env[ií]e|escriba)\b"
    r"(?: (?:with|con|the word|la palabra))?[\s\"'“«]+"
    r"(cancel(?:ar)?|quit|end|revoke|unsubscribe)\b",
    re.IGNORECASE,
)
# In capitals such a word is read as the answer to give, whatever stands before it.
_SHOUTED = re.compile(r"\b(?:CANCEL(?:AR)?|QUIT|END|REVOKE|UNSUBSCRIBE)\b")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words as typed. `subject` is an e-mail's alone."""

    kind: str
    channel: str
    language: str
    subject: str | None = field(repr=False)
    body: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.channel not in CHANNELS:
            raise ValueError("there is no message of this kind and channel")

    def speaks_of(self, visit_kind: str) -> bool:
        """Whether the words fit a visit of the kind: they are about injections unless they leave open what it is."""
        return visit_kind == VisitKind.INJECTION or "visit_name" in named_in(self.body)

    @property
    def parts(self) -> Mapping[str, str]:
        """What is typed, by the name of its place."""
        body = {BODY: self.body}
        return {SUBJECT: self.subject or ""} | body if self.channel == EMAIL else body


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and in which place: subject or body."""

    place: str
    message: str


def fields_of(kind: str, channel: str) -> tuple[str, ...]:
    """The fields that the words of a message may name, in the order of MEANINGS."""
    known = KINDS[kind]
    # In e-mails the page's button stands below the clinic's words, whatever they are.
    allowed = {*_EVERYWHERE, *known.fields, *(known.text_fields if channel == SMS else ())}
    return tuple(name for name in MEANINGS if name in allowed)


def required_of(kind: str, channel: str) -> tuple[str, ...]:
    """The fields without which the words would not say what they must."""
    if channel == SMS:
        return ("clinic_name", "clinic_phone", *KINDS[kind].required, *KINDS[kind].text_required)
    return KINDS[kind].required


def named_in(text: str) -> set[str]:
    """The fields that stand in double braces."""
    return set(_FIELD.findall(text))


def problems(wording: Wording) -> list[Problem]:
    """All that keeps the words from being used, in order of place; none where they may be."""
    return [
        Problem(place, message)
        for place, text in wording.parts.items()
        for message in _problems_of(wording, place, text)
    ]


def _problems_of(wording: Wording, place: str, text: str) -> Iterator[str]:
    allowed = fields_of(wording.kind, wording.channel)
    longest = LONGEST[wording.channel, place]
    if not text.strip():
        yield f"Write the {'subject' if place == SUBJECT else 'words'}"
        return
    if len(text) > longest:
        yield f"These are {len(text)} characters; at most {longest} fit"
        return
    if _CONTROL.search(text) or (place == SUBJECT and "\n" in text):
        yield "There is a control character or a line break where none may be"
    yield from _wrong_fields(text, tuple(_IN_SUBJECTS) if place == SUBJECT else allowed, allowed)
    if place == BODY:
        yield from _missing(wording, text)


def _wrong_fields(text: str, here: tuple[str, ...], anywhere: tuple[str, ...]) -> Iterator[str]:
    for found in _BRACES.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        where = f"Line {line}, “{found[0][:40]}”"
        named = _FIELD.fullmatch(found[0])
        if named is None:
            yield f"{where}: braces are for the fields listed here alone, such as {{{{ clinic_name }}}}"
        elif named[1] not in anywhere:
            yield f"{where}: this message has no such field"
        elif named[1] not in here:
            yield f"{where}: a subject shows on a locked screen, so it names nobody and no day"


def _missing(wording: Wording, text: str) -> Iterator[str]:
    for name in required_of(wording.kind, wording.channel):
        if name not in named_in(text):
            yield f"{{{{ {name} }}}} is missing: {MEANINGS[name][:1].lower()}{MEANINGS[name][1:]}"
    if wording.channel == SMS and not re.search(r"\bSTOP\b", text):
        yield "STOP is missing: every text says how to end them, such as “STOP to end”"
    if stops := _STOPS.search(text) or (_SHOUTED.search(text) if wording.channel == SMS else None):
        yield f"“{stops[0]}”: answering so would end all texts. Ask for C or R, or for a call"
