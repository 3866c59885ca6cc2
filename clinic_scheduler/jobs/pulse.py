"""How long a worker has been at work since it last asked, by a count that no setting of the clock moves."""

from collections.abc import Callable
from dataclasses import dataclass

from clinic_scheduler.clock import seconds_up


@dataclass
class Pulse:
    """Of one worker process. A machine that slept or stood still has counted on."""

    count: Callable[[], float] = seconds_up
    last: float | None = None

    def beat(self) -> float | None:
        """Seconds since the last beat; None at the first, since who was here before is not known."""
        before, self.last = self.last, self.count()
        return None if before is None else self.last - before
