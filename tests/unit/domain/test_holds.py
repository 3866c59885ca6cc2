"""Why a patient is on hold, in words; and whose word ends it."""

import pytest

from clinic_scheduler.domain.patients.holds import (
    OF_PATIENT,
    OF_TREATMENT,
    HoldReason,
    may_end,
    spoken_reason,
)


def test_every_reason_has_words_and_is_offered_somewhere_other_last() -> None:
    assert set(HoldReason) == {*OF_PATIENT, *OF_TREATMENT}
    assert OF_PATIENT[-1] == OF_TREATMENT[-1] == HoldReason.OTHER
    assert HoldReason.PREGNANCY not in OF_TREATMENT


@pytest.mark.parametrize(
    ("reason", "note", "said"),
    [
        ("surgery", None, "Surgery planned"),
        ("surgery", "hip, 12-Jan", "Surgery planned (hip, 12-Jan)"),
        ("surgery", "Surgery planned", "Surgery planned"),
        ("infection", "infection of the eye", "infection of the eye"),
        ("other", "wants a pause", "wants a pause"),
        ("other", None, "Other"),
    ],
)
def test_a_note_says_what_the_reason_does_not(reason: str, note: str | None, said: str) -> None:
    assert spoken_reason(reason, note) == said


@pytest.mark.parametrize(
    ("set_by_provider", "overrides", "allowed"),
    [(True, True, True), (True, False, False), (False, True, True), (False, False, True)],
)
def test_a_providers_hold_is_ended_by_a_provider(
    set_by_provider: bool, overrides: bool, allowed: bool
) -> None:
    assert may_end(set_by_provider=set_by_provider, overrides=overrides) is allowed
