"""DD-14: what follows a session, as spans of days after it."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.protocols import CHRONIC_MIGRAINE

# (kind, first day, last day) after the session.
_MIGRAINE = (("onset_check", 14, 21), ("four_week_count", 28, 28), ("wear_off_watch", 56, 70))
_SPASTICITY = (("onset_check", 7, 14), ("peak_review", 28, 42), ("wear_off_watch", 56, 70))
# The decision wants the 4-week count and must be made before the next cycle is due.
_RESPONSE_REVIEW = ("response_review", 70, 84)
_REVIEWED_CYCLES = (2, 3)


@dataclass(frozen=True, slots=True)
class Milestone:
    """Days, both ends included, in which to look. `kind` picks the words."""

    kind: str
    starts_on: date
    ends_on: date


def milestones(indication: str, given_on: date, cycle: int) -> list[Milestone]:
    """After the course's `cycle`-th satisfying session (from 1), in order of day."""
    spans = list(_MIGRAINE if indication == CHRONIC_MIGRAINE else _SPASTICITY)
    if indication == CHRONIC_MIGRAINE and cycle in _REVIEWED_CYCLES:
        spans.append(_RESPONSE_REVIEW)
    return [
        Milestone(kind, given_on + timedelta(first), given_on + timedelta(last))
        for kind, first, last in spans
    ]
