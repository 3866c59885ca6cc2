"""No message names a drug, a diagnosis, a dose, an insurer or a specialty, and none asks for a reply but STOP."""

import re
from pathlib import Path

import pytest

from clinic_scheduler.messages import MessageValues, compose

from .kinds import ENVIRONMENT, TEMPLATES, bare_kinds, every_kind

BANNED = re.compile(
    r"""botox|botulin|toxin|dysport|xeomin|myobloc|daxxify|inject|needle|shot\b|vial|\bunits?\b|\bdos(e|es|age|ing)\b
    |drug|medic|treat|therap|prescri|\blot\b|migraine|headache|spastic|dystonia|diagnos|symptom|condition|disease
    |weakness|swallow|breath|vision|side\ effect|neurolog|pain|muscle|limb|stroke|palsy|cycle|series
    |insur|payer|authoriz|medicare|medicaid|aetna|cigna|copay|billing|claim|provider|doctor|nurse|specialist
    |birth|\bdob\b|mrn|record\ number""",
    re.IGNORECASE | re.VERBOSE,
)
FILES = sorted(path for path in (TEMPLATES / "messages").rglob("*") if path.is_file())


def words_of(template: str) -> str:
    """What a template says, without Jinja's own tags and names."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", template, flags=re.DOTALL)


def test_the_scan_sees_every_template_and_finds_what_it_looks_for() -> None:
    assert len(FILES) == 6 * 4 + 3
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


@pytest.mark.parametrize("values", every_kind() + bare_kinds(), ids=lambda values: values.kind)
def test_no_composed_message_says_what_the_visit_is_for(values: MessageValues) -> None:
    message = compose(values, ENVIRONMENT)
    for form in (message.subject, message.text, message.html, message.sms):
        assert not (found := BANNED.search(form)), found


@pytest.mark.parametrize("values", every_kind(), ids=lambda values: values.kind)
def test_subjects_and_texts_name_no_person_and_no_link(values: MessageValues) -> None:
    message = compose(values, ENVIRONMENT)
    for form in (message.subject, message.sms):
        assert "Pat" not in form
        assert "Reid" not in form
        assert "http" not in form
    assert not re.search(r"\d", message.subject), "a subject shows on a locked screen: no dates"
    assert "Riverside" not in message.subject, "a clinic's name can tell its specialty"


@pytest.mark.parametrize("values", every_kind() + bare_kinds(), ids=lambda values: values.kind)
def test_stop_is_the_only_word_to_reply_with(values: MessageValues) -> None:
    message = compose(values, ENVIRONMENT)
    assert re.findall(r"reply \S+", message.sms, re.IGNORECASE) == ["Reply STOP"]
    assert "reply" not in (message.text + message.html + message.subject).lower()
    assert not re.search(r"\bcancel\b", message.text + message.html + message.sms, re.IGNORECASE)
