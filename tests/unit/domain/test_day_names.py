"""Days as staff read them."""

from builders import day

from clinic_scheduler.domain.day_names import aloud


def test_a_day_as_it_is_said_in_a_sentence() -> None:
    assert aloud(day("2026-11-02")) == "Monday, November 2, 2026"
