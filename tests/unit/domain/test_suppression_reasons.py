"""Each reason for not telling somebody has a sentence for staff, and so has whatever else was kept."""

import pytest

from clinic_scheduler.domain.messaging.stored_reason import StoredReason
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason, sentence
from clinic_scheduler.domain.visits.kinds_and_states import VisitState


@pytest.mark.parametrize("reason", SuppressionReason)
def test_every_reason_has_a_sentence(reason: SuppressionReason) -> None:
    assert reason.label.endswith(".")
    assert sentence(reason.value) == reason.label


@pytest.mark.parametrize("state", VisitState)
def test_every_state_of_a_visit_is_a_reason_not_to_tell_of_it(state: VisitState) -> None:
    assert SuppressionReason(state).label


def test_a_sentence_is_made_of_whatever_was_kept() -> None:
    assert sentence("moved") == "The visit was moved."
    doubted = StoredReason.read("perhaps sent; then expired")
    assert (doubted.said, doubted.in_doubt, str(doubted)) == ("expired", True, "perhaps sent; then expired")
    assert doubted.sentence.startswith("It may have been sent. After that: Its time")
    assert StoredReason.read("moved") == StoredReason("moved")
    assert StoredReason("moved").sentence == "The visit was moved."
    assert sentence("The mail server didn't answer in time.") == "The mail server didn't answer in time."
    assert sentence("some_new_code") == "Some new code."
