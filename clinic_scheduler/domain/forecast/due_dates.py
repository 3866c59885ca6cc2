"""DD-2 to DD-6, DD-9 and DD-16: one course's forecast from its patient's sessions."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from clinic_scheduler.domain.forecast.earliest_date import Floor, earliest
from clinic_scheduler.domain.forecast.evaluation import History, evaluate, in_order
from clinic_scheduler.domain.forecast.exposures import days_of, exposures_of
from clinic_scheduler.domain.forecast.intervals import Interval, add, spoken
from clinic_scheduler.domain.forecast.status import blocks_of, bucket_of, closed_from, timing_of, turns_on
from clinic_scheduler.domain.forecast.values import (
    Course,
    Exposure,
    Forecast,
    GivenSession,
    OpenVisit,
    Patient,
    Reason,
)
from clinic_scheduler.domain.visits.day_checks import CourseFacts, booking_of

ONE_DAY = timedelta(1)
Dated = tuple[date, Reason]


def forecast_all(
    patient: Patient, courses: Iterable[Course], sessions: Iterable[GivenSession], as_of: date
) -> list[Forecast]:
    """Every course of one patient. Sessions after `as_of` are ignored; input order never matters."""
    return [forecast for forecast, _ in read_all(patient, courses, sessions, as_of)]


def read_all(
    patient: Patient, courses: Iterable[Course], sessions: Iterable[GivenSession], as_of: date
) -> list[tuple[Forecast, CourseFacts]]:
    """The forecasts, each with the facts by which any other day of its course is judged (see day_checks.py)."""
    courses = tuple(courses)
    history = in_order(sessions, as_of)
    exposures = exposures_of(history, {course.id: course.protocol.indication for course in courses})
    evaluated = [_evaluated(patient, course, history, exposures) for course in courses]
    planned = [planned_units(course, past) for course, past in zip(courses, evaluated, strict=True)]
    visits = [_open_visit(course, units) for course, units in zip(courses, planned, strict=True)]
    return [
        _read(patient, course, exposures, evaluated[n], planned[n], [*visits[:n], *visits[n + 1 :]], as_of)
        for n, course in enumerate(courses)
    ]


def _evaluated(
    patient: Patient, course: Course, history: Sequence[GivenSession], exposures: Sequence[Exposure]
) -> History:
    own = [s for s in history if s.course_id == course.id]
    return evaluate(patient, course, own, days_of(exposures, course.protocol.indication))


def _open_visit(course: Course, planned: float | None) -> OpenVisit | None:
    if course.booked_on is None:
        return None
    return OpenVisit(
        course.booked_on, course.indication, course.product, course.protocol, course.label, planned
    )


def _read(
    patient: Patient,
    course: Course,
    exposures: Sequence[Exposure],
    evaluated: History,
    planned: float | None,
    visits: Sequence[OpenVisit | None],
    as_of: date,
) -> tuple[Forecast, CourseFacts]:
    floor = earliest(patient, course, exposures, planned)
    due_date, due_reason = due = _due(course, evaluated.reference, floor)
    overdue_date, overdue_reason = overdue = _overdue(course, evaluated.reference, due)
    lapse_date, lapse_reason = _lapse(course, evaluated.reference, overdue)
    others = [visit for visit in visits if visit is not None]
    facts = CourseFacts(
        patient, course, exposures, evaluated.exposure, planned, floor.day, overdue_date, others
    )
    timing = timing_of(patient, course, floor.day, due_date, overdue_date, lapse_date, as_of)
    blocks = blocks_of(facts, floor, due_date, as_of)
    booking = booking_of(facts, as_of)
    forecast = Forecast(
        id=course.id,
        cycles_given=evaluated.cycles_given,
        reference=evaluated.reference,
        exposure=evaluated.exposure,
        planned_units=planned,
        earliest_date=floor.day,
        due_date=due_date,
        overdue_date=overdue_date,
        lapse_date=lapse_date,
        closed_from=closed_from(patient, course),
        timing=timing,
        blocks=blocks,
        booked_on=course.booked_on,
        booking=booking,
        bucket=bucket_of(timing, blocks, booking),
        turns_on=turns_on(facts, as_of),
        sessions=evaluated.evaluations,
        because=(floor.reason, due_reason, overdue_reason, lapse_reason),
    )
    return forecast, facts


def planned_units(course: Course, evaluated: History) -> float | None:
    """The course's plan, else the units of its last satisfying day, else what is typical (DD-3c)."""
    if course.planned_units:
        return course.planned_units
    return course.label.typical_units if evaluated.reference_units is None else evaluated.reference_units


def _due(course: Course, reference: date | None, floor: Floor) -> Dated:
    if reference is None:
        target, start, interval, source = course.started_on, course.started_on, None, "the course"
        text = f"nothing counts as given yet; the course starts on {spoken(target)}"
    else:
        start, (interval, source) = reference, _target_interval(course)
        target = add(reference, interval)
        text = f"{interval.words()} after {spoken(reference)}"
    inputs = _inputs(start, interval)
    if floor.day <= target:
        return target, Reason("due_date", "DD-4", text, source, inputs)
    text += f", but not before the earliest date {spoken(floor.day)}"
    inputs["earliest_date"] = floor.day.isoformat()
    return floor.day, Reason("due_date", "DD-4", text, floor.reason.source, inputs)


def _target_interval(course: Course) -> tuple[Interval, str]:
    """DD-4's r and where it comes from."""
    if course.personal_interval is not None:
        return course.personal_interval, "the provider's interval"
    protocol = course.protocol
    return protocol.earliest_recommended_interval, protocol.sources["earliest_recommended_interval"]


def _overdue(course: Course, reference: date | None, due: Dated) -> Dated:
    due_date, _ = due
    protocol = course.protocol
    if reference is None:
        field, start, interval = "first_treatment_within", course.started_on, protocol.first_treatment_within
    else:
        field, start = "latest_recommended_interval", reference
        interval = protocol.latest_recommended_interval
    last_on_time, grace = add(start, interval), protocol.grace_after_due
    grace_ends = add(due_date, grace)
    inputs = _inputs(start, interval)
    if grace_ends <= last_on_time:
        text = f"the day after {spoken(last_on_time)}, the last on-time day ({interval.words()} after {spoken(start)})"
        return last_on_time + ONE_DAY, Reason("overdue_date", "DD-5", text, protocol.sources[field], inputs)
    text = (
        f"the day after {spoken(grace_ends)}, the last on-time day ({grace.words()} after {spoken(due_date)})"
    )
    inputs |= {"due_date": due_date.isoformat(), "grace_after_due": grace.text}
    source = protocol.sources["grace_after_due"]
    return grace_ends + ONE_DAY, Reason("overdue_date", "DD-5", text, source, inputs)


def _lapse(course: Course, reference: date | None, overdue: Dated) -> Dated:
    overdue_date, overdue_reason = overdue
    interval = course.protocol.lapse_interval
    start = course.started_on if reference is None else reference
    first_lapsed = add(start, interval) + ONE_DAY
    inputs = _inputs(start, interval)
    if overdue_date <= first_lapsed:
        text = f"the day after {interval.words()} from {spoken(start)}; consult again before booking"
        source = course.protocol.sources["lapse_interval"]
        return first_lapsed, Reason("lapse_date", "DD-6", text, source, inputs)
    text = f"the overdue date {spoken(overdue_date)} itself; consult again before booking"
    inputs["overdue_date"] = overdue_date.isoformat()
    return overdue_date, Reason("lapse_date", "DD-6", text, overdue_reason.source, inputs)


def _inputs(start: date, interval: Interval | None) -> dict[str, str | float | None]:
    return {"from": start.isoformat(), "interval": interval.text if interval else None}
