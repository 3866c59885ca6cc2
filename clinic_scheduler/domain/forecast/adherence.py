"""DD-12: how a course has kept to its cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from clinic_scheduler.domain.forecast.earliest_date import minimum_after
from clinic_scheduler.domain.forecast.intervals import add
from clinic_scheduler.domain.forecast.values import Course, Evaluation, Patient


@dataclass(frozen=True, slots=True)
class Cycle:
    """One satisfying session after another. `days_late` counts from the due date; early is negative."""

    given_on: date
    interval_days: int
    days_late: int


@dataclass(frozen=True, slots=True)
class Adherence:
    """`drift_days` sums the cycles' days late; `median_interval_days` is None before a second session."""

    cycles: tuple[Cycle, ...]
    drift_days: int
    median_interval_days: float | None
    cycles_last_year: int


def adherence(patient: Patient, course: Course, evaluations: Sequence[Evaluation], as_of: date) -> Adherence:
    """From evaluated sessions in order; a year is the 365 days up to and including `as_of`."""
    given = {e.given_on for e in evaluations if e.satisfies}
    cycles = _cycles(patient, course, evaluations)
    year_start = as_of - timedelta(365)
    return Adherence(
        cycles=cycles,
        drift_days=sum(cycle.days_late for cycle in cycles),
        median_interval_days=median(cycle.interval_days for cycle in cycles) if cycles else None,
        cycles_last_year=sum(year_start < day <= as_of for day in given),
    )


def _cycles(patient: Patient, course: Course, evaluations: Sequence[Evaluation]) -> tuple[Cycle, ...]:
    """Each cycle against the due date its course had by itself (DD-3a, DD-4): a touch-up between moves it on."""
    target = course.personal_interval or course.protocol.earliest_recommended_interval
    cycles = []
    reference: date | None = None
    due = date.min
    for session in evaluations:
        day = session.given_on
        # Rows of one day are one visit.
        if session.satisfies and day != reference:
            if reference is not None:
                cycles.append(Cycle(day, (day - reference).days, (day - due).days))
            reference, due = day, add(day, target)
        if session.is_exposure:
            due = max(due, minimum_after(patient, course, day).ends_on)
    return tuple(cycles)
