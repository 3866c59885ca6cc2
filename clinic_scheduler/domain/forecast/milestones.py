"""DD-14: what follows a session, as spans of days after it."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.protocols.indications import INDICATIONS

# In these a person's response is judged (RR): a provider signs them.
REVIEWS = frozenset({"peak_review", "response_review"})


@dataclass(frozen=True, slots=True)
class Milestone:
    """Days, both ends included, in which to look. `kind` picks the words."""

    kind: str
    starts_on: date
    ends_on: date


def milestones(indication: str, given_on: date, cycle: int) -> list[Milestone]:
    """After the course's `cycle`-th satisfying session (from 1), in the order of the indication's record."""
    return [
        Milestone(span.kind, given_on + timedelta(span.first), given_on + timedelta(span.last))
        for span in INDICATIONS[indication].milestones
        if not span.cycles or cycle in span.cycles
    ]
