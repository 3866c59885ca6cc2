"""DD-14: what follows a session, on exact days."""

import pytest
from builders import day

from clinic_scheduler.domain.forecast.milestones import milestones

GIVEN = day("2026-08-31")
Spans = list[tuple[str, str, str]]
MIGRAINE: Spans = [
    ("onset_check", "2026-09-14", "2026-09-21"),
    ("four_week_count", "2026-09-28", "2026-09-28"),
    ("wear_off_watch", "2026-10-26", "2026-11-09"),
]
REVIEW: Spans = [("response_review", "2026-11-09", "2026-11-23")]
SPASTICITY: Spans = [
    ("onset_check", "2026-09-07", "2026-09-14"),
    ("peak_review", "2026-09-28", "2026-10-12"),
    ("wear_off_watch", "2026-10-26", "2026-11-09"),
]


def spans(indication: str, cycle: int) -> Spans:
    found = milestones(indication, GIVEN, cycle)
    return [(each.kind, each.starts_on.isoformat(), each.ends_on.isoformat()) for each in found]


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [(1, MIGRAINE), (2, MIGRAINE + REVIEW), (3, MIGRAINE + REVIEW), (4, MIGRAINE)],
)
def test_migraine_is_reviewed_after_the_second_and_third_cycle(cycle: int, expected: Spans) -> None:
    assert spans("chronic_migraine", cycle) == expected


@pytest.mark.parametrize("indication", ["spasticity_upper_limb", "spasticity_lower_limb"])
@pytest.mark.parametrize("cycle", [1, 2, 3])
def test_spasticity_has_its_own_days_in_every_cycle(indication: str, cycle: int) -> None:
    assert spans(indication, cycle) == SPASTICITY
