"""Leases renewed while a worker waits for others, so that only those of a dead one run out."""

import logging
from collections.abc import Callable
from datetime import timedelta

from clinic_scheduler.clock import Clock
from clinic_scheduler.domain.messaging.dispatch_rules import RENEWED_EVERY
from clinic_scheduler.jobs.context import fault

logger = logging.getLogger(__name__)


class Renewal:
    """Called as often as its caller likes, it renews when it is time to, by the clock, however that was set.

    It never raises: a database that does not answer is asked again, and a lease that ran out meanwhile is found lost.
    """

    def __init__(self, clock: Clock, renew: Callable[[], object], every: timedelta = RENEWED_EVERY) -> None:
        self._clock, self._renew, self._every = clock, renew, every
        self._last = clock.now()

    def __call__(self) -> None:
        now = self._clock.now()
        if abs(now - self._last) < self._every:
            return
        self._last = now
        try:
            self._renew()
        except Exception as error:
            logger.warning("leases could not be renewed (%s); tried again soon", fault(error))
