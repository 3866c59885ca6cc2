"""The limiter's counts: windows that end, room that is swept, and the limiter's own use of them."""

import pytest
from clinic_scheduler.web.limit_counts import Counts
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from clinic_scheduler.web import limit_counts


class Watch:
    """Stands in for the monotonic clock."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(limit_counts, "monotonic", watch)
    return watch


def test_so_many_tries_a_minute_and_then_none_until_it_is_over(watch: Watch) -> None:
    limiter = FixedWindowRateLimiter(storage_from_string("counts://"))
    limit = parse("3 per minute")
    assert [limiter.hit(limit, "10.0.0.1") for _ in range(4)] == [True, True, True, False]
    assert limiter.hit(limit, "10.0.0.2")
    watch.seconds += 59
    assert not limiter.test(limit, "10.0.0.1")
    watch.seconds += 1
    assert limiter.test(limit, "10.0.0.1")
    assert limiter.hit(limit, "10.0.0.1")


def test_windows_that_are_over_are_swept_out_and_those_that_run_stay(watch: Watch) -> None:
    counts = Counts()
    counts.incr("long", 3600)
    for n in range(999):
        counts.incr(f"short {n}", 60)
    watch.seconds += 61
    counts.incr("one more", 60)
    assert counts.reset() == 2


def test_a_count_can_be_cleared_and_looked_at(watch: Watch) -> None:
    counts = Counts()
    assert (counts.incr("a", 60), counts.incr("a", 60, 2), counts.get("a")) == (1, 3, 3)
    assert counts.get_expiry("a") == watch.seconds + 60
    counts.clear("a")
    assert (counts.get("a"), counts.check()) == (0, True)
