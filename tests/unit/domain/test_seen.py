"""What somebody has looked at: marks carried by a page, everything, or nothing; and states said in a sentence."""

from typing import NamedTuple

import pytest

from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState, state_said
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL, NOTHING_SEEN, mark_of, seen_in


class Shown(NamedTuple):
    mark: str


EARLY, HELD = Shown(mark_of("too_early", "2026-12-01")), Shown(mark_of("on_hold", "infection"))


def test_what_the_page_has_not_shown_is_unseen() -> None:
    page = seen_in(f" {EARLY.mark}\n")
    assert page.unseen([EARLY, HELD]) == [HELD]
    assert NOTHING_SEEN.unseen([EARLY, HELD]) == seen_in(None).unseen([EARLY, HELD]) == [EARLY, HELD]
    assert ACCEPTS_ALL.unseen([EARLY, HELD]) == []


def test_a_mark_changes_with_the_words_and_says_none_of_them() -> None:
    assert mark_of("too_early", "2026-12-01") == EARLY.mark
    assert len({EARLY.mark, HELD.mark, mark_of("too_early", "2026-12-02")}) == 3
    assert "early" not in EARLY.mark


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        (VisitState.FULFILLED, VisitKind.INJECTION, "treated"),
        (VisitState.FULFILLED, VisitKind.CONSULTATION, "over"),
        (VisitState.NOSHOW, VisitKind.INJECTION, "missed"),
        (VisitState.PENDING, VisitKind.INJECTION, "only a proposed move"),
        (VisitState.IN_ERROR, VisitKind.INJECTION, "entered in error"),
        (VisitState.CANCELLED, VisitKind.INJECTION, "cancelled"),
    ],
)
def test_a_state_is_said_in_the_middle_of_a_sentence(state: VisitState, kind: VisitKind, said: str) -> None:
    assert state_said(state, kind) == said
