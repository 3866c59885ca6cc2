"""DD-2 to DD-6 and DD-9: one course's forecast from its patient's sessions."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from clinic_scheduler.domain.evaluation import History, evaluate, in_order
from clinic_scheduler.domain.floors import earliest
from clinic_scheduler.domain.intervals import add, spoken
from clinic_scheduler.domain.status import blocks_of, booking_of, bucket_of, timing_of
from clinic_scheduler.domain.values import Course, Forecast, Patient, Reason, Session

ONE_DAY = timedelta(1)


def forecast_all(
    patient: Patient, courses: Iterable[Course], sessions: Iterable[Session], as_of: date
) -> list[Forecast]:
    """Every course of one patient. Sessions after `as_of` are ignored; input order never matters."""
    history = in_order(sessions, as_of)
    return [forecast(patient, course, history, as_of) for course in courses]


def forecast(patient: Patient, course: Course, history: Sequence[Session], as_of: date) -> Forecast:
    """One course, where `history` is all of the patient's sessions as in_order gives them."""
    judged = evaluate(course, [s for s in history if s.course_id == course.id])
    planned = planned_units(course, judged)
    floor = earliest(patient, course, history, judged.course_exposure, planned)
    due_date, due_reason = _due(course, judged.reference, floor.day)
    overdue_date, overdue_reason = _overdue(course, judged.reference, due_date)
    lapse_date, lapse_reason = _lapse(course, judged.reference, overdue_date)
    timing = timing_of(patient, course, floor.day, due_date, overdue_date, lapse_date, as_of)
    blocks = blocks_of(patient, course, history, planned, floor.day, due_date, floor.plan_over_cap, as_of)
    booking = booking_of(course, floor.day, overdue_date)
    return Forecast(
        id=course.id,
        cycles_given=sum(e.satisfies for e in judged.evaluations),
        reference=judged.reference,
        course_exposure=judged.course_exposure,
        planned_units=planned,
        earliest_date=floor.day,
        due_date=due_date,
        overdue_date=overdue_date,
        lapse_date=lapse_date,
        timing=timing,
        blocks=blocks,
        booked_on=course.booked_on,
        booking=booking,
        bucket=bucket_of(timing, blocks, booking),
        sessions=judged.evaluations,
        because=(floor.reason, due_reason, overdue_reason, lapse_reason),
    )


def planned_units(course: Course, judged: History) -> float:
    """The course's plan, else the units of its last satisfying session, else what is typical (DD-3c)."""
    if course.planned_units is not None:
        return course.planned_units
    return course.protocol.typical_units if judged.reference_units is None else judged.reference_units


def _due(course: Course, reference: date | None, earliest_date: date) -> tuple[date, Reason]:
    sources = course.protocol.sources
    if reference is None:
        target, source = course.started_on, "the course"
        text = f"nothing counts as given yet; the course starts on {spoken(target)}"
        interval = None
    else:
        interval = course.personal_interval or course.protocol.earliest_recommended_interval
        source = (
            "the provider's interval"
            if course.personal_interval
            else sources["earliest_recommended_interval"]
        )
        target = add(reference, interval)
        text = f"{interval.words()} after {spoken(reference)}"
    day = max(earliest_date, target)
    if day > target:
        text += f", but not before the earliest date {spoken(earliest_date)}"
    return day, _reason("due_date", "DD-4", text, source, reference, interval.text if interval else None)


def _overdue(course: Course, reference: date | None, due_date: date) -> tuple[date, Reason]:
    protocol = course.protocol
    field = "first_treatment_within" if reference is None else "latest_recommended_interval"
    interval = protocol.first_treatment_within if reference is None else protocol.latest_recommended_interval
    start = course.started_on if reference is None else reference
    last_on_time = max(due_date, add(start, interval))
    text = f"the day after {spoken(last_on_time)}, the last on-time day ({interval.words()} after {spoken(start)})"
    if last_on_time == due_date:
        text = f"the day after the due date {spoken(due_date)}"
    reason = _reason("overdue_date", "DD-5", text, protocol.sources[field], start, interval.text)
    return last_on_time + ONE_DAY, reason


def _lapse(course: Course, reference: date | None, overdue_date: date) -> tuple[date, Reason]:
    protocol = course.protocol
    interval = protocol.lapse_interval
    start = course.started_on if reference is None else reference
    first_lapsed = add(start, interval) + ONE_DAY
    text = f"the day after {interval.words()} from {spoken(start)}; consult again before booking"
    if overdue_date > first_lapsed:
        text = f"the overdue date {spoken(overdue_date)} itself; consult again before booking"
    source = protocol.sources["lapse_interval"]
    return max(overdue_date, first_lapsed), _reason("lapse_date", "DD-6", text, source, start, interval.text)


def _reason(
    field: str, rule: str, text: str, source: str, start: date | None, interval: str | None
) -> Reason:
    inputs: dict[str, str | float | None] = {"from": start.isoformat() if start else None, "interval": interval}
    return Reason(field, rule, text, source, inputs)
