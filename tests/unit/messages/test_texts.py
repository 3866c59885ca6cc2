"""Texts stay one text long, in the alphabet that makes 160 characters fit, with name, phone and the way out."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_scheduler.languages import languages
from clinic_scheduler.messages import ClinicDetails, ComposeError, VisitCancelled, compose
from clinic_scheduler.messages.gsm7 import BASIC, TEXT_LENGTH, spell_in_gsm7
from clinic_scheduler.messages.segments import segments

from .kinds import CLINIC, ENVIRONMENT, STARTS_AT, every_kind, other_visits

# Letters of the Latin script with and without accents, and what people put between them.
letters = "".join(
    char for char in map(chr, range(0x20, 0x250)) if unicodedata.category(char)[0] in "LN" and char.isalnum()
)
# A bare accent as in the feminine ª spells as a letter; a name begins with a plain one, as clinics' names do.
clinic_names = st.builds(
    str.__add__,
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZÉÑÜ"),
    st.text(st.sampled_from(letters + " -.,&'’“”–—()/€[]{}~^|\\™®½"), max_size=39),
)
phones = st.sampled_from(["(602) 555-0100", "602-555-0100", "+1 602-555-0100", "+1 (602) 555-0100 x1234"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=60)
@given(name=clinic_names, phone=phones, starts_at=moments)
def test_every_text_fits_one_message(name: str, phone: str, starts_at: datetime) -> None:
    clinic = ClinicDetails(name=name, phone=phone, zone=ZoneInfo("America/New_York"))
    told = [*every_kind(clinic), *other_visits(clinic)]
    for values, language in ((values, language) for values in told for language in languages()):
        if hasattr(values, "starts_at"):
            values = replace(values, starts_at=starts_at)  # type: ignore[call-arg]  # only kinds that have it
        text = compose(values, ENVIRONMENT, language).sms or ""
        if len(text) > TEXT_LENGTH and values.kind == "calendar_link":
            assert segments(text).parts == 2, "a link is never cut"
            continue
        assert len(text) <= TEXT_LENGTH
        assert set(text) <= BASIC
        assert phone in text
        assert "STOP" in text
        signature, _, _ = text.partition(": ")
        assert clinic.signature.startswith(signature) or ": " in clinic.signature
        assert clinic.signature[:8].rstrip() in text


def test_a_name_of_forty_characters_is_whole_in_every_text() -> None:
    clinic = replace(CLINIC, name="Riverside Family Clinic of Northern Mesa")
    assert len(clinic.name) == 40
    longest = datetime(2026, 9, 23, 17, 30, tzinfo=UTC)
    whole = [values for values in every_kind(clinic) if values.kind != "calendar_link"]
    for values, language in ((values, language) for values in whole for language in languages()):
        if hasattr(values, "starts_at"):
            values = replace(values, starts_at=longest)  # type: ignore[call-arg]  # only kinds that have it
        text = compose(values, ENVIRONMENT, language).sms or ""
        assert text.startswith(f"{clinic.name}: ")


def test_a_longer_name_gives_way_and_nothing_else_does() -> None:
    clinic = replace(CLINIC, name="Riverside Family Clinic " * 5)
    text = compose(VisitCancelled(clinic=clinic, starts_at=STARTS_AT), ENVIRONMENT).sms or ""
    assert len(text) <= TEXT_LENGTH
    assert text.startswith("Riverside Family Clinic")
    assert text.endswith(
        ": visit on Mon 23 Nov 2026, 9:00 am is cancelled. Rebook: call (602) 555-0100. "
        "Emergency: 911. Reply STOP to end"
    )


def test_what_cannot_fit_is_an_error_that_says_what_to_do() -> None:
    clinic = replace(CLINIC, phone="5" * 90)
    with pytest.raises(ComposeError, match="Shorten the clinic's phone"):
        compose(VisitCancelled(clinic=clinic, starts_at=STARTS_AT), ENVIRONMENT)


def test_the_text_name_signs_texts_and_only_texts() -> None:
    clinic = replace(CLINIC, name="Riverside Headache Center", text_name="Riverside Ctr")
    message = compose(VisitCancelled(clinic=clinic, starts_at=STARTS_AT), ENVIRONMENT)
    assert message.sms is not None
    assert message.sms.startswith("Riverside Ctr: ")
    assert "Headache" not in message.sms + message.subject
    assert "Riverside Headache Center" in message.text


@pytest.mark.parametrize(("name", "phone"), [("", "555-0100"), (" \n", "555-0100"), ("诊所", "555-0100")])
def test_a_clinic_that_cannot_sign_is_refused_early(name: str, phone: str) -> None:
    with pytest.raises(ValueError, match="settings"):
        ClinicDetails(name=name, phone=phone, zone=CLINIC.zone)


def test_a_name_in_another_script_works_with_a_text_name() -> None:
    clinic = ClinicDetails(name="诊所", phone="555-0100", zone=CLINIC.zone, text_name="Zhensuo")
    message = compose(VisitCancelled(clinic=clinic, starts_at=STARTS_AT), ENVIRONMENT)
    assert message.sms is not None
    assert message.sms.startswith("Zhensuo: ")
    assert "诊所" in message.text


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Clínica Peña", "Clinica Peña"),
        ("Cli\u0301nica Pen\u0303a", "Clinica Peña"),
        ("Ünal & Çelik", "Ünal & Çelik"),
        ("ünal & çelik", "ünal & celik"),
        ("São João’s – “Łódź” …", 'Sao Joao\'s - "Lodz" ...'),
        ("Đặng ½ ™ №1", "Dang 1/2 TM No1"),
        ("[a] {b} c|d ~e^ f\\g `h` 5€", "(a) (b) c/d -e f/g 'h' 5EUR"),
        ("a\u00a0b\u200bc\n d\te", "a bc d e"),
        ("中 文 clinic 😀", "clinic"),
        ("ﬁrst œuvre Straße", "first oeuvre Straße"),
    ],
)
def test_spelling_keeps_what_the_alphabet_has_and_finds_the_nearest_else(text: str, spelled: str) -> None:
    assert spell_in_gsm7(text) == spelled


def test_the_alphabet_is_the_standards_basic_table() -> None:
    assert len(BASIC) == 128 - 3, "without line feed, carriage return and escape"
    assert not BASIC & set("[]{}\\|~^€`ç\n\r")


def test_no_character_is_spelled_outside_the_alphabet() -> None:
    outside = {chr(code) for code in range(0x3000) if not BASIC.issuperset(spell_in_gsm7(chr(code)))}
    assert outside == set()


@given(st.text(max_size=60))
def test_any_text_spells_into_the_alphabet_once_and_for_all(text: str) -> None:
    spelled = spell_in_gsm7(text)
    assert set(spelled) <= BASIC
    assert spell_in_gsm7(spelled) == spelled
