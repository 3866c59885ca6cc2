"""Whole feeds, byte for byte, as people read them in review."""

import pytest

from .lint import lint
from .samples import GOLDEN, SAMPLES


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_feed_equals_its_golden_file(name: str) -> None:
    golden = (GOLDEN / name).read_bytes()
    assert SAMPLES[name]() == golden
    assert lint(golden) == []
