"""No message names a drug, a diagnosis, a dose, an insurer or a specialty, and none asks for a reply but STOP."""

import re
from pathlib import Path

import pytest

from clinic_scheduler.domain.messaging.kinds import LANGUAGES
from clinic_scheduler.messages import Message, compose
from clinic_scheduler.messages.disclosure import disclosures

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
FILES = sorted(path for path in (TEMPLATES / "messages").rglob("*") if path.is_file())


def words_of(template: str) -> str:
    """What a template says, without Jinja's own tags and names."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", template, flags=re.DOTALL)


def test_the_scan_sees_every_template_and_finds_what_it_looks_for() -> None:
    assert len(FILES) == 9 * 2 * 4 + 2 * 5
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_template_says_what_the_visit_is_for(path: Path) -> None:
    words = words_of(path.read_text(encoding="utf-8"))
    assert not (found := BANNED.search(words)), found


COMPOSED = [
    (values.kind, language, compose(values, ENVIRONMENT, language))
    for values in every_kind() + bare_kinds()
    for language in LANGUAGES
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
