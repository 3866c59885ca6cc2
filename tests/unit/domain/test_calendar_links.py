"""Whose a calendar link is and what it may show."""

from typing import Any

import pytest

from clinic_scheduler.domain.calendars.links import CLINIC_KINDS, MOST_CYCLES, Shown, Whose
from clinic_scheduler.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("patient", {"patient_id": 1}),
        ("provider", {"provider_id": 1}),
        *((kind, {}) for kind in CLINIC_KINDS),
    ],
)
def test_a_link_is_a_patients_a_providers_or_the_clinics(kind: str, named: dict[str, int]) -> None:
    assert Whose(kind, **named).kind == kind
    for others in ({}, {"patient_id": 1}, {"provider_id": 1}, {"patient_id": 1, "provider_id": 1}):
        if others != named:
            with pytest.raises(InvalidInput, match="a calendar link is a patient's"):
                Whose(kind, **others)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({"reveal": "all"}, "reveals one of neutral, full"),
        ({"language": "fr"}, "is written in one of en, es"),
        ({"cycles_ahead": -1}, "shows 0 to 4 cycles ahead"),
        ({"cycles_ahead": MOST_CYCLES + 1}, "shows 0 to 4 cycles ahead"),
    ],
)
def test_what_no_link_shows_is_refused(shown: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Shown(**shown)


@pytest.mark.parametrize("language", [None, "en", "es"])
def test_a_link_in_each_language_or_the_patients_own(language: str | None) -> None:
    assert Shown("full", True, MOST_CYCLES, True, language).language == language
