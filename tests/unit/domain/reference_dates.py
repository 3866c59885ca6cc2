"""The dates of the naive reading (DD-1 to DD-6) and what was given (DD-8); its entrance is reference_reading.

It walks day by day where the engine may calculate. Every function takes the contract's own objects: `known` is the
whole question, its sessions already in order and none of them after as_of. Not here: the status (DD-9), booked
days (reference_visits), any checking of the input.
"""

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Json = dict[str, Any]

ONE_DAY = timedelta(days=1)
ADULT_AGE = 18
ADULT_CAP_UNITS = Fraction(400)
CHILD_CAP_UNITS = Fraction(340)
CHILD_CAP_UNITS_PER_KG = 10
CAP_WINDOW = timedelta(days=84)
GRACE_AFTER_DUE = "P7D"

MIGRAINE = {
    "absolute_minimum_interval": "P78D",
    "minimum_interval": "P84D",
    "earliest_recommended_interval": "P12W",
    "latest_recommended_interval": "P13W",
    "lapse_interval": "P26W",
    "first_treatment_within": "P4W",
    "typical_units": 155,
    "minimum_age": 18,
}
SPASTICITY = {
    "absolute_minimum_interval": "P84D",
    "minimum_interval": "P84D",
    "earliest_recommended_interval": "P3M",
    "latest_recommended_interval": "P4M",
    "lapse_interval": "P6M",
    "first_treatment_within": "P4W",
    "typical_units": 300,
    "minimum_age": 2,
}
PROTOCOLS: dict[str, Json] = {
    "chronic_migraine": MIGRAINE,
    "spasticity_upper_limb": SPASTICITY,
    "spasticity_lower_limb": SPASTICITY,
}


# DD-1: dates, intervals, ages


def day(text: str) -> date:
    return date.fromisoformat(text)


def add(start: date, interval: str) -> date:
    """DD-1: `start` plus so many days, weeks, months or years; a day that the month lacks goes forward."""
    match = re.fullmatch(r"P(\d+)([DWMY])", interval)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"not an interval of days, weeks, months or years: {interval!r}")
    number, unit = int(match[1]), match[2]
    if unit in "DW":
        return start + timedelta(days=number if unit == "D" else 7 * number)
    year, month = start.year, start.month
    for _ in range(number if unit == "M" else 12 * number):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    try:
        return date(year, month, start.day)
    except ValueError:
        # That month is too short. December never is, so the following month lies in the same year.
        return date(year, month + 1, 1)


def age_on(patient: Json, when: date) -> int:
    """Completed years; someone born on 29 February has the birthday on 1 March in a common year."""
    born = day(patient["birth_date"])
    birthday_still_to_come = (when.month, when.day) < (born.month, born.day)
    return when.year - born.year - (1 if birthday_still_to_come else 0)


def exact(number: Any) -> Fraction:
    """The number as it is written, so that 10 times 15.5 kg is 155 U and nothing beside it."""
    return Fraction(str(number))


# Words: whose session, for what, an exposure to what


def given_on(session: Json) -> date:
    return day(session["given_on"])


def course_of(session: Json, known: Json) -> Json | None:
    """None: given elsewhere, also where the course named is none of the question's."""
    named = [c for c in known["courses"] if c["id"] == session.get("course_id")]
    return named[0] if named else None


def is_exposure(session: Json) -> bool:
    return session.get("units") is None or session["units"] > 0


def is_for(indication: str, session: Json, known: Json) -> bool:
    """A course's session is for that course's indication; an unknown one elsewhere is for every one."""
    course = course_of(session, known)
    if course is not None:
        return bool(course["indication"] == indication)
    return session.get("indication") in (indication, None)


def exposures_for(indication: str, known: Json) -> list[Json]:
    return [s for s in known["sessions"] if is_exposure(s) and is_for(indication, s, known)]


def exposures_for_others(indication: str, known: Json) -> list[Json]:
    """For any other indication; an unknown one may be another."""

    def is_known_to_be(session: Json) -> bool:
        unknown = course_of(session, known) is None and session.get("indication") is None
        return is_for(indication, session, known) and not unknown

    return [s for s in known["sessions"] if is_exposure(s) and not is_known_to_be(s)]


def exposures_to(product: str, known: Json) -> list[Json]:
    return [s for s in known["sessions"] if is_exposure(s) and s.get("product") in (product, None)]


def exposures_to_others(product: str, known: Json) -> list[Json]:
    return [s for s in known["sessions"] if is_exposure(s) and s.get("product") != product]


def longest_minimum(start: date, course: Json) -> date:
    """`start` plus the longer of the protocol's and the payer's minimum interval."""
    after = add(start, PROTOCOLS[course["indication"]]["minimum_interval"])
    if course.get("payer_minimum_interval") is None:
        return after
    return max(after, add(start, course["payer_minimum_interval"]))


# DD-8: what was given


def evaluate(course: Json, known: Json) -> list[Json]:
    """The course's own sessions, each with its evaluation."""
    satisfying_days: list[date] = []
    result = []
    for session in known["sessions"]:
        if session.get("course_id") != course["id"]:
            continue
        given = given_on(session)
        before = [given_on(s) for s in exposures_for(course["indication"], known) if given_on(s) < given]
        previous = max(before) if before else None
        earlier = [when for when in satisfying_days if when < given]
        name, days_late = evaluate_one(session, course, previous, max(earlier) if earlier else None)
        payer_too_soon = False
        if course.get("payer_minimum_interval") is not None and previous is not None and is_exposure(session):
            payer_too_soon = given < add(previous, course["payer_minimum_interval"])
        evaluation = {"id": session["id"], "evaluation": name, "days_late": days_late}
        result.append({**evaluation, "payer_too_soon": payer_too_soon})
        if satisfies(evaluation):
            satisfying_days.append(given)
    return result


def evaluate_one(
    session: Json, course: Json, previous: date | None, reference: date | None
) -> tuple[str, int]:
    """The name of the first condition that matches, and the days late."""
    protocol = PROTOCOLS[course["indication"]]
    given = given_on(session)
    lot_expires_on = session.get("lot_expires_on")
    if session["units"] == 0:
        return "not_given", 0
    if session.get("outcome") in ("partial", "aborted"):
        return "substandard", 0
    if lot_expires_on is not None and day(lot_expires_on) < given:
        return "substandard", 0
    if session["product"] != course["product"]:
        return "wrong_product", 0
    if session.get("kind") == "touch_up":
        return "touch_up", 0
    if previous is None:
        return "valid", 0
    if given < add(previous, protocol["absolute_minimum_interval"]):
        return "too_soon", 0
    if given < add(previous, protocol["minimum_interval"]):
        return "grace", 0
    if reference is None:
        return "valid", 0
    on_time = [add(reference, protocol["latest_recommended_interval"])]
    if course.get("personal_interval") is not None:
        on_time.append(add(add(reference, course["personal_interval"]), GRACE_AFTER_DUE))
    on_time.append(add(longest_minimum(previous, course), GRACE_AFTER_DUE))
    if given <= max(on_time):
        return "valid", 0
    return "late", (given - max(on_time)).days


def satisfies(evaluation: Json) -> bool:
    return evaluation["evaluation"] in ("valid", "too_soon", "grace", "late")


def satisfying_sessions(course: Json, known: Json) -> list[Json]:
    satisfying_ids = [e["id"] for e in evaluate(course, known) if satisfies(e)]
    return [s for s in known["sessions"] if s["id"] in satisfying_ids]


# DD-3: the earliest date


def planned_units(course: Json, known: Json) -> Fraction:
    if course.get("planned_units") is not None and course["planned_units"] > 0:
        return exact(course["planned_units"])
    satisfying = satisfying_sessions(course, known)
    if satisfying:
        last_day = max(given_on(s) for s in satisfying)
        return sum((exact(s["units"]) for s in satisfying if given_on(s) == last_day), Fraction(0))
    return exact(PROTOCOLS[course["indication"]]["typical_units"])


def floor_date(course: Json, known: Json) -> date:
    """The latest of DD-3a, DD-3b and started_on."""
    floors = [day(course["started_on"])]
    for session in exposures_for(course["indication"], known):
        floors.append(longest_minimum(given_on(session), course))
    others = exposures_for_others(course["indication"], known)
    if course.get("shared_minimum_interval") is not None and others:
        floors.append(add(max(given_on(s) for s in others), course["shared_minimum_interval"]))
    return max(floors)


def earliest_date(course: Json, known: Json) -> date:
    """DD-3c from the floor date on: the day after the last one on which the cap is broken."""
    floor = floor_date(course, known)
    exposures = exposures_to(course["product"], known)
    if plan_is_over_cap(course, known, floor) or not exposures:
        return floor
    planned = planned_units(course, known)
    earliest = when = floor
    while when < max(given_on(s) for s in exposures) + CAP_WINDOW:
        counting = in_window(exposures, when)
        if counting and planned + units_of(counting) > cap_on(when, known["patient"]):
            earliest = when + ONE_DAY
        when += ONE_DAY
    return earliest


def in_window(exposures: list[Json], when: date) -> list[Json]:
    """Those of the window that ends on `when`: one exactly a window earlier has rolled off."""
    return [s for s in exposures if when - CAP_WINDOW < given_on(s) <= when]


def units_of(exposures: list[Json]) -> Fraction:
    """Unknown units count nothing."""
    return sum((exact(s["units"]) for s in exposures if s.get("units") is not None), Fraction(0))


def cap_on(when: date, patient: Json) -> Fraction:
    """Units allowed in one window at the age on that day; a child without a weight has the figure for all."""
    if age_on(patient, when) >= ADULT_AGE:
        return ADULT_CAP_UNITS
    if patient.get("weight_kg") is None:
        return CHILD_CAP_UNITS
    return min(CHILD_CAP_UNITS_PER_KG * exact(patient["weight_kg"]), CHILD_CAP_UNITS)


def plan_is_over_cap(course: Json, known: Json, when: date) -> bool:
    return planned_units(course, known) > cap_on(when, known["patient"])


# DD-4 to DD-6


def later_dates(course: Json, reference: date | None, earliest: date) -> tuple[date, date, date]:
    """due_date, overdue_date and lapse_date."""
    protocol = PROTOCOLS[course["indication"]]
    if reference is None:
        start = day(course["started_on"])
        due = max(earliest, start)
        on_time = add(start, protocol["first_treatment_within"])
    else:
        start = reference
        interval = course.get("personal_interval")
        due = max(earliest, add(start, interval or protocol["earliest_recommended_interval"]))
        on_time = add(start, protocol["latest_recommended_interval"])
    overdue = max(add(due, GRACE_AFTER_DUE), on_time) + ONE_DAY
    lapse = max(overdue, add(start, protocol["lapse_interval"]) + ONE_DAY)
    return due, overdue, lapse
