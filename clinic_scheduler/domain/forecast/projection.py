"""DD-13: the cycles after the next one, if each were given on its due date."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.forecast.earliest_date import minimum_after
from clinic_scheduler.domain.forecast.intervals import add
from clinic_scheduler.domain.forecast.values import Course, Forecast, Patient


@dataclass(frozen=True, slots=True)
class ProjectedCycle:
    """`number` counts on from the cycles given; the dates are a plan, not a promise."""

    number: int
    earliest_date: date
    due_date: date
    overdue_date: date
    projected: bool = True


def project(patient: Patient, course: Course, forecast: Forecast, count: int) -> list[ProjectedCycle]:
    """`count` cycles after the next, each from the due date (the next: the booked date, if any) before it."""
    return project_from(patient, course, forecast.due_date, forecast.cycles_given, count)


def project_from(
    patient: Patient, course: Course, due_date: date, cycles_given: int, count: int
) -> list[ProjectedCycle]:
    """As `project`, from the two facts of the forecast that it needs."""
    protocol = course.protocol
    target = course.personal_interval or protocol.earliest_recommended_interval
    given_on = course.booked_on or due_date
    cycles = []
    for ahead in range(count):
        earliest = minimum_after(patient, course, given_on).ends_on
        due = max(earliest, add(given_on, target))
        on_time = max(due, add(given_on, protocol.latest_recommended_interval))
        cycles.append(ProjectedCycle(cycles_given + 2 + ahead, earliest, due, on_time + timedelta(1)))
        given_on = due
    return cycles
