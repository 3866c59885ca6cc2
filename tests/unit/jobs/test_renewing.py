"""When leases are renewed: by the clock, whichever way it was set, and again after a database that did not answer."""

import logging
from datetime import timedelta

import pytest

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, RENEWED_EVERY
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.renewing import Renewal
from tests.integration.outbox.world import NOW, StandingClock

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("step", [RENEWED_EVERY, -RENEWED_EVERY, timedelta(days=1), -timedelta(days=1)])
def test_it_renews_when_it_is_time_to_and_not_before(step: timedelta) -> None:
    clock, renewed = StandingClock(NOW), list[int]()
    renewal = Renewal(clock, lambda: renewed.append(1))
    renewal()
    clock.instant += RENEWED_EVERY * 0.9
    renewal()
    clock.instant -= RENEWED_EVERY * 1.8
    renewal()
    assert renewed == []
    clock.instant = NOW + step
    renewal()
    renewal()
    assert renewed == [1]


def test_a_database_that_does_not_answer_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    clock, asked = StandingClock(NOW), list[int]()

    def away() -> None:
        asked.append(1)
        raise OSError("no route to 10.0.0.7")

    renewal = Renewal(clock, away)
    for _ in range(3):
        clock.instant += RENEWED_EVERY
        renewal()
    assert len(asked) == 3
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert "10.0.0.7" not in caplog.text


def test_a_worker_may_fail_twice_and_a_dead_ones_messages_are_free_within_90_seconds() -> None:
    assert 3 * RENEWED_EVERY < LEASE
    (reconcile,) = [job for job in SCHEDULE if job.id == "reconcile"]
    assert LEASE + reconcile.every <= 90 * SECOND
