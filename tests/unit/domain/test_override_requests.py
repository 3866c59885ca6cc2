"""What became of a visit that was asked about, and what is left for the desk."""

from itertools import product

import pytest

from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitState
from clinic_scheduler.domain.visits.override_requests import RequestState, VisitSince, next_step, visit_since

OFF = VisitState.CANCELLED


@pytest.mark.parametrize(
    ("state", "reason", "same_day", "since"),
    [
        (VisitState.BOOKED, None, True, VisitSince.STANDS),
        (VisitState.ARRIVED, None, True, VisitSince.STANDS),
        (VisitState.BOOKED, None, False, VisitSince.ELSEWHERE),
        (VisitState.FULFILLED, None, True, VisitSince.OVER),
        (VisitState.NOSHOW, None, False, VisitSince.OVER),
        (OFF, CancelReason.PATIENT_ASKED, True, VisitSince.CALLED_OFF),
        (OFF, CancelReason.NOT_ALLOWED, True, VisitSince.NEVER_BOOKED),
        (VisitState.PROPOSED, None, True, VisitSince.NEVER_BOOKED),
        (VisitState.PENDING, None, True, VisitSince.NEVER_BOOKED),
        (VisitState.IN_ERROR, None, True, VisitSince.CALLED_OFF),
    ],
)
def test_what_became_of_the_visit(
    state: VisitState, reason: CancelReason | None, same_day: bool, since: VisitSince
) -> None:
    assert visit_since(state, reason, same_day=same_day) == since


@pytest.mark.parametrize(
    ("state", "since", "how", "said"),
    [
        (RequestState.ALLOWED, VisitSince.STANDS, {}, "The visit is booked. Nothing is left to do"),
        (RequestState.DECLINED, VisitSince.STANDS, {"was_move": True}, "stays booked where it was"),
        (RequestState.DECLINED, VisitSince.STANDS, {}, "stands under Booking problems"),
        (RequestState.EXPIRED, VisitSince.NEVER_BOOKED, {"is_closed": True}, "the course is closed by now"),
        (RequestState.EXPIRED, VisitSince.NEVER_BOOKED, {}, "back on the due list. Offer another day"),
        (RequestState.ALLOWED, VisitSince.ELSEWHERE, {}, "was moved to another day since"),
        (RequestState.DECLINED, VisitSince.CALLED_OFF, {"was_move": True}, "was called off since"),
        (RequestState.EXPIRED, VisitSince.OVER, {}, "time is over"),
    ],
)
def test_the_next_step_follows_from_the_answer_and_from_what_became_of_the_visit(
    state: RequestState, since: VisitSince, how: dict[str, bool], said: str
) -> None:
    assert said in next_step(state, since, **how)


@pytest.mark.parametrize(("state", "since"), list(product(RequestState, VisitSince)))
def test_no_other_day_is_offered_where_nothing_is_left_or_the_course_is_closed(
    state: RequestState, since: VisitSince
) -> None:
    said = next_step(state, since, is_closed=True)
    assert said.endswith(".")
    assert "Offer another day" not in said
