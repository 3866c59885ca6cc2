"""A second, deliberately naive reading of the due-date rules; it imports nothing of the engine.

Here are the entrance, the timing, the blocks and the bucket (DD-9). Not here: dates and evaluations
(reference_dates, reference_doses), booked days (reference_visits), explanations, suggestions, milestones, projections.
"""

from datetime import date, timedelta

from reference_dates import (
    Json,
    day,
    evaluate,
    floor_date,
    given_on,
    later_dates,
    satisfying_sessions,
)
from reference_doses import (
    earliest_date,
    plan_is_over_cap,
    planned_units,
    units_are_unknown,
    weight_is_missing,
)
from reference_visits import (
    authorizations_with_enough_left,
    consultation_is_needed,
    covers,
    ends_before,
    is_decided,
    is_on_hold,
    is_too_young,
    other_toxin_is_too_recent,
    read_booking,
)

DUE_SOON_DAYS = timedelta(days=14)


def reference_forecast(case: Json) -> Json:
    """The contract's output object for one contract input object, without `because`."""
    as_of = day(case["as_of"])
    sessions = [s for s in case.get("sessions") or [] if given_on(s) <= as_of]
    sessions.sort(key=lambda s: (given_on(s), s["id"]))
    known = {"patient": case["patient"], "courses": case["courses"], "sessions": sessions}
    return {
        "as_of": case["as_of"],
        "courses": [read_course(course, known, as_of) for course in case["courses"]],
    }


def read_course(course: Json, known: Json, as_of: date) -> Json:
    satisfying_days = {given_on(s) for s in satisfying_sessions(course, known)}
    reference = max(satisfying_days) if satisfying_days else None
    earliest = earliest_date(course, known)
    due, overdue, lapse = later_dates(course, reference, earliest)

    timing = read_timing(course, known["patient"], as_of, earliest, due, overdue, lapse)
    blocks = read_blocks(course, known, as_of, earliest, due)
    booking = read_booking(course, known, as_of, earliest, overdue)
    return {
        "id": course["id"],
        "cycles_given": len(satisfying_days),
        "reference": reference.isoformat() if reference else None,
        "earliest_date": earliest.isoformat(),
        "due_date": due.isoformat(),
        "overdue_date": overdue.isoformat(),
        "lapse_date": lapse.isoformat(),
        "timing": timing,
        "blocks": blocks,
        "booking": booking,
        "bucket": read_bucket(timing, blocks, booking),
        "sessions": evaluate(course, known),
    }


def read_timing(
    course: Json, patient: Json, as_of: date, earliest: date, due: date, overdue: date, lapse: date
) -> str:
    stopped_on = course.get("stopped_on")
    if patient.get("deceased") or (stopped_on is not None and day(stopped_on) <= as_of):
        return "closed"
    if as_of >= lapse:
        return "lapsed"
    if as_of >= overdue:
        return "overdue"
    if as_of >= due:
        return "due"
    if as_of >= earliest:
        return "eligible"
    if as_of >= earliest - DUE_SOON_DAYS:
        return "due_soon"
    return "not_due"


def read_blocks(course: Json, known: Json, as_of: date, earliest: date, due: date) -> list[str]:
    patient = known["patient"]
    floor = floor_date(course, known)
    blocks = []
    if is_on_hold(course, patient, as_of):
        blocks.append("on_hold")
    if consultation_is_needed(course, known, as_of):
        blocks.append("consultation_needed")
    if plan_is_over_cap(course, known, floor):
        blocks.append("cap_exceeded")
    if units_are_unknown(course, known, earliest):
        blocks.append("cap_unknown")
    if weight_is_missing(course, patient, floor):
        blocks.append("weight_missing")
    if planned_units(course, known) is None:
        blocks.append("plan_missing")
    if is_too_young(course, patient, due):
        blocks.append("age_not_covered")
    if other_toxin_is_too_recent(course, known, earliest):
        blocks.append("other_toxin_review")
    blocks = [name for name in blocks if not is_decided(course, name, as_of)]
    return [*blocks, *read_authorization(course, known, due)]


def read_authorization(course: Json, known: Json, due: date) -> list[str]:
    """At most one block."""
    if not course.get("authorization_required"):
        return []
    authorizations = course.get("authorizations") or []
    if any(covers(a, due) for a in authorizations_with_enough_left(course, known)):
        return []
    if any(covers(a, due) for a in authorizations):
        return ["authorization_exhausted"]
    if any(ends_before(a, due) for a in authorizations):
        return ["authorization_expires_before_due"]
    return ["authorization_missing"]


def read_bucket(timing: str, blocks: list[str], booking: str) -> str:
    if timing == "closed":
        return "closed" if booking == "none" else "booking_problem"
    if booking == "ok":
        return "booked"
    if booking != "none":
        return "booking_problem"
    if timing == "lapsed":
        return "lapsed"
    if blocks:
        return "blocked"
    if timing == "eligible":
        return "due_soon"
    return timing
