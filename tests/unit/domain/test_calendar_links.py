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
            with pytest.raises(
                InvalidInput, match=r"^a calendar link is a patient's, a provider's or the clinic's$"
            ):
                Whose(kind, **others)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({"reveal": "all"}, "a calendar link reveals one of neutral, full"),
        ({"cycles_ahead": -1}, "a calendar link shows 0 to 4 cycles ahead"),
        ({"cycles_ahead": MOST_CYCLES + 1}, "a calendar link shows 0 to 4 cycles ahead"),
    ],
)
def test_what_no_link_shows_is_refused(shown: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{said}$"):
        Shown(**shown)


@pytest.mark.parametrize("cycles", range(MOST_CYCLES + 1))
def test_a_link_shows_so_many_cycles_ahead(cycles: int) -> None:
    assert Shown(cycles_ahead=cycles).cycles_ahead == cycles


def test_a_link_shows_as_little_as_it_can_unless_somebody_chooses() -> None:
    assert Shown() == Shown(reveal="neutral", alarms=False, cycles_ahead=0, all_clinics=False, language=None)


@pytest.mark.parametrize("language", [None, "en", "es"])
def test_a_link_in_each_language_or_the_patients_own(language: str | None) -> None:
    assert Shown("full", True, MOST_CYCLES, True, language).language == language
