"""A course's place on the due list as a function of the day: what it is counted under, and from which day on.

The bucket of one day is status.py's. What comes of a whole list of courses is kept by services/due_counts.py.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import (
    CLOSED_COURSE,
    DUE_SOON_DAYS,
    ONE_DAY,
    bucket_of,
    timing_on,
)

# Buckets of courses for which a visit is to be booked.
TO_BOOK = (Bucket.OVERDUE, Bucket.DUE, Bucket.DUE_SOON)
# A clinic lets staff decide after 20 tries at the latest; more are counted as that.
MOST_TRIES = 20


class Standing(NamedTuple):
    """What a course counts as on a day. `resting` and `tries` are told of courses TO_BOOK alone.

    `resting`: somebody was reached out to, and the answer is not due yet. `tries`: attempts of the present round.
    """

    bucket: Bucket
    resting: bool = False
    tries: int = 0


class Step(NamedTuple):
    """From this day on the course stands so, until its next step; None is not on the list at all."""

    starts_on: date
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a course's place on the due list follows from, but for the day. Both ends of a hold are included."""

    earliest_date: date
    due_date: date
    overdue_date: date
    lapse_date: date
    closed_from: date | None
    booking: str
    blocked: bool
    holds: Sequence[tuple[date, date | None]] = ()
    rests_until: date | None = None
    tries: int = 0

    def on(self, day: date) -> Standing | None:
        if self._is_closed(day) and self.booking != CLOSED_COURSE:
            return None
        timing = timing_on(self.earliest_date, self.due_date, self.overdue_date, self.lapse_date, day)
        blocked = self.blocked or any(start <= day <= (end or date.max) for start, end in self.holds)
        bucket = bucket_of(timing, ("blocked",) if blocked else (), self.booking)
        if bucket not in TO_BOOK:
            return Standing(bucket)
        resting = self.rests_until is not None and day < self.rests_until
        return Standing(bucket, resting, min(self.tries, MOST_TRIES))

    def _is_closed(self, day: date) -> bool:
        return self.closed_from is not None and self.closed_from <= day

    def turns(self) -> Iterator[date]:
        """Every day on which the standing may become another; what a visit or a block hides turns nothing."""
        if self.closed_from is not None:
            yield self.closed_from
        if self.booking != "none":
            return
        yield self.lapse_date
        if self.blocked:
            return
        yield from (self.earliest_date - timedelta(DUE_SOON_DAYS), self.due_date, self.overdue_date)
        if self.rests_until is not None:
            yield self.rests_until
        for start, end in self.holds:
            yield start
            if end is not None and end < date.max:
                yield end + ONE_DAY


def steps_of(listing: Listing) -> tuple[Step, ...]:
    """The standings in order of their days, from the first of all days on; neighbours differ."""
    steps: list[Step] = []
    for day in sorted({date.min, *listing.turns()}):
        standing = listing.on(day)
        if standing != (steps[-1].standing if steps else None):
            steps.append(Step(day, standing))
    return tuple(steps)


def changes_of(steps: Sequence[Step]) -> Counter[tuple[date, Standing]]:
    """By how much the course raises or lowers the number of each standing from a day on."""
    changes: Counter[tuple[date, Standing]] = Counter()
    before: Standing | None = None
    for day, standing in steps:
        if before is not None:
            changes[day, before] -= 1
        if standing is not None:
            changes[day, standing] += 1
        before = standing
    return changes
