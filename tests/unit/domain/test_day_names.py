"""Days and languages as people say them."""

import pytest
from builders import day

from clinic_scheduler.domain.day_names import DAYS, MONTHS, aloud
from clinic_scheduler.domain.messaging.kinds import LANGUAGES, spoken_in


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Monday, November 2, 2026"), ("es", "lunes 2 de noviembre de 2026")]
)
def test_a_day_as_it_is_said_on_the_phone(language: str, said: str) -> None:
    assert aloud(day("2026-11-02"), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_every_day_and_month(language: str) -> None:
    assert (len(set(DAYS[language])), len(set(MONTHS[language]))) == (7, 12)


@pytest.mark.parametrize(
    ("tag", "language"), [("es-MX", "es"), ("ES", "es"), ("en-GB", "en"), ("fr-CA", "en"), ("", "en")]
)
def test_a_tag_is_spoken_in_its_language_or_in_english(tag: str, language: str) -> None:
    assert spoken_in(tag) == language
