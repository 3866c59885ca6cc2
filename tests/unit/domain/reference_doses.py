"""Units in the naive reading: the plan, caps over a window and of one session, the earliest date (DD-3, DD-3c).

It walks day by day where the engine may calculate. A cap is None where none is known. Not here: what is booked
(reference_visits), the dates before and after (reference_dates).
"""

from datetime import date
from fractions import Fraction
from typing import Any

from reference_dates import (
    ONE_DAY,
    Json,
    age_on,
    exposures_to,
    floor_date,
    given_on,
    satisfying_sessions,
)
from reference_figures import ADULT_AGE, CAP_WINDOW, PRODUCTS, label_for


def exact(number: Any) -> Fraction:
    """The number as it is written, so that 10 times 15.5 kg is 155 U and nothing beside it."""
    return Fraction(str(number))


def planned_units(course: Json, known: Json) -> Fraction | None:
    """None: no plan, nothing satisfying given, and nothing is typical of the pair."""
    if course.get("planned_units") is not None and course["planned_units"] > 0:
        return exact(course["planned_units"])
    satisfying = satisfying_sessions(course, known)
    if satisfying:
        last_day = max(given_on(s) for s in satisfying)
        return sum((exact(s["units"]) for s in satisfying if given_on(s) == last_day), Fraction(0))
    typical = label_for(course["product"], course["indication"])["typical"]
    return None if typical is None else exact(typical)


def earliest_date(course: Json, known: Json) -> date:
    """DD-3c from the floor date on: the day after the last one on which the cap is broken."""
    floor = floor_date(course, known)
    planned = planned_units(course, known)
    exposures = exposures_to(course["product"], known)
    if planned is None or plan_is_over_cap(course, known, floor) or not exposures:
        return floor
    earliest = when = floor
    while when < max(given_on(s) for s in exposures) + CAP_WINDOW:
        counting = in_window(exposures, when)
        cap = product_cap_on(when, course["product"], known["patient"])
        if counting and cap is not None and planned + units_of(counting) > cap:
            earliest = when + ONE_DAY
        when += ONE_DAY
    return earliest


def in_window(exposures: list[Json], when: date) -> list[Json]:
    """Those of the window that ends on `when`: one exactly a window earlier has rolled off."""
    return [s for s in exposures if when - CAP_WINDOW < given_on(s) <= when]


def units_of(exposures: list[Json]) -> Fraction:
    """Unknown units count nothing."""
    return sum((exact(s["units"]) for s in exposures if s.get("units") is not None), Fraction(0))


# Caps, at the age on the day


def product_cap_on(when: date, product: str, patient: Json) -> Fraction | None:
    """Units of the product allowed in one window, for all indications together."""
    figures = PRODUCTS[product]
    if age_on(patient, when) >= ADULT_AGE:
        return None if figures["cap"] is None else exact(figures["cap"])
    return lower_of_a_minors(figures, patient)


def session_cap_on(when: date, course: Json, patient: Json) -> Fraction | None:
    """Units the label allows in one session; a minor without figures of its own has the adults' cap."""
    label = label_for(course["product"], course["indication"])
    has_own = label["child_per_kg"] is not None or label["child_cap"] is not None
    if age_on(patient, when) < ADULT_AGE and has_own:
        return lower_of_a_minors(label, patient)
    return None if label["session_cap"] is None else exact(label["session_cap"])


def lower_of_a_minors(figures: Json, patient: Json) -> Fraction | None:
    """The lower of two figures, or the one there is; without a weight the figure in U per kg is skipped."""
    caps = []
    if figures["child_cap"] is not None:
        caps.append(exact(figures["child_cap"]))
    if figures["child_per_kg"] is not None and patient.get("weight_kg") is not None:
        caps.append(figures["child_per_kg"] * exact(patient["weight_kg"]))
    return min(caps) if caps else None


def plan_is_over_product_cap(course: Json, known: Json, when: date) -> bool:
    return is_over(planned_units(course, known), product_cap_on(when, course["product"], known["patient"]))


def plan_is_over_cap(course: Json, known: Json, when: date) -> bool:
    """Over the product's cap or the label's session cap."""
    over_session_cap = is_over(planned_units(course, known), session_cap_on(when, course, known["patient"]))
    return over_session_cap or plan_is_over_product_cap(course, known, when)


def is_over(planned: Fraction | None, cap: Fraction | None) -> bool:
    return planned is not None and cap is not None and planned > cap


# Blocks on any day


def units_are_unknown(course: Json, known: Json, when: date) -> bool:
    """Block cap_unknown: there is none where the product has no cap."""
    if PRODUCTS[course["product"]]["cap"] is None:
        return False
    exposures = in_window(exposures_to(course["product"], known), when)
    return any(s.get("units") is None for s in exposures)


def weight_is_missing(course: Json, patient: Json, when: date) -> bool:
    """Only where the product or the label has a figure that needs one."""
    if age_on(patient, when) >= ADULT_AGE or patient.get("weight_kg") is not None:
        return False
    label = label_for(course["product"], course["indication"])
    return PRODUCTS[course["product"]]["child_per_kg"] is not None or label["child_per_kg"] is not None
