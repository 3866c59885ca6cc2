"""What the work list calls its items, and how their endings are kept and said."""

import pytest

from clinic_scheduler.domain.work_kinds import SENT_AGAIN, WORK_KINDS, outcome_text, outcome_words


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_every_kind_says_what_to_do_and_how_it_may_end(kind: str) -> None:
    work = WORK_KINDS[kind]
    assert work.heading
    assert work.advice.endswith(".")
    assert all(outcome_words(kind, code) == words for code, words in work.outcomes.items())
    assert outcome_words(kind, SENT_AGAIN) == "Sent again"


def test_a_note_is_kept_with_the_code_and_never_past_the_end_of_the_column() -> None:
    assert outcome_text("moved", "") == "moved"
    assert outcome_text("moved", "to Friday") == "moved; to Friday"
    assert len(outcome_text("moved", "x" * 500)) == 120


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        ("asks_to_move", "moved; to Friday", "Moved: to Friday"),
        ("asks_to_move", "no_longer_known", "No longer known"),
        ("a kind of once", "moved", "Moved"),
    ],
)
def test_an_ending_is_said_whatever_is_known_of_it(kind: str, outcome: str, words: str) -> None:
    assert outcome_words(kind, outcome) == words
