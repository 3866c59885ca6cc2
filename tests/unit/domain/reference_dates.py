"""The dates of the naive reading (DD-1 to DD-6) and what was given (DD-8); its entrance is reference_reading.

It walks day by day where the engine may calculate. Not here: the status (DD-9), any checking of the input.
"""

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Json = dict[str, Any]

ONE_DAY = timedelta(days=1)
ADULT_AGE = 18
ADULT_CAP_UNITS = 400
CHILD_CAP_UNITS = 340
CHILD_CAP_UNITS_PER_KG = 10
CAP_WINDOW = "P84D"

MIGRAINE = {
    "absolute_minimum_interval": "P78D",
    "minimum_interval": "P84D",
    "earliest_recommended_interval": "P12W",
    "latest_recommended_interval": "P13W",
    "lapse_interval": "P26W",
    "first_treatment_within": "P4W",
    "typical_units": 155,
    "youngest_age": 18,
}
SPASTICITY = {
    "absolute_minimum_interval": "P84D",
    "minimum_interval": "P84D",
    "earliest_recommended_interval": "P3M",
    "latest_recommended_interval": "P4M",
    "lapse_interval": "P6M",
    "first_treatment_within": "P4W",
    "typical_units": 300,
    "youngest_age": 2,
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
    """DD-1: `start` plus one ISO 8601 period of years, months, weeks and days; a missing day goes forward."""
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", interval)
    if match is None or interval == "P":
        raise ValueError(f"not an interval of whole days, weeks, months or years: {interval!r}")
    years, months, weeks, days = (int(number or 0) for number in match.groups())
    return add_months(start, 12 * years + months) + timedelta(weeks=weeks, days=days)


def add_months(start: date, months: int) -> date:
    year, month = start.year, start.month
    for _ in range(months):
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


def is_exposure(session: Json) -> bool:
    return bool(session["units"] > 0)


# DD-8: what was given


def evaluate(course: Json, own: list[Json]) -> list[Json]:
    """The course's own sessions, already in order of date and id, each with its evaluation."""
    protocol = PROTOCOLS[course["indication"]]
    payer_interval = course.get("payer_minimum_interval")
    previous_exposure: date | None = None
    reference: date | None = None
    result = []
    for session in own:
        given = day(session["given_on"])
        name, days_late = evaluate_one(session, course, protocol, previous_exposure, reference)
        payer_too_soon = False
        if payer_interval is not None and previous_exposure is not None:
            payer_too_soon = given < add(previous_exposure, payer_interval)
        evaluation = {"id": session["id"], "evaluation": name, "days_late": days_late}
        result.append({**evaluation, "payer_too_soon": payer_too_soon})
        if is_exposure(session):
            previous_exposure = given
        if satisfies(evaluation):
            reference = given
    return result


def evaluate_one(
    session: Json, course: Json, protocol: Json, previous_exposure: date | None, reference: date | None
) -> tuple[str, int]:
    """The name of the first condition that matches, and the days late."""
    given = day(session["given_on"])
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
    if previous_exposure is None:
        return "valid", 0
    if given < add(previous_exposure, protocol["absolute_minimum_interval"]):
        return "too_soon", 0
    if given < add(previous_exposure, protocol["minimum_interval"]):
        return "grace", 0
    if reference is None:
        return "valid", 0
    last_day_on_time = add(reference, protocol["latest_recommended_interval"])
    if given <= last_day_on_time:
        return "valid", 0
    return "late", (given - last_day_on_time).days


def satisfies(evaluation: Json) -> bool:
    return evaluation["evaluation"] in ("valid", "too_soon", "grace", "late")


# DD-3: the earliest date


def planned_units(course: Json, satisfying: list[Json]) -> Any:
    if course.get("planned_units") is not None:
        return course["planned_units"]
    if satisfying:
        return satisfying[-1]["units"]
    return PROTOCOLS[course["indication"]]["typical_units"]


def floor_before_cap(course: Json, own: list[Json], sessions: list[Json]) -> date:
    """The latest of DD-3a, DD-3b and, where nothing was given yet, started_on."""
    floors = []
    own_exposures = [day(s["given_on"]) for s in own if is_exposure(s)]
    if own_exposures:
        course_exposure = max(own_exposures)
        floors.append(add(course_exposure, PROTOCOLS[course["indication"]]["minimum_interval"]))
        if course.get("payer_minimum_interval") is not None:
            floors.append(add(course_exposure, course["payer_minimum_interval"]))
    else:
        floors.append(day(course["started_on"]))

    outside = [s for s in sessions if s.get("course_id") != course["id"] and is_exposure(s)]
    if course.get("shared_minimum_interval") is not None and outside:
        latest_outside = max(day(s["given_on"]) for s in outside)
        floors.append(add(latest_outside, course["shared_minimum_interval"]))
    return max(floors)


def apply_cap(
    floor: date, course: Json, patient: Json, sessions: list[Json], planned: Any
) -> tuple[date, bool]:
    """DD-3c: the earliest date from `floor` on, and whether the plan alone is over the cap on `floor`."""
    cap = cap_on(floor, patient)
    if cap is None:
        return floor, False
    if exact(planned) > cap:
        return floor, True
    when = floor
    while not fits_cap(when, course, patient, sessions, planned):
        when += ONE_DAY
    return when, False


def fits_cap(when: date, course: Json, patient: Json, sessions: list[Json], planned: Any) -> bool:
    cap = cap_on(when, patient)
    if cap is None:
        return True
    total = exact(planned)
    for session in sessions:
        given = day(session["given_on"])
        in_window = given <= when < add(given, CAP_WINDOW)
        if in_window and session["product"] == course["product"]:
            total += exact(session["units"])
    return total <= cap


def cap_on(when: date, patient: Json) -> Fraction | None:
    """Units allowed in one window at the age on that day; None for a child without a weight."""
    if age_on(patient, when) >= ADULT_AGE:
        return Fraction(ADULT_CAP_UNITS)
    if patient.get("weight_kg") is None:
        return None
    return min(CHILD_CAP_UNITS_PER_KG * exact(patient["weight_kg"]), Fraction(CHILD_CAP_UNITS))


def exact(number: Any) -> Fraction:
    """The number as it is written, so that 10 times 15.5 kg is 155 U and nothing beside it."""
    return Fraction(str(number))


# DD-4 to DD-6


def later_dates(course: Json, reference: date | None, earliest: date) -> tuple[date, date, date]:
    """due_date, overdue_date and lapse_date."""
    protocol = PROTOCOLS[course["indication"]]
    if reference is None:
        started = day(course["started_on"])
        due = max(earliest, started)
        overdue = max(due, add(started, protocol["first_treatment_within"])) + ONE_DAY
        lapse = max(overdue, add(started, protocol["lapse_interval"]) + ONE_DAY)
        return due, overdue, lapse
    interval = course.get("personal_interval")
    if interval is None:
        interval = protocol["earliest_recommended_interval"]
    due = max(earliest, add(reference, interval))
    overdue = max(due, add(reference, protocol["latest_recommended_interval"])) + ONE_DAY
    lapse = max(overdue, add(reference, protocol["lapse_interval"]) + ONE_DAY)
    return due, overdue, lapse
