"""What a neutral calendar must never say, looked for in every byte."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from clinic_scheduler.calendars.event_texts import full_title
from clinic_scheduler.calendars.feed import patient_feed, provider_feed, stopped_feed
from clinic_scheduler.calendars.invitation import invitation, visit_attachment
from clinic_scheduler.domain.calendars.values import PATIENT, PROVIDER, Audience, Row
from clinic_scheduler.languages import languages

from .rows import CLINIC, FULL_TITLE, NOW, SUBSCRIPTION, VISIT, generated_rows
from .samples import (
    clinic_day_sample,
    due_windows_sample,
    patient_sample,
    provider_sample,
    sample_rows,
)

# Drugs, diagnoses, specialties, doses and their everyday words.
BANNED = [
    *("botox", "toxin", "dysport", "xeomin", "myobloc", "inject", "units", "dose", "drug", "medication"),
    *("migraine", "headache", "dystonia", "spasm", "spastic", "neurolog", "pain", "diagnos"),
    *("insur", "authoriz"),
    *("botul", "inyec", "toxina", "unidad", "dosis", "fármac", "farmac", "droga", "medic", "médic", "tratam"),
    *("terap", "migrañ", "cefalea", "dolor", "cabeza", "distoni", "espasm", "espástic", "neuról", "diagnós"),
    *("enfermedad", "síntoma", "especialist", "asegurad", "seguro", "autoriz"),
]


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode().casefold()


def words_in(body: bytes, banned: list[str]) -> list[str]:
    text = unfolded(body)
    return [word for word in banned if re.search(rf"\b{re.escape(word.casefold())}", text)]


def neutral_patient_bodies() -> dict[str, bytes]:
    return {
        f"{name}, {language}": body
        for language in languages()
        for name, body in _bodies(Audience("patient", "neutral", FULL_TITLE, language))
    }


def _bodies(audience: Audience) -> Iterator[tuple[str, bytes]]:
    """All that a patient is sent, with every kind of event in it; also where the clinic has no phone."""
    addresses = {"organizer_email": "desk@example.org", "attendee_email": "pat@example.org"}
    feeds = {"subscription": SUBSCRIPTION, "audience": audience}
    called_off = replace(VISIT, status="cancelled")
    for name, clinic in (("", CLINIC), (" without a phone", replace(CLINIC, phone=""))):
        yield f"feed{name}", patient_feed(sample_rows(), clinic=clinic, now=NOW, **feeds)
        yield f"empty feed{name}", patient_feed([], clinic=clinic, now=NOW, **feeds)
        yield f"stopped feed{name}", stopped_feed(on=NOW.date(), clinic=clinic, updated_at=NOW, **feeds)
        yield f"attachment{name}", visit_attachment(VISIT, clinic=clinic, audience=audience)
        for visit, method in ((VISIT, "REQUEST"), (called_off, "CANCEL")):
            yield (
                f"{method}{name}",
                invitation(visit, method=method, clinic=clinic, audience=audience, **addresses),
            )


@pytest.mark.parametrize("name", sorted(neutral_patient_bodies()))
def test_neutral_patient_calendars_name_no_drug_diagnosis_clinic_or_provider(name: str) -> None:
    body = neutral_patient_bodies()[name]
    notification = [
        *BANNED,
        CLINIC.name,
        CLINIC.address,
        "Elm",
        VISIT.provider_name,
        "Okafor",
        VISIT.reference,
    ]
    assert words_in(body, notification) == []


def test_the_scan_finds_what_it_looks_for_in_either_language() -> None:
    for language, word in (("en", "headache"), ("es", "dolor")):
        told = Audience("patient", "full", full_title(language), language)
        body = patient_feed(sample_rows(), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=told)
        assert word in words_in(body, BANNED)
    assert words_in("Cita de inyección, 155 unidades".encode(), BANNED) == ["inyec", "unidad"]


def test_neutral_provider_feed_names_no_drug_or_diagnosis_and_patients_by_reference() -> None:
    for body in (clinic_day_sample(), due_windows_sample()):
        assert words_in(body, BANNED) == []
    body = provider_sample()
    assert words_in(body, BANNED) == []
    assert words_in(body, [VISIT.reference]) == [VISIT.reference]


@settings(max_examples=40, deadline=None)
@given(rows=generated_rows())
def test_the_words_of_the_full_title_stay_out_of_every_neutral_feed(rows: list[Row]) -> None:
    title = "Zzyzx quux-probe"
    assert title not in str(rows)
    for feed, kind in ((patient_feed, "patient"), (provider_feed, "provider")):
        audience = Audience(kind, "neutral", title)
        body = feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=audience)
        assert words_in(body, title.split()) == []
        assert body == feed(
            rows,
            clinic=CLINIC,
            subscription=SUBSCRIPTION,
            now=NOW,
            audience=PATIENT if kind == "patient" else PROVIDER,
        )


def test_a_patients_feed_shows_nothing_typed_by_staff() -> None:
    """Free text of rows reaches a patient's calendar at the full level only, and only the provider's name."""
    marked = [replace(row, reference="XTYPEDX", **staff_text(row)) for row in sample_rows()]
    assert b"XTYPEDX" not in patient_feed(marked, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)


def test_the_course_is_never_published() -> None:
    assert b"c-77" not in patient_sample() + provider_sample()


def staff_text(row: Row) -> dict[str, Any]:
    return {"provider_name": "XTYPEDX"} if hasattr(row, "provider_name") else {}
