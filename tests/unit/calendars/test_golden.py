"""Whole feeds, byte for byte, as people read them in review."""

import pytest

from clinic_scheduler.domain.shown_name import SHOWN_NAME

from .lint import lint
from .samples import GOLDEN, SAMPLES


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_feed_equals_its_golden_file(name: str) -> None:
    golden = (GOLDEN / name).read_bytes()
    assert SAMPLES[name]() == golden
    assert lint(golden) == []
    # Subscribed calendars know events and product by what they were told at first, whatever the screens show.
    assert b"PRODID:-//clinic-scheduler//calendars//EN" in golden
    assert SHOWN_NAME.encode() not in golden
