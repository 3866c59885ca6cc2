"""What the naive reading says of a booked day (DD-9 `booking`, DD-17), and of each block on any day asked about.

Not here: the list of blocks and its order (reference_reading), dates (reference_dates), who may override what.
"""

from datetime import date
from fractions import Fraction

from reference_dates import (
    ADULT_AGE,
    CAP_WINDOW,
    PROTOCOLS,
    Json,
    add,
    age_on,
    cap_on,
    day,
    exact,
    exposures_for,
    exposures_to,
    exposures_to_others,
    given_on,
    in_window,
    plan_is_over_cap,
    planned_units,
    units_of,
)

OTHER_PRODUCT_REVIEW = "P16W"
DECIDABLE = ("cap_exceeded", "cap_unknown", "age_not_covered", "other_toxin_review")


def read_booking(course: Json, known: Json, as_of: date, earliest: date, overdue: date) -> str:
    if course.get("booked_on") is None:
        return "none"
    booked = day(course["booked_on"])
    overridden = course.get("booked_override") or []
    if booked < as_of:
        return "past"
    too_early = booked < earliest or is_close_to_another_visit(course, known)
    if too_early and "too_early" not in overridden:
        return "too_early"
    if is_over_cap_with_what_is_booked(course, known) and "over_cap" not in overridden:
        return "over_cap"
    for block in blocks_on(course, known, booked):
        if block not in overridden and not is_decided(course, block, booked):
            return "blocked"
    if booked >= overdue and "late" not in overridden:
        return "late"
    if course.get("authorization_required") and "outside_authorization" not in overridden:
        usable = authorizations_with_enough_left(course, known)
        if not any(covers(authorization, booked) for authorization in usable):
            return "outside_authorization"
    return "ok"


def blocks_on(course: Json, known: Json, booked: date) -> list[str]:
    """The blocks that hold on a booked day; authorizations are judged after them."""
    patient = known["patient"]
    holding = {
        "on_hold": is_on_hold(course, patient, booked),
        "consultation_needed": consultation_is_needed(course, known, booked),
        "cap_exceeded": plan_is_over_cap(course, known, booked),
        "cap_unknown": units_are_unknown(course, known, booked),
        "weight_missing": weight_is_missing(patient, booked),
        "age_not_covered": age_on(patient, booked) < PROTOCOLS[course["indication"]]["minimum_age"],
        "other_toxin_review": other_toxin_is_too_recent(course, known, booked),
    }
    return [name for name, holds in holding.items() if holds]


# Other open visits


def other_visits(course: Json, known: Json) -> list[Json]:
    """The other courses with a booked day, also closed ones and days gone by."""
    others = [c for c in known["courses"] if c["id"] != course["id"]]
    return [c for c in others if c.get("booked_on") is not None]


def is_close_to_another_visit(course: Json, known: Json) -> bool:
    for other in other_visits(course, known):
        if other["indication"] == course["indication"]:
            first, second = sorted([day(course["booked_on"]), day(other["booked_on"])])
            # Both visits are of one indication, whose one minimum interval is the longer of the two.
            if second < add(first, PROTOCOLS[course["indication"]]["minimum_interval"]):
                return True
    return False


def is_over_cap_with_what_is_booked(course: Json, known: Json) -> bool:
    """DD-17 on the booked day and on every other visit's that this one would be counted on."""
    booked = day(course["booked_on"])
    others = [c for c in other_visits(course, known) if c["product"] == course["product"]]
    later = [day(c["booked_on"]) for c in others if booked < day(c["booked_on"]) < booked + CAP_WINDOW]
    for when in [booked, *later]:
        visits = [c for c in others if when - CAP_WINDOW < day(c["booked_on"]) <= when]
        exposures = in_window(exposures_to(course["product"], known), when)
        if plan_is_over_cap(course, known, booked):
            if visits or exposures:
                return True
            continue
        planned = sum((planned_units(c, known) for c in [course, *visits]), Fraction(0))
        if planned + units_of(exposures) > cap_on(when, known["patient"]):
            return True
    return False


# Blocks on any day


def is_decided(course: Json, block: str, when: date) -> bool:
    if block not in DECIDABLE:
        return False
    return any(d["block"] == block and when <= day(d["until"]) for d in course.get("decisions") or [])


def is_on_hold(course: Json, patient: Json, when: date) -> bool:
    holds = [*(course.get("holds") or []), *(patient.get("holds") or [])]
    return any(
        day(hold["from"]) <= when and (hold.get("until") is None or when <= day(hold["until"]))
        for hold in holds
    )


def consultation_is_needed(course: Json, known: Json, when: date) -> bool:
    exposures = exposures_for(course["indication"], known)
    if not exposures:
        return False
    latest = max(given_on(s) for s in exposures)
    lapses_after = add(latest, PROTOCOLS[course["indication"]]["lapse_interval"])
    if when <= lapses_after:
        return False
    consulted_on = course.get("consulted_on")
    return consulted_on is None or not lapses_after < day(consulted_on) <= when


def units_are_unknown(course: Json, known: Json, when: date) -> bool:
    """Block cap_unknown; every product of today's figures has a cap."""
    exposures = in_window(exposures_to(course["product"], known), when)
    return any(s.get("units") is None for s in exposures)


def weight_is_missing(patient: Json, when: date) -> bool:
    return age_on(patient, when) < ADULT_AGE and patient.get("weight_kg") is None


def other_toxin_is_too_recent(course: Json, known: Json, when: date) -> bool:
    exposures = exposures_to_others(course["product"], known)
    return any(add(given_on(s), OTHER_PRODUCT_REVIEW) > when for s in exposures)


# Authorizations


def authorizations_with_enough_left(course: Json, known: Json) -> list[Json]:
    """Those with a visit and the planned units left, whatever their days; null is no limit."""
    planned = planned_units(course, known)
    result = []
    for authorization in course.get("authorizations") or []:
        visits_left, units_left = authorization.get("visits_left"), authorization.get("units_left")
        enough_visits = visits_left is None or visits_left > 0
        enough_units = units_left is None or exact(units_left) >= planned
        if enough_visits and enough_units:
            result.append(authorization)
    return result


def covers(authorization: Json, when: date) -> bool:
    starts_on = authorization.get("starts_on")
    has_started = starts_on is None or day(starts_on) <= when
    return has_started and not ends_before(authorization, when)


def ends_before(authorization: Json, when: date) -> bool:
    ends_on = authorization.get("ends_on")
    return ends_on is not None and day(ends_on) < when
