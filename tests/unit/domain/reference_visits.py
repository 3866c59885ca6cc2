"""What the naive reading says of a booked day (DD-9 `booking`, DD-17), and of each block on any day asked about.

Not here: the list of blocks and its order (reference_reading), dates (reference_dates), who may override what.
"""

from datetime import date
from fractions import Fraction

from reference_dates import (
    Json,
    add,
    age_on,
    day,
    exposures_for,
    exposures_to,
    exposures_to_others,
    given_on,
    minimum,
)
from reference_doses import (
    exact,
    in_window,
    plan_is_over_cap,
    plan_is_over_product_cap,
    planned_units,
    product_cap_on,
    units_are_unknown,
    units_of,
    weight_is_missing,
)
from reference_figures import CAP_WINDOW, INDICATIONS, OTHER_PRODUCT_REVIEW, label_for

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
        "weight_missing": weight_is_missing(course, patient, booked),
        "plan_missing": planned_units(course, known) is None,
        "age_not_covered": is_too_young(course, patient, booked),
        "other_toxin_review": other_toxin_is_too_recent(course, known, booked),
    }
    return [name for name, holds in holding.items() if holds]


# Other open visits


def other_visits(course: Json, known: Json) -> list[Json]:
    """The other courses with a booked day, also closed ones and days gone by."""
    others = [c for c in known["courses"] if c["id"] != course["id"]]
    return [c for c in others if c.get("booked_on") is not None]


def is_close_to_another_visit(course: Json, known: Json) -> bool:
    """Closer than the longer of the two minimum intervals, each at the age on the earlier day."""
    patient = known["patient"]
    for other in other_visits(course, known):
        if other["indication"] == course["indication"]:
            first, second = sorted([day(course["booked_on"]), day(other["booked_on"])])
            if second < max(minimum(first, course, patient), minimum(first, other, patient)):
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
        if plan_is_over_product_cap(course, known, booked):
            if visits or exposures:
                return True
            continue
        planned = sum((planned_units(c, known) or Fraction(0) for c in [course, *visits]), Fraction(0))
        cap = product_cap_on(when, course["product"], known["patient"])
        if cap is not None and planned + units_of(exposures) > cap:
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
    lapses_after = add(latest, INDICATIONS[course["indication"]]["lapse"])
    if when <= lapses_after:
        return False
    consulted_on = course.get("consulted_on")
    return consulted_on is None or not lapses_after < day(consulted_on) <= when


def is_too_young(course: Json, patient: Json, when: date) -> bool:
    return age_on(patient, when) < label_for(course["product"], course["indication"])["minimum_age"]


def other_toxin_is_too_recent(course: Json, known: Json, when: date) -> bool:
    exposures = exposures_to_others(course["product"], known)
    return any(add(given_on(s), OTHER_PRODUCT_REVIEW) > when for s in exposures)


# Authorizations


def authorizations_with_enough_left(course: Json, known: Json) -> list[Json]:
    """Those with a visit and the planned units left, whatever their days; null is no limit, nor is no plan."""
    planned = planned_units(course, known)
    result = []
    for authorization in course.get("authorizations") or []:
        visits_left, units_left = authorization.get("visits_left"), authorization.get("units_left")
        enough_visits = visits_left is None or visits_left > 0
        enough_units = units_left is None or planned is None or exact(units_left) >= planned
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
