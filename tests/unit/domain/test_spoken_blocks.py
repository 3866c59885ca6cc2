"""What blocks a visit is said on the phone with the day, in either language, and names no diagnosis or product."""

import pytest
from builders import course, forecast, given, hold

from clinic_scheduler.domain.forecast.blocks import BLOCKS
from clinic_scheduler.domain.forecast.spoken_why import blocked_said
from clinic_scheduler.languages import language, languages

AUTHORIZATION = ("authorization_exhausted", "authorization_expires_before_due", "authorization_missing")


def test_nothing_is_said_where_nothing_blocks() -> None:
    assert blocked_said(forecast([given("2026-08-31")]), language("en")) is None


def test_a_hold_is_said_in_both_languages() -> None:
    held = forecast([given("2026-08-31")], course(holds=(hold("2026-10-01", reason="Pregnant"),)))
    assert blocked_said(held, language("en")) == "It cannot be booked yet: treatment is on hold."
    assert blocked_said(held, language("es")) == "Todavía no se puede reservar: el tratamiento está en pausa."


@pytest.mark.parametrize("code", languages())
def test_every_block_has_words_and_the_same_is_said_once(code: str) -> None:
    found = forecast([given("2026-08-31")])
    for block in (*BLOCKS, *AUTHORIZATION):
        said = blocked_said(found._replace(blocks=(block,)), language(code))
        assert said is not None
        assert "_" not in said
    both = blocked_said(found._replace(blocks=AUTHORIZATION[:2]), language(code))
    assert both == blocked_said(found._replace(blocks=AUTHORIZATION[:1]), language(code))
