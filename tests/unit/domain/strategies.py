"""Realistic and nasty inputs of the forecast contract, as dicts: for hypothesis and from a seeded generator.

One description serves both: every decision is one pick from a finite sequence. Not here: the answers.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Json = dict[str, Any]


class Pick(Protocol):
    """Chooses one of the options; hypothesis shrinks towards the first."""

    def __call__(self, options: Sequence[T], /) -> T: ...


INDICATIONS = ("chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb")
PRODUCTS = (*("onabotulinumtoxinA",) * 5, "abobotulinumtoxinA", "incobotulinumtoxinA")
ANCHORS = tuple(
    date.fromisoformat(text)
    for text in (
        *("2026-08-31", "2026-10-31", "2026-11-30", "2025-12-31", "2026-01-29", "2026-01-30", "2026-01-31"),
        *("2023-11-29", "2023-11-30", "2023-12-31", "2024-02-29", "2024-03-31", "2027-10-31", "2027-11-29"),
        *("2028-02-29", "2027-02-28", "2027-03-01", "2025-12-06", "2025-12-07", "2026-05-31", "2026-07-15"),
    )
)
GAPS = (
    *(84, *range(77, 93), *range(77, 93), *range(118, 126)),
    *(0, 0, 1, 7, 13, 28, 42, 56, 98, 112, 154, 183, 300),
)
STARTS = (0, 0, 0, 0, 1, 14, 56, 83, 84, 85, 120)
# Days after a known date on which some answer may turn.
TURNS = (
    *(84, 83, 85, 69, 70, 71, 77, 78, 79, 86, 87, 88, 89, 90, 91, 92, 93, 98, 99, 111, 112, 113),
    *(118, 119, 120, 121, 122, 123, 124, 150, 151, 152, 153, 154, 180, 181, 182, 183, 184, 185, 186),
    *(0, 1, 14, 27, 28, 29, 30, 250, 400, -1, -14, -15, -60),
)
BOOKINGS = (84, 83, 85, 89, 90, 91, 92, 93, 97, 98, 99, 112, 119, 120, 121, 122, 123, 124, 150, 153, 154, 30)
UNITS = (*(155,) * 8, *(200, 300, 100) * 3, 0, 0, 0, 50, 1, 195, 244, 245, 246, 340, 399, 400, 401, 500)
PLANS = (*(None,) * 6, *(155, 300, 100, 200) * 2, 244, 245, 246, 340, 341, 400, 401)
WEIGHTS = (None, None, 30, 34, 40, 70, 33.9, 34.1, 20, 15.5, 15.4, 15.6, 10.1, 24.5, 8.2, 3.5)
PERSONAL = (None, None, None, "P14W", "P10W", "P12W", "P90D", "P3M", "P4M", "P5M", "P84D", "P16W")
PAYER = (None, None, None, "P84D", "P90D", "P80D", "P12W", "P13W", "P3M", "P4M", "P1M")
SHARED = (*(None,) * 8, "P84D", "P12W", "P3M", "P30D")
# What an absent key stands for: such values may be left out of the object.
NULLABLE = (
    *("weight_kg", "stopped_on", "planned_units", "personal_interval", "payer_minimum_interval", "booked_on"),
    *("shared_minimum_interval", "visits_left", "units_left", "until", "reason", "lot_expires_on"),
)
DEFAULTS: Json = {
    **dict.fromkeys(NULLABLE),
    **{"deceased": False, "authorization_required": False, "authorizations": [], "holds": []},
    **{"outcome": "complete", "kind": "cycle"},
}


def random_case(rng: random.Random) -> Json:
    """One contract input; the same state of `rng` gives the same case."""
    return build_case(rng.choice)


@st.composite
def cases(draw: st.DrawFn) -> Json:
    """Contract inputs for hypothesis."""

    def pick(options: Sequence[T], /) -> T:
        return draw(st.sampled_from(options))

    return build_case(pick)


def build_case(pick: Pick) -> Json:
    anchor = pick(ANCHORS)
    owners: list[tuple[str | None, str]] = [
        (f"c{number}", pick(PRODUCTS)) for number in range(1, pick((1, 1, 2, 2, 3)) + 1)
    ]
    given = sessions_of(pick, anchor, owners)
    given_dates = [anchor, *(date.fromisoformat(s["given_on"]) for s in given)]
    as_of = pick(given_dates) + timedelta(days=pick(TURNS))
    patient = patient_of(pick, pick([as_of, *(d for d in given_dates if d <= as_of)]))
    born = date.fromisoformat(patient["birth_date"])
    courses = []
    for course_id, product in owners:
        own = [anchor, *(date.fromisoformat(s["given_on"]) for s in given if s["course_id"] == course_id)]
        courses.append(course_of(pick, course_id, product, own, as_of, born))
    sessions = shuffled(pick, [s for s in given if date.fromisoformat(s["given_on"]) >= born])
    return {"as_of": as_of.isoformat(), "patient": patient, "courses": courses, "sessions": sessions}


def without_defaults(pick: Pick, whole: Json) -> Json:
    """The same object, some of its keys that say no more than the default left out."""
    return {
        key: value
        for key, value in whole.items()
        if key not in DEFAULTS or value != DEFAULTS[key] or pick((True, True, False))
    }


def shuffled(pick: Pick, items: list[Json]) -> list[Json]:
    rest = list(items)
    if pick((True, False)):
        return rest
    return [rest.pop(pick(range(len(rest)))) for _ in items]


def patient_of(pick: Pick, near: date) -> Json:
    """An adult, or someone whose 18th or 2nd birthday is close to `near`, or who was born on a leap day."""
    age = pick((*(46,) * 9, *(18,) * 4, 17, 8, 2, 2))
    birthday = near + timedelta(days=pick((84, 0, 83, 85, 1, 90, 91, 92, 93, 120, 122, -1, -200, 200)))
    if pick((False,) * 12 + (True,)):
        born = date(pick((2008, 2008, 2004, 2024 if age == 2 and near.year > 2024 else 2012)), 2, 29)
    else:
        born = date(birthday.year - age, birthday.month, min(birthday.day, 28 if birthday.month == 2 else 31))
    deceased = pick((False,) * 24 + (True,))
    weight = pick(WEIGHTS)
    return without_defaults(pick, {"birth_date": born.isoformat(), "weight_kg": weight, "deceased": deceased})


def sessions_of(pick: Pick, anchor: date, owners: list[tuple[str | None, str]]) -> list[Json]:
    """Up to ten sessions: each course, "elsewhere" and a course nobody knows keep their own calendar."""
    count = pick(range(11))
    places = [*owners, *owners, *owners, (None, "onabotulinumtoxinA"), ("c9", "onabotulinumtoxinA")]
    latest: dict[str | None, date] = {}
    result = []
    for number in range(count):
        course_id, product = pick(places)
        if course_id in latest:
            given_on = latest[course_id] + timedelta(days=pick(GAPS))
        else:
            given_on = anchor + timedelta(days=pick(STARTS))
        latest[course_id] = given_on
        # The leading letter makes the order of ids differ from the order of dates.
        session_id = f"{pick('sst')}{pick('ab')}{number}"
        result.append(session_of(pick, session_id, course_id, given_on, product))
    return result


def session_of(pick: Pick, session_id: str, course_id: str | None, given_on: date, product: str) -> Json:
    expiry_after = pick((*(None,) * 14, 0, -1, 1, 300))
    expires = None if expiry_after is None else (given_on + timedelta(days=expiry_after)).isoformat()
    session = {
        "id": session_id,
        "course_id": course_id,
        "given_on": given_on.isoformat(),
        "units": pick(UNITS),
        "product": product if pick((True,) * 11 + (False,)) else pick(PRODUCTS),
        "outcome": pick((*("complete",) * 16, "partial", "aborted")),
        "kind": pick((*("cycle",) * 9, "touch_up")),
        "lot_expires_on": expires,
    }
    return without_defaults(pick, session)


def course_of(
    pick: Pick, course_id: str | None, product: str, known: list[date], as_of: date, born: date
) -> Json:
    """A course whose dates turn around its own known dates and `as_of`."""
    start_after = timedelta(days=pick((0, 0, 0, -28, -7, 1, 56, 84, -183)))
    started_on = max(born, pick([known[0], *known]) + start_after)
    last = pick([known[-1], *known])
    stopped_on = max(started_on, as_of + timedelta(days=pick((0, -1, 1, -90, 60))))
    booked_on = last + timedelta(days=pick(BOOKINGS))
    course = {
        "id": course_id,
        "indication": pick(INDICATIONS),
        "product": product,
        "started_on": started_on.isoformat(),
        "stopped_on": stopped_on.isoformat() if pick((False,) * 11 + (True,)) else None,
        "planned_units": pick(PLANS),
        "personal_interval": pick(PERSONAL),
        "payer_minimum_interval": pick(PAYER),
        "shared_minimum_interval": pick(SHARED),
        "authorization_required": pick((False, True)),
        "authorizations": [authorization_of(pick, last) for _ in range(pick((0, 1, 1, 2, 3)))],
        "holds": [hold_of(pick, as_of) for _ in range(pick((*(0,) * 8, 1, 2)))],
        "booked_on": booked_on.isoformat() if pick((False, False, True)) else None,
    }
    return without_defaults(pick, course)


def authorization_of(pick: Pick, last: date) -> Json:
    """Starts or ends close to the days on which the next session may fall due."""
    length = timedelta(days=pick((364, 180, 0, 27)))
    edge = last + timedelta(days=pick(TURNS))
    starts_on = pick((edge, edge - length, last))
    authorization = {
        "starts_on": starts_on.isoformat(),
        "ends_on": (starts_on + length).isoformat(),
        "visits_left": pick((None, 0, 1, 2)),
        "units_left": pick((None, None, 0, 154, 155, 156, 200, 299, 300, 400)),
    }
    return without_defaults(pick, authorization)


def hold_of(pick: Pick, as_of: date) -> Json:
    begins = as_of + timedelta(days=pick((-30, 0, -1, 1)))
    until = begins + timedelta(days=pick((30, 29, 31, 0, 1)))
    hold = {
        "from": begins.isoformat(),
        "until": until.isoformat() if pick((False, True)) else None,
        "reason": pick(("infection", "pregnancy", "anticoagulation")),
    }
    return without_defaults(pick, hold)
