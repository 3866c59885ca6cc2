"""What the work list calls its items, and how their endings are kept and said."""

from datetime import UTC, datetime

import pytest

from clinic_scheduler.domain.work_kinds import SENT_AGAIN, WORK_KINDS, WorkerGap, WorkOutcome


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_every_kind_says_what_to_do_and_how_it_may_end(kind: str) -> None:
    work = WORK_KINDS[kind]
    assert work.heading
    assert work.advice.endswith(".")
    assert all(WorkOutcome(code).words(kind) == words for code, words in work.outcomes.items())
    assert WorkOutcome(SENT_AGAIN).words(kind) == "Sent again"


def test_a_note_is_kept_with_the_code_and_never_past_the_end_of_the_column() -> None:
    assert str(WorkOutcome("moved")) == "moved"
    assert str(WorkOutcome("moved", "to Friday")) == "moved; to Friday"
    assert len(str(WorkOutcome("moved", "x" * 500))) == 120


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        ("asks_to_move", "moved; to Friday", "Moved: to Friday"),
        ("asks_to_move", "no_longer_known", "No longer known"),
        ("a kind of once", "moved", "Moved"),
    ],
)
def test_an_ending_is_said_whatever_is_known_of_it(kind: str, outcome: str, words: str) -> None:
    assert WorkOutcome.read(outcome).words(kind) == words


def test_a_gap_is_known_again_by_the_key_that_was_stored() -> None:
    gap = WorkerGap(3, datetime(2026, 11, 30, 21, 45, 7, tzinfo=UTC))
    assert str(gap) == "worker-was-gone:3:20261130T214507Z"
    assert WorkerGap.read(str(gap)) == gap
    assert WorkerGap.read("uncertain:3") is None
