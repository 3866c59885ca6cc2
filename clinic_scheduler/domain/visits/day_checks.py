"""What stands against an injection visit on a day (DD-9 `booking`, DD-11, DD-17); check_texts.py says it in words."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from clinic_scheduler.domain.forecast.blocks import DECIDABLE, Against
from clinic_scheduler.domain.forecast.earliest_date import booking_floor, cap_on, plan_over_cap
from clinic_scheduler.domain.forecast.exposures import counting, fits, of_product
from clinic_scheduler.domain.forecast.intervals import add, age_on
from clinic_scheduler.domain.forecast.values import (
    Authorization,
    Course,
    Exposure,
    Hold,
    OpenVisit,
    Patient,
)
from clinic_scheduler.domain.protocols.labels import ADULT_AGE


class CourseFacts(NamedTuple):
    """A course with all that decides whether it may be treated on a day.

    `exposures` are the whole patient's, in order; `others` the open injection visits of the patient's other courses.
    """

    patient: Patient
    course: Course
    exposures: Sequence[Exposure]
    exposure: date | None
    planned_units: float | None
    earliest_date: date
    overdue_date: date
    others: Sequence[OpenVisit]


def against(facts: CourseFacts, day: date) -> Iterator[Against]:
    """All that stands against a visit on `day`, in the rule's order; nothing where it may be booked."""
    if is_too_early(facts, day):
        yield Against.TOO_EARLY
    if is_over_cap(facts, day):
        yield Against.OVER_CAP
    yield from blocks_on(facts, day)
    if day >= facts.overdue_date:
        yield Against.LATE
    if facts.course.authorization_required and not authorized_on(facts, day):
        yield Against.OUTSIDE_AUTHORIZATION


def blocks_on(facts: CourseFacts, day: date) -> Iterator[Against]:
    """The blocks as they stand on `day`, but for those a provider has decided until then or later."""
    return undecided(_blocks_on(facts, day), facts.course, day)


def _blocks_on(facts: CourseFacts, day: date) -> Iterator[Against]:
    patient, course = facts.patient, facts.course
    if hold_on(facts, day) is not None:
        yield Against.ON_HOLD
    if needs_consultation(course, facts.exposure, day):
        yield Against.CONSULTATION_NEEDED
    if plan_over_cap(patient, course, facts.planned_units, day):
        yield Against.CAP_EXCEEDED
    if unknown_dose(facts, day) is not None:
        yield Against.CAP_UNKNOWN
    if weight_missing(patient, course, day):
        yield Against.WEIGHT_MISSING
    if facts.planned_units is None:
        yield Against.PLAN_MISSING
    if age_on(patient.birth_date, day) < course.label.minimum_age:
        yield Against.AGE_NOT_COVERED
    if other_toxin(course, facts.exposures, day) is not None:
        yield Against.OTHER_TOXIN_REVIEW


def undecided(blocks: Iterator[Against], course: Course, day: date) -> Iterator[Against]:
    """Without those that a provider's standing decision takes off the list on `day`; only some can be decided so."""
    decided = [d.block for d in course.decisions if day <= d.until and d.block in DECIDABLE]
    return (block for block in blocks if block not in decided) if decided else blocks


def is_too_early(facts: CourseFacts, day: date) -> bool:
    return day < facts.earliest_date or next(too_close(facts, day), None) is not None


def too_close(facts: CourseFacts, day: date) -> Iterator[OpenVisit]:
    """Open visits of the same indication nearer to `day` than the longer of the two visits' minimum intervals."""
    course, patient = facts.course, facts.patient
    for other in facts.others:
        if other.indication != course.indication:
            continue
        first, last = min(day, other.day), max(day, other.day)
        floors = (booking_floor(patient, treated, first) for treated in (course, other))
        if any(last < floor.ends_on for floor in floors):
            yield other


def is_over_cap(facts: CourseFacts, day: date) -> bool:
    """DD-17: with what is booked and what still counts, on `day` and on every booked day in the window after it."""
    return next(days_over_cap(facts, day), None) is not None


def days_over_cap(facts: CourseFacts, day: date) -> Iterator[tuple[date, float, float]]:
    """(day, units with this visit, cap) of each day on which a visit on `day` would be too much.

    Where the plan alone is over the cap on `day`, that is a block of its own, and anything else of the product
    in those windows is too much.
    """
    patient, course = facts.patient, facts.course
    window = course.label.product.unit_cap_window
    booked = [other.day for other in facts.others if other.product == course.product]
    plan_over = _plan_over_product_cap(facts, day)
    rolled_off = add(day, window)
    for each in sorted({day, *(other for other in booked if day < other < rolled_off)}):
        cap = cap_on(patient, course, each)
        if cap is None:
            continue
        beside = units_beside(facts, each)
        units = (facts.planned_units or 0) + sum(known or 0 for known in beside)
        if beside if plan_over else not fits(units, cap):
            yield each, units, cap


def units_beside(facts: CourseFacts, day: date) -> list[float | None]:
    """What counts on `day` beside the course's own visit: other booked visits of the product, then exposures to it."""
    product, window = facts.course.product, facts.course.label.product.unit_cap_window
    booked = [
        o.planned_units for o in facts.others if o.product == product and o.day <= day < add(o.day, window)
    ]
    return booked + [e.units for e in counting(of_product(facts.exposures, product), window, day)]


def _plan_over_product_cap(facts: CourseFacts, day: date) -> bool:
    cap = cap_on(facts.patient, facts.course, day)
    return cap is not None and facts.planned_units is not None and not fits(facts.planned_units, cap)


def unknown_dose(facts: CourseFacts, day: date) -> Exposure | None:
    """The latest exposure in (day - window, day] of which nobody knows the units, where the product has a cap."""
    course = facts.course
    unknown = [e for e in facts.exposures if e.units is None and e.given_on <= day]
    if not unknown or cap_on(facts.patient, course, day) is None:
        return None
    recent = counting(of_product(unknown, course.product), course.label.product.unit_cap_window, day)
    return recent[0] if recent else None


def weight_missing(patient: Patient, course: Course, day: date) -> bool:
    """A figure in U per kg, of product or label, cannot be told for a minor whom nobody has weighed."""
    if patient.weight_kg is not None or age_on(patient.birth_date, day) >= ADULT_AGE:
        return False
    label = course.label
    per_kg = (label.product.paediatric_units_per_kg, label.paediatric_session_units_per_kg)
    return any(figure is not None for figure in per_kg)


def other_toxin(course: Course, exposures: Sequence[Exposure], day: date) -> Exposure | None:
    """The latest exposure to a different or unknown product that a provider has to look at before `day`."""
    product = course.product
    for exposure in reversed(exposures):
        if exposure.product != product:
            review_ends = add(exposure.given_on, course.protocol.other_product_review)
            return exposure if review_ends > day else None
    return None


def needs_consultation(course: Course, exposure: date | None, day: date) -> bool:
    """Whether the last exposure is so long ago on `day` that somebody sees the patient first, and nobody has."""
    if exposure is None:
        return False
    lapsed = add(exposure, course.protocol.lapse_interval)
    if day <= lapsed:
        return False
    consulted_on = course.consulted_on
    return consulted_on is None or not lapsed < consulted_on <= day


def hold_on(facts: CourseFacts, day: date) -> Hold | None:
    """A hold of the patient or of the course that covers the day."""
    for hold in facts.patient.holds + facts.course.holds:
        if covers_day(hold, day):
            return hold
    return None


def covers_day(hold: Hold, day: date) -> bool:
    """Both ends of a hold are included."""
    return hold.starts_on <= day and (hold.ends_on is None or day <= hold.ends_on)


def authorized_on(facts: CourseFacts, day: date) -> bool:
    """Whether an authorization that can pay for the plan covers `day`."""
    return any(covers(a, day) and is_usable(a, facts.planned_units) for a in facts.course.authorizations)


def covers(authorization: Authorization, day: date) -> bool:
    """Whether `day` is a date of service the payer agreed to."""
    starts_on, ends_on = authorization.starts_on, authorization.ends_on
    return (starts_on is None or starts_on <= day) and (ends_on is None or day <= ends_on)


def is_usable(authorization: Authorization, planned: float | None) -> bool:
    """Whether a visit and the planned units are left; None on either side is no limit."""
    visits_left, units_left = authorization.visits_left, authorization.units_left
    if visits_left is not None and visits_left <= 0:
        return False
    return units_left is None or planned is None or fits(planned, units_left)


def booking_of(facts: CourseFacts, as_of: date) -> str:
    """How the course's open visit stands: the first of `against` that was not overridden by name."""
    course = facts.course
    if course.booked_on is None:
        return "none"
    if course.booked_on < as_of:
        return "past"
    for name in against(facts, course.booked_on):
        if name not in course.booked_override:
            return "blocked" if name.is_block else name.value
    return "ok"
