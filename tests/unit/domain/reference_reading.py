"""A second, deliberately naive reading of the due-date rules; it imports nothing of the engine.

Here are the entrance and the status (DD-9). Not here: dates and evaluations (reference_dates), explanations,
suggestions, milestones, projections.
"""

from datetime import date, timedelta
from typing import Any

from reference_dates import (
    ADULT_AGE,
    PROTOCOLS,
    Json,
    add,
    age_on,
    apply_cap,
    day,
    evaluate,
    exact,
    floor_before_cap,
    is_exposure,
    later_dates,
    planned_units,
    satisfies,
)

DUE_SOON_DAYS = timedelta(days=14)
OTHER_TOXIN_INTERVAL = "P16W"


def reference_forecast(case: Json) -> Json:
    """The contract's output object for one contract input object, without `because`."""
    as_of = day(case["as_of"])
    sessions = [s for s in case.get("sessions") or [] if day(s["given_on"]) <= as_of]
    sessions.sort(key=lambda s: (day(s["given_on"]), s["id"]))
    return {
        "as_of": case["as_of"],
        "courses": [read_course(c, case["patient"], sessions, as_of) for c in case["courses"]],
    }


def read_course(course: Json, patient: Json, sessions: list[Json], as_of: date) -> Json:
    own = [s for s in sessions if s.get("course_id") == course["id"]]
    evaluations = evaluate(course, own)
    satisfying = [s for s, e in zip(own, evaluations, strict=True) if satisfies(e)]
    planned = planned_units(course, satisfying)

    floor = floor_before_cap(course, own, sessions)
    earliest, cap_exceeded = apply_cap(floor, course, patient, sessions, planned)
    reference = day(satisfying[-1]["given_on"]) if satisfying else None
    due, overdue, lapse = later_dates(course, reference, earliest)

    timing = read_timing(course, patient, as_of, earliest, due, overdue, lapse)
    blocks = read_blocks(course, patient, sessions, as_of, earliest, due, planned, cap_exceeded)
    booking = read_booking(course, earliest, overdue)
    return {
        "id": course["id"],
        "cycles_given": len(satisfying),
        "reference": reference.isoformat() if reference else None,
        "earliest_date": earliest.isoformat(),
        "due_date": due.isoformat(),
        "overdue_date": overdue.isoformat(),
        "lapse_date": lapse.isoformat(),
        "timing": timing,
        "blocks": blocks,
        "booking": booking,
        "bucket": read_bucket(timing, blocks, booking),
        "sessions": evaluations,
    }


# DD-9: timing, blocks, booking, bucket


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


def read_blocks(
    course: Json,
    patient: Json,
    sessions: list[Json],
    as_of: date,
    earliest: date,
    due: date,
    planned: Any,
    cap_exceeded: bool,
) -> list[str]:
    age_when_due = age_on(patient, due)
    blocks = []
    if any(hold_is_on(hold, as_of) for hold in course.get("holds") or []):
        blocks.append("on_hold")
    if cap_exceeded:
        blocks.append("cap_exceeded")
    if age_when_due < ADULT_AGE and patient.get("weight_kg") is None:
        blocks.append("weight_missing")
    if age_when_due < PROTOCOLS[course["indication"]]["youngest_age"]:
        blocks.append("age_not_covered")
    if other_toxin_too_recent(course, sessions, earliest):
        blocks.append("other_toxin_review")
    authorization_block = read_authorization(course, due, planned)
    if authorization_block is not None:
        blocks.append(authorization_block)
    return blocks


def hold_is_on(hold: Json, as_of: date) -> bool:
    until = hold.get("until")
    return day(hold["from"]) <= as_of and (until is None or as_of <= day(until))


def other_toxin_too_recent(course: Json, sessions: list[Json], earliest: date) -> bool:
    others = [s for s in sessions if is_exposure(s) and s["product"] != course["product"]]
    return any(add(day(s["given_on"]), OTHER_TOXIN_INTERVAL) > earliest for s in others)


def read_authorization(course: Json, due: date, planned: Any) -> str | None:
    if not course.get("authorization_required"):
        return None
    authorizations = course.get("authorizations") or []
    covering = [a for a in authorizations if covers(a, due)]
    if any(has_visits(a) and has_units(a, planned) for a in covering):
        return None
    if covering:
        return "authorization_exhausted"
    if any(ends_before(a, due) for a in authorizations):
        return "authorization_expires_before_due"
    return "authorization_missing"


def covers(authorization: Json, when: date) -> bool:
    starts_on = authorization.get("starts_on")
    has_started = starts_on is None or day(starts_on) <= when
    return has_started and not ends_before(authorization, when)


def ends_before(authorization: Json, when: date) -> bool:
    ends_on = authorization.get("ends_on")
    return ends_on is not None and day(ends_on) < when


def has_visits(authorization: Json) -> bool:
    visits_left = authorization.get("visits_left")
    return visits_left is None or visits_left > 0


def has_units(authorization: Json, planned: Any) -> bool:
    units_left = authorization.get("units_left")
    return units_left is None or exact(units_left) >= exact(planned)


def read_booking(course: Json, earliest: date, overdue: date) -> str:
    if course.get("booked_on") is None:
        return "none"
    booked_on = day(course["booked_on"])
    if booked_on < earliest:
        return "too_early"
    if booked_on >= overdue:
        return "late"
    if course.get("authorization_required"):
        authorizations = course.get("authorizations") or []
        if not any(has_visits(a) and covers(a, booked_on) for a in authorizations):
            return "outside_authorization"
    return "ok"


def read_bucket(timing: str, blocks: list[str], booking: str) -> str:
    if timing == "closed":
        return "closed"
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
