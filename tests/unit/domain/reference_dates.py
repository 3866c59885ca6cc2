"""The dates of the naive reading (DD-1 to DD-6) and what was given (DD-8); its entrance is reference_reading.

Every function takes the contract's own objects: `known` is the whole question, its sessions already in order and
none of them after as_of. Not here: units and caps with the earliest date that follows from them (reference_doses), the
status (DD-9), booked days (reference_visits), any checking of the input.
"""

import re
from datetime import date, timedelta
from typing import Any

from reference_figures import GRACE_AFTER_DUE, INDICATIONS, label_for

Json = dict[str, Any]

ONE_DAY = timedelta(days=1)


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


# Minimum intervals, each counted from `start`


def label_minimum(start: date, course: Json, patient: Json) -> date:
    """`start` plus the label's longer minimum at the age on that day; `start` itself where it has none."""
    label = label_for(course["product"], course["indication"])
    if label["longer_minimum"] is None:
        return start
    if label["longer_under"] is not None and age_on(patient, start) >= label["longer_under"]:
        return start
    return add(start, label["longer_minimum"])


def absolute_minimum(start: date, course: Json, patient: Json) -> date:
    protocol = INDICATIONS[course["indication"]]
    return max(add(start, protocol["absolute_minimum"]), label_minimum(start, course, patient))


def minimum(start: date, course: Json, patient: Json) -> date:
    protocol = INDICATIONS[course["indication"]]
    return max(add(start, protocol["minimum"]), label_minimum(start, course, patient))


def minimum_with_payer(start: date, course: Json, patient: Json) -> date:
    after = minimum(start, course, patient)
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
        reference = max(earlier) if earlier else None
        name, days_late = evaluate_one(session, course, known["patient"], previous, reference)
        payer_too_soon = False
        if course.get("payer_minimum_interval") is not None and previous is not None and is_exposure(session):
            payer_too_soon = given < add(previous, course["payer_minimum_interval"])
        evaluation = {"id": session["id"], "evaluation": name, "days_late": days_late}
        result.append({**evaluation, "payer_too_soon": payer_too_soon})
        if satisfies(evaluation):
            satisfying_days.append(given)
    return result


def evaluate_one(
    session: Json, course: Json, patient: Json, previous: date | None, reference: date | None
) -> tuple[str, int]:
    """The name of the first condition that matches, and the days late."""
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
    return _by_distance(given, course, patient, previous, reference)


def _by_distance(
    given: date, course: Json, patient: Json, previous: date | None, reference: date | None
) -> tuple[str, int]:
    if previous is None:
        return "valid", 0
    if given < absolute_minimum(previous, course, patient):
        return "too_soon", 0
    if given < minimum(previous, course, patient):
        return "grace", 0
    if reference is None:
        return "valid", 0
    on_time = [add(reference, INDICATIONS[course["indication"]]["on_time"])]
    if course.get("personal_interval") is not None:
        on_time.append(add(add(reference, course["personal_interval"]), GRACE_AFTER_DUE))
    on_time.append(add(minimum_with_payer(previous, course, patient), GRACE_AFTER_DUE))
    if given <= max(on_time):
        return "valid", 0
    return "late", (given - max(on_time)).days


def satisfies(evaluation: Json) -> bool:
    return evaluation["evaluation"] in ("valid", "too_soon", "grace", "late")


def satisfying_sessions(course: Json, known: Json) -> list[Json]:
    satisfying_ids = [e["id"] for e in evaluate(course, known) if satisfies(e)]
    return [s for s in known["sessions"] if s["id"] in satisfying_ids]


# DD-3a, DD-3b


def floor_date(course: Json, known: Json) -> date:
    """The latest of DD-3a, DD-3b and started_on."""
    floors = [day(course["started_on"])]
    for session in exposures_for(course["indication"], known):
        floors.append(minimum_with_payer(given_on(session), course, known["patient"]))
    others = exposures_for_others(course["indication"], known)
    if course.get("shared_minimum_interval") is not None and others:
        floors.append(add(max(given_on(s) for s in others), course["shared_minimum_interval"]))
    return max(floors)


# DD-4 to DD-6


def later_dates(course: Json, reference: date | None, earliest: date) -> tuple[date, date, date]:
    """due_date, overdue_date and lapse_date."""
    protocol = INDICATIONS[course["indication"]]
    if reference is None:
        start = day(course["started_on"])
        due = max(earliest, start)
        on_time = add(start, protocol["first_within"])
    else:
        start = reference
        interval = course.get("personal_interval")
        due = max(earliest, add(start, interval or protocol["due_from"]))
        on_time = add(start, protocol["on_time"])
    overdue = max(add(due, GRACE_AFTER_DUE), on_time) + ONE_DAY
    lapse = max(overdue, add(start, protocol["lapse"]) + ONE_DAY)
    return due, overdue, lapse
