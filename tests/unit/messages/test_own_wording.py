"""A clinic's own words: what they may name, what no attack gets through, how they become a letter and a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

from clinic_scheduler.domain.messaging.custom_wording import (
    MEANINGS,
    Wording,
    fields_of,
    problems,
    required_of,
)
from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS
from clinic_scheduler.languages import languages
from clinic_scheduler.messages import UnfitWordsError, compose, shipped_wording, unfit
from clinic_scheduler.messages.disclosure import disclosures
from clinic_scheduler.messages.segments import segments

from .kinds import CLINIC, ENVIRONMENT, OPT_OUT, SUBSCRIBE, VISIT, every_kind
from .test_compose import Reading

REMINDER = every_kind()[0]
LINKS = {"visit_url": VISIT, "opt_out_url": OPT_OUT, "subscribe_url": SUBSCRIBE}
ATTACKS = (
    "{{ ''.__class__ }}",
    "{{ visit.__class__.__mro__ }}",
    "{{ visit|attr('__class__') }}",
    "{{ visit | upper }}",
    "{{ 7*7 }}",
    "{{ self }}",
    "{{ config }}",
    "{{ range(10**9) }}",
    "{{ visit() }}",
    "{{ visit['x'] }}",
    "{{- visit -}}",
    "{{ visit }",
    "{ visit }}",
    "{{ {{ visit }} }}",
    "{{\nvisit\n}}",
    "{% for x in range(10**9) %}x{% endfor %}",
    "{% include 'base.html' %}",
    "{%- set x = 1 -%}",
    "{# hidden #}",
    "{{ 'x' * 10**9 }}",
    "{{ opt_out_url }}",
    "{{ Visit }}",
    "${visit}",
)  # fmt: skip


def letter(body: str, subject: str = "See you", language: str = "en") -> Wording:
    return Wording("visit_reminder", "email", language, subject, body)


def text(body: str) -> Wording:
    return Wording("visit_reminder", "sms", "en", None, body)


@pytest.mark.parametrize("attack", ATTACKS)
def test_braces_hold_plain_fields_and_nothing_else(attack: str) -> None:
    found = problems(letter("{{ visit }}\n\n" + attack))
    assert found
    assert all(one.place == "body" and one.message.startswith("Line ") for one in found)
    assert {one.place for one in problems(letter("{{ visit }}", subject=attack.replace("\n", " ")))} == {
        "subject"
    }


@pytest.mark.parametrize(
    "attack",
    [
        "{{ visit.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range(10) }}",
        "{{ cycler }}",
        "{{ visit | upper }}",
    ],
)
def test_the_sandbox_would_hold_even_where_the_reading_did_not(attack: str) -> None:
    with pytest.raises(TemplateError):
        compose(REMINDER, ENVIRONMENT, "en", letter(attack))


@given(st.text(st.sampled_from("{}%# vist_|.()'\"\n-"), max_size=40))
def test_words_without_problems_are_only_filled_in(body: str) -> None:
    wording = letter("{{ visit }} " + body)
    if not problems(wording):
        said = compose(REMINDER, ENVIRONMENT, "en", wording).text
        assert "{{" not in said
        assert "Monday 23 November 2026 at 9:00 am" in said


@pytest.mark.parametrize(
    "asked",
    [
        "Reply CANCEL to cancel",
        "reply with 'cancel' if you can't come",
        "responda cancelar para cancelar",
        "Text back CANCEL",
        "Reply X or CANCEL",
        "CANCEL to call it off",
        "Send us END",
    ],
)
def test_a_text_asks_for_no_answer_that_ends_all_texts(asked: str) -> None:
    around = "{{ clinic_name }}: {{ visit }}. %s. Call {{ clinic_phone }}. STOP to end"
    (problem,) = problems(text(around % asked))
    assert "would end all texts" in problem.message
    assert problems(text(around % "To cancel, call")) == []


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_words_are_a_start_that_is_right_and_says_the_same(kind: str, channel: str) -> None:
    for language in languages():
        wording = shipped_wording(kind, channel, language, ENVIRONMENT)
        assert problems(wording) == []
        assert unfit(wording, CLINIC, LINKS) == []
        assert set(required_of(kind, channel)) <= set(fields_of(kind, channel)) <= set(MEANINGS)
        for values in (one for one in every_kind() if one.kind == kind and one.kind != "after_visit"):
            own, shipped = (compose(values, ENVIRONMENT, language, one) for one in (wording, None))
            assert own.subject == shipped.subject
            if channel == "sms":
                name, _, said = (shipped.sms or "").partition(": ")
                assert CLINIC.signature.startswith(name)
                assert own.sms == f"{CLINIC.signature}: {said}"
                assert segments(own.sms).encoding == "GSM-7"
            elif kind != "visit_moved":  # which also knows the time before
                assert set(own.text.splitlines()) == set(shipped.text.splitlines())


def test_a_letter_keeps_the_frame_and_escapes_what_is_typed() -> None:
    wording = letter(
        "Hola {{ given_name }} & <b>todos</b>:\n\nEs el {{ visit }}.\nHasta pronto", language="es"
    )
    message = compose(REMINDER, ENVIRONMENT, "es", wording)
    page = Reading(message.html)
    assert "b" not in page.tags
    assert "Hola Pat & <b>todos</b>:" in page.text
    assert "Es el lunes 23 de noviembre de 2026, 9:00 a. m.<br>Hasta pronto" in message.html
    assert "Es el lunes 23 de noviembre de 2026, 9:00 a. m.\nHasta pronto\n" in message.text
    for body in (message.text, page.text):
        assert "En una emergencia, llame al 911" in body
        assert CLINIC.phone in body
    assert {VISIT, OPT_OUT} <= set(page.links)
    assert message.text.startswith("Hola Pat & <b>todos</b>:\n\n")


def test_a_patients_name_is_never_read_as_words() -> None:
    (values,) = (one for one in every_kind() if one.kind == "overdue")
    object.__setattr__(values, "given_name", "{{ 7*7 }}<i>")
    wording = Wording("overdue", "email", "en", "Hello", "Dear {{ given_name }},")
    message = compose(values, ENVIRONMENT, "en", wording)
    assert "Dear {{ 7*7 }}<i>," in message.text
    assert "<i>" not in message.html


def test_words_that_do_not_fit_the_values_are_refused_for_the_shipped_ones() -> None:
    wording = letter("{{ visit }}", subject="{{ clinic_name }} " * 8)
    assert [one.place for one in unfit(wording, CLINIC, LINKS)] == ["subject"]
    with pytest.raises(UnfitWordsError):
        compose(REMINDER, ENVIRONMENT, "en", wording)
    assert [one.place for one in unfit(text("{{ visit }}" + "á" * 200), CLINIC, LINKS)] == ["body"]
    with pytest.raises(TemplateError):
        compose(REMINDER, ENVIRONMENT, "en", letter("{{ a_field_of_an_older_release }}"))


@pytest.mark.parametrize(
    ("said", "encoding", "places", "parts", "forcing"),
    [
        ("", "GSM-7", 0, 1, ()),
        ("x" * 160, "GSM-7", 160, 1, ()),
        ("x" * 161, "GSM-7", 161, 2, ()),
        ("x" * 306, "GSM-7", 306, 2, ()),
        ("x" * 307, "GSM-7", 307, 3, ()),
        ("ñé¿¡Üà€", "GSM-7", 8, 1, ()),
        ("x" * 152 + "€" + "x" * 152, "GSM-7", 306, 3, ()),
        ("á" * 70, "UCS-2", 70, 1, ("á",)),
        ("áí" + "x" * 69, "UCS-2", 71, 2, ("á", "í")),
        ("😀" * 35, "UCS-2", 70, 1, ("😀",)),
        ("x" * 66 + "😀" + "x" * 66, "UCS-2", 134, 3, ("😀",)),
    ],
)
def test_texts_are_counted_as_they_are_billed(
    said: str, encoding: str, places: int, parts: int, forcing: tuple[str, ...]
) -> None:
    counted = segments(said)
    assert (counted.encoding, counted.places, counted.parts, counted.forcing) == (
        encoding,
        places,
        parts,
        forcing,
    )
    assert counted.places <= counted.room


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Your Botox visit", ("Botox",)),
        ("su inyección y sus migrañas, MIGRAÑAS", ("inyección", "migrañas")),
        ("Harbor Neurology, 155 units", ("Neurology", "units")),
        ("Your visit is soon. Please be assured, we unite", ()),
        ("¿Cómo se encuentra? Llámenos con toda seguridad", ()),
    ],
)
def test_words_that_tell_are_found_and_common_ones_are_not(said: str, found: tuple[str, ...]) -> None:
    assert disclosures(said) == found
