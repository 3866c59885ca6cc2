"""DD-9: timing and blocks, and the one bucket they make with `booking` (see day_checks.py); none hides another."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.earliest_date import Floor
from clinic_scheduler.domain.forecast.intervals import add, age_on
from clinic_scheduler.domain.forecast.judgements import Bucket, Timing
from clinic_scheduler.domain.forecast.values import Authorization, Course, Patient
from clinic_scheduler.domain.visits.day_checks import (
    CourseFacts,
    covers,
    hold_on,
    is_usable,
    needs_consultation,
    other_toxin,
    undecided,
    unknown_dose,
    weight_missing,
)

DUE_SOON_DAYS = 14
ONE_DAY = timedelta(1)
# What a row keeps as the booking of a visit that is still open under a closed course, so that it is found (DD-9).
CLOSED_COURSE = "closed_course"


def timing_of(
    patient: Patient, course: Course, earliest: date, due: date, overdue: date, lapse: date, as_of: date
) -> Timing:
    """Where `as_of` stands among the dates; a date belongs to the state it begins."""
    closed = closed_from(patient, course)
    if closed is not None and closed <= as_of:
        return Timing.CLOSED
    return timing_on(earliest, due, overdue, lapse, as_of)


def closed_from(patient: Patient, course: Course) -> date | None:
    """The first day on which nothing is due any more; where the patient is gone, every day is such a day."""
    return date.min if patient.deceased else course.stopped_on


def timing_on(earliest: date, due: date, overdue: date, lapse: date, as_of: date) -> Timing:
    """Timing of an open course."""
    if as_of >= lapse:
        return Timing.LAPSED
    if as_of >= overdue:
        return Timing.OVERDUE
    if as_of >= due:
        return Timing.DUE
    if as_of >= earliest:
        return Timing.ELIGIBLE
    return Timing.DUE_SOON if (earliest - as_of).days <= DUE_SOON_DAYS else Timing.NOT_DUE


def blocks_of(facts: CourseFacts, floor: Floor, due: date, as_of: date) -> tuple[str, ...]:
    """All that hold, in the order the rule names them, but for those a provider has decided until `as_of` or later."""
    course = facts.course
    found: list[str] = list(undecided(_blocks(facts, floor, due, as_of), course, as_of))
    if course.authorization_required:
        found.extend(_authorization_block(course.authorizations, due, facts.planned_units))
    return tuple(found)


def _blocks(facts: CourseFacts, floor: Floor, due: date, as_of: date) -> Iterator[Against]:
    """Each is judged on the date it is about, not on `as_of` alone; of a booked day see day_checks.py."""
    patient, course = facts.patient, facts.course
    if hold_on(facts, as_of) is not None:
        yield Against.ON_HOLD
    if needs_consultation(course, facts.exposure, as_of):
        yield Against.CONSULTATION_NEEDED
    if floor.plan_over_cap:
        yield Against.CAP_EXCEEDED
    if unknown_dose(facts, facts.earliest_date) is not None:
        yield Against.CAP_UNKNOWN
    if weight_missing(patient, course, floor.before_cap):
        yield Against.WEIGHT_MISSING
    if facts.planned_units is None:
        yield Against.PLAN_MISSING
    if age_on(patient.birth_date, due) < course.label.minimum_age:
        yield Against.AGE_NOT_COVERED
    if other_toxin(course, facts.exposures, facts.earliest_date) is not None:
        yield Against.OTHER_TOXIN_REVIEW


def _authorization_block(
    authorizations: Sequence[Authorization], due: date, planned: float | None
) -> list[str]:
    covering = [a for a in authorizations if covers(a, due)]
    if any(is_usable(a, planned) for a in covering):
        return []
    if covering:
        return ["authorization_exhausted"]
    if any(a.ends_on is not None and a.ends_on < due for a in authorizations):
        return ["authorization_expires_before_due"]
    return ["authorization_missing"]


def turns_on(facts: CourseFacts, as_of: date) -> date | None:
    """The first day after `as_of` on which blocks, booking or bucket may read otherwise, holds and dates aside.

    A standing decision ends, a consultation falls due or is held, a booked day goes by, a stop takes effect.
    """
    course = facts.course
    through = [decision.until for decision in course.decisions]
    if facts.exposure is not None:
        through.append(add(facts.exposure, course.protocol.lapse_interval))
    if course.booked_on is not None:
        through.append(course.booked_on)
    days = [day + ONE_DAY for day in through if as_of <= day < date.max]
    if course.consulted_on is not None:
        days.append(course.consulted_on)
    if course.booked_on is not None and course.stopped_on is not None:
        days.append(course.stopped_on)
    return min([day for day in days if day > as_of], default=None)


def stored_booking(timing: Timing, booking: str) -> str:
    """`booking` as a course's row and the due list say it: what stands under a closed course is found by that."""
    return CLOSED_COURSE if timing == Timing.CLOSED and booking != "none" else booking


def bucket_of(timing: Timing, blocks: Sequence[str], booking: str) -> Bucket:
    """The one work-list bucket; where several fit, the order of Bucket decides.

    A visit that is still open under a closed course is a problem, however well it stands.
    """
    if timing == Timing.CLOSED:
        return Bucket.CLOSED if booking == "none" else Bucket.BOOKING_PROBLEM
    if booking != "none":
        return Bucket.BOOKED if booking == "ok" else Bucket.BOOKING_PROBLEM
    if timing == Timing.LAPSED:
        return Bucket.LAPSED
    if blocks:
        return Bucket.BLOCKED
    return Bucket.DUE_SOON if timing == Timing.ELIGIBLE else Bucket(timing)
