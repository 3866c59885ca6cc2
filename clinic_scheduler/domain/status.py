"""DD-9: timing, blocks and booking, three axes of which none hides another, and the one bucket they make."""

from collections.abc import Sequence
from datetime import date

from clinic_scheduler.domain.intervals import add, age_on
from clinic_scheduler.domain.protocols import ADULT_AGE, OTHER_TOXIN_REVIEW
from clinic_scheduler.domain.values import Authorization, Course, Hold, Patient, Session

DUE_SOON_DAYS = 14
BUCKETS = (
    "closed",
    "booked",
    "booking_problem",
    "lapsed",
    "blocked",
    "overdue",
    "due",
    "due_soon",
    "not_due",
)


def timing_of(
    patient: Patient, course: Course, earliest: date, due: date, overdue: date, lapse: date, as_of: date
) -> str:
    """Where `as_of` stands among the dates; a date belongs to the state it begins."""
    closed = closed_from(patient, course)
    if closed is not None and closed <= as_of:
        return "closed"
    return timing_on(earliest, due, overdue, lapse, as_of)


def closed_from(patient: Patient, course: Course) -> date | None:
    """The first day on which nothing is due any more; where the patient is gone, every day is such a day."""
    return date.min if patient.deceased else course.stopped_on


def timing_on(earliest: date, due: date, overdue: date, lapse: date, as_of: date) -> str:
    """Timing of an open course."""
    if as_of >= lapse:
        return "lapsed"
    if as_of >= overdue:
        return "overdue"
    if as_of >= due:
        return "due"
    if as_of >= earliest:
        return "eligible"
    return "due_soon" if (earliest - as_of).days <= DUE_SOON_DAYS else "not_due"


def blocks_of(
    patient: Patient,
    course: Course,
    history: Sequence[Session],
    planned: float,
    earliest: date,
    due: date,
    plan_over_cap: bool,
    as_of: date,
) -> tuple[str, ...]:
    """All that hold, in the order the rule names them."""
    age = age_on(patient.birth_date, due)
    blocks = []
    if any(on_hold(hold, as_of) for hold in (*patient.holds, *course.holds)):
        blocks.append("on_hold")
    if plan_over_cap:
        blocks.append("cap_exceeded")
    if age < ADULT_AGE and patient.weight_kg is None:
        blocks.append("weight_missing")
    if age < course.protocol.minimum_age:
        blocks.append("age_not_covered")
    if _other_toxin_too_recent(course, history, earliest):
        blocks.append("other_toxin_review")
    if course.authorization_required:
        blocks.extend(_authorization_block(course.authorizations, due, planned))
    return tuple(blocks)


def on_hold(hold: Hold, as_of: date) -> bool:
    """Both ends of a hold are included."""
    return hold.starts_on <= as_of and (hold.ends_on is None or as_of <= hold.ends_on)


def _other_toxin_too_recent(course: Course, history: Sequence[Session], earliest: date) -> bool:
    return any(
        s.product != course.product and s.units > 0 and add(s.given_on, OTHER_TOXIN_REVIEW) > earliest
        for s in history
    )


def covers(authorization: Authorization, day: date) -> bool:
    """Whether `day` is a date of service the payer agreed to."""
    starts_on, ends_on = authorization.starts_on, authorization.ends_on
    return (starts_on is None or starts_on <= day) and (ends_on is None or day <= ends_on)


def has_visits(authorization: Authorization) -> bool:
    return authorization.visits_left is None or authorization.visits_left > 0


def _usable(authorization: Authorization, planned: float) -> bool:
    units_left = authorization.units_left
    return has_visits(authorization) and (units_left is None or units_left >= planned)


def _authorization_block(authorizations: Sequence[Authorization], due: date, planned: float) -> list[str]:
    covering = [a for a in authorizations if covers(a, due)]
    if any(_usable(a, planned) for a in covering):
        return []
    if covering:
        return ["authorization_exhausted"]
    if any(a.ends_on is not None and a.ends_on < due for a in authorizations):
        return ["authorization_expires_before_due"]
    return ["authorization_missing"]


def booking_of(course: Course, earliest: date, overdue: date) -> str:
    """How the next open appointment stands to the window and the payer."""
    booked_on = course.booked_on
    if booked_on is None:
        return "none"
    if booked_on < earliest:
        return "too_early"
    if booked_on >= overdue:
        return "late"
    if course.authorization_required and not authorized_on(course, booked_on):
        return "outside_authorization"
    return "ok"


def authorized_on(course: Course, day: date) -> bool:
    """Whether any authorization with visits left covers `day`."""
    return any(has_visits(a) and covers(a, day) for a in course.authorizations)


def bucket_of(timing: str, blocks: Sequence[str], booking: str) -> str:
    """The one work-list bucket; where several fit, the order of BUCKETS decides."""
    if timing == "closed":
        return "closed"
    if booking != "none":
        return "booked" if booking == "ok" else "booking_problem"
    if timing == "lapsed":
        return "lapsed"
    if blocks:
        return "blocked"
    return "due_soon" if timing == "eligible" else timing
