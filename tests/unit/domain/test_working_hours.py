"""A weekday's hours as people type them."""

from datetime import time

import pytest

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.working_hours import read_stretches, written


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("9:00-12:00", "09:00-12:00"),
        ("13:00-17:00, 9:00-12:00", "09:00-12:00, 13:00-17:00"),
        ("9 am - 12:30pm; 1:00 PM to 5 pm", "09:00-12:30, 13:00-17:00"),
        ("8:15–12:00", "08:15-12:00"),
        ("12 pm-1 pm", "12:00-13:00"),
        ("12 am-6 am", "00:00-06:00"),
        ("9:00-12:00,12:00-13:00", "09:00-12:00, 12:00-13:00"),
    ],
)
def test_stretches_are_read_in_any_order_and_both_clocks(typed: str, read: str) -> None:
    assert written(read_stretches(typed)) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9:00-12:00, 11:30-13:00", "09:00-12:00 and 11:30-13:00 overlap"),
        ("12:00-9:00", "ends before it starts"),
        ("9:00-9:00", "ends before it starts"),
        ("1:00-5:00", "at night"),
        ("9-12", "unclear"),
        ("25:00-26:00", "no such time"),
        ("9:60-10:00", "no such time"),
        ("13 pm-5 pm", "no such hour"),
        ("mornings", "is not a stretch"),
    ],
)
def test_what_is_unclear_or_overlaps_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_stretches(typed)


def test_stretches_are_times() -> None:
    assert read_stretches("9:00-12:00") == ((time(9), time(12)),)
