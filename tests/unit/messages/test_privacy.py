"""No message names a drug, a diagnosis, a dose, an insurer or a specialty, and none asks for a reply but STOP."""

import re

import pytest

from clinic_scheduler.languages import languages
from clinic_scheduler.languages.renew import said_now
from clinic_scheduler.messages import Message, compose
from clinic_scheduler.messages.disclosure import disclosures
from tests.unit.languages.catalogues import forms_of, sentences_of

from .kinds import ENVIRONMENT, TEMPLATES, bare_kinds, every_kind

BANNED = re.compile(
    r"""botox|botulin|toxin|dysport|xeomin|myobloc|daxxify|inject|needle|shot\b|vial|\bunits?\b|\bdos(e|es|age|ing)\b
    |drug|medic|treat|therap|prescri|\blot\b|migraine|headache|spastic|dystonia|diagnos|symptom|condition|disease
    |weakness|swallow|breath|vision|side\ effect|neurolog|pain|muscle|limb|stroke|palsy|cycle|series
    |insur|payer|authoriz|medicare|medicaid|aetna|cigna|copay|billing|claim|provider|doctor|nurse|specialist
    |f[aá]rmac|droga|inyec|tratamiento|terap|dosis|unidad|migrañ|cefalea|dolor|esp[aá]stic|diagn[oó]s|s[ií]ntoma
    |enfermedad|neur[oó]log|especialist|m[eé]dic|asegurad|seguro|m[uú]sculo|debilidad|enfermer|nacimiento
    |birth|\bdob\b|mrn|record\ number""",
    re.IGNORECASE | re.VERBOSE,
)


def sentences() -> list[tuple[str, str]]:
    """(language, sentence) of all that the templates of messages say."""
    said = {
        (str(message.id), message.context)
        for message in said_now()
        if any(file.startswith("templates/messages/") for file, _ in message.locations)
    }
    return [
        (code, re.sub(r"%\(\w+\)s", " ", form))
        for code in languages()
        for message in sentences_of(code)
        if (str(message.id), message.context) in said
        for form in forms_of(message)
    ]


def test_the_scan_sees_every_sentence_and_finds_what_it_looks_for() -> None:
    assert len(sentences()) > 60 * len(languages())
    for word in (
        "Botox",
        "your injection",
        "155 units",
        "Migraine clinic",
        "insurance",
        "neurology",
        "two doses",
    ):
        assert BANNED.search(word)


def test_no_sentence_says_what_the_visit_is_for() -> None:
    for code, sentence in sentences():
        assert not (found := BANNED.search(sentence)), (code, found)


def test_templates_say_nothing_that_is_not_in_the_catalogues() -> None:
    """Outside braces and markup there is nothing to read but marks."""
    for path in (TEMPLATES / "messages").rglob("*.*"):
        said = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\w", said), (path, said)


COMPOSED = [
    (values.kind, language, compose(values, ENVIRONMENT, language))
    for values in every_kind() + bare_kinds()
    for language in languages()
]
each_message = pytest.mark.parametrize(("kind", "language", "message"), COMPOSED, ids=str)


@each_message
def test_no_composed_message_says_what_the_visit_is_for(kind: str, language: str, message: Message) -> None:
    for form in (message.subject, message.text, message.html, message.sms or ""):
        assert not (found := BANNED.search(form)), found
        assert disclosures(form) == ()


@each_message
def test_subjects_and_texts_name_no_person_and_no_link(kind: str, language: str, message: Message) -> None:
    for form in (message.subject, message.sms or ""):
        assert "Pat" not in form
        assert "Reid" not in form
        assert ("http" in form) is (kind == "calendar_link" and form == message.sms)
    assert not re.search(r"\d", message.subject), "a subject shows on a locked screen: no dates"
    assert "Riverside" not in message.subject, "a clinic's name can tell its specialty"


@each_message
def test_nobody_is_asked_to_answer_with_a_word_that_stops_all_texts(
    kind: str, language: str, message: Message
) -> None:
    sms = message.sms or ""
    answers = {"en": ["Reply STOP"], "es": ["Responda STOP"]}
    if kind == "visit_reminder":
        answers = {"en": ["Reply C"], "es": ["Responda C"]}
        assert "R to move" in sms or "R=cambiar" in sms
    assert re.findall(r"(?:reply|responda) \w+", sms, re.IGNORECASE) == answers[language]
    assert not re.search(r"reply|responda", message.text + message.html + message.subject, re.IGNORECASE)
    assert not re.search(r"\bcancel(ar)?\b", message.text + message.html + sms, re.IGNORECASE)
