"""Kinds and states of visits, and what each means for the rules."""

from clinic_scheduler.domain.visits.kinds_and_states import (
    HELD_STATES,
    NEVER_BOOKED,
    OCCUPYING,
    OPEN_STATES,
    ConsultationOutcome,
    VisitKind,
)


def test_every_kind_and_outcome_has_words_of_its_own() -> None:
    for codes in (VisitKind, ConsultationOutcome):
        assert len({code.label for code in codes}) == len(codes)
        assert all(code.label.strip() for code in codes)


def test_a_proposed_visit_holds_its_time_and_is_no_appointment() -> None:
    assert set(HELD_STATES) - set(OPEN_STATES) == {"proposed"}
    assert set(OPEN_STATES) == {"booked", "arrived"}


def test_what_took_place_and_what_is_held_for_a_move_takes_time_and_is_no_open_visit() -> None:
    assert set(OCCUPYING) - set(HELD_STATES) == {"fulfilled", "pending"}
    assert not {"cancelled", "noshow"} & set(OCCUPYING)


def test_why_a_proposed_time_came_to_nothing_is_told_apart() -> None:
    assert len(set(NEVER_BOOKED)) == len(NEVER_BOOKED) == 4
