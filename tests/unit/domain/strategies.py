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
# What a session given elsewhere was for, where none of its patient's indications is repeated.
ELSEWHERE_FOR = (*INDICATIONS, "cervical_dystonia", "cervical_dystonia", "other", "other", None, None)
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
    *(0, 0, 0, 1, 7, 13, 28, 42, 56, 97, 98, 99, 112, 154, 183, 300),
)
STARTS = (0, 0, 0, 0, 1, 14, 56, 83, 84, 85, 120)
# Days after a known date on which some answer may turn.
TURNS = (
    *(84, 83, 85, 69, 70, 71, 77, 78, 79, 86, 87, 88, 89, 90, 91, 92, 93, 98, 99, 105, 106, 111, 112, 113),
    *(118, 119, 120, 121, 122, 123, 124, 150, 151, 152, 153, 154, 180, 181, 182, 183, 184, 185, 186),
    *(0, 1, 14, 27, 28, 29, 30, 250, 400, -1, -14, -15, -60),
)
BOOKINGS = (
    *(84, 83, 84, 85, 86, 89, 90, 91, 92, 92, 92, 93, 97, 98, 99, 112, 119, 120, 121, 122, 123, 124),
    *(150, 153, 154, 30),
)
# Days between two courses' booked days: a window of the cap, and a minimum interval, is 84.
APART = (0, 84, 1, 2, 42, 83, 85, -1, -42, -83, -84, -85, 168)
UNITS = (*(155,) * 8, *(200, 300, 100) * 3, 0, 0, 0, 50, 1, 195, 244, 245, 246, 340, 399, 400, 401, 500)
PLANS = (*(None,) * 6, *(155, 300, 100, 200, 195) * 2, 0, 0, 244, 245, 246, 340, 341, 400, 401, 155.5)
WEIGHTS = (*(None,) * 6, *(30, 34, 40, 70) * 2, 33.9, 34.1, 20, 15.5, 15.4, 15.6, 10.1, 24.5, 8.2, 3.5)
# Some are longer than the protocol's: one goes past the last on-time day, one past the lapse.
PERSONAL = (
    *(None,) * 8,
    *("P14W", "P10W", "P12W", "P13W", "P90D", "P3M", "P4M", "P5M", "P84D", "P16W", "P20W", "P7M", "P1Y"),
)
PAYER = (None, None, None, "P84D", "P90D", "P80D", "P12W", "P13W", "P14W", "P3M", "P4M", "P1M")
SHARED = (*(None,) * 8, "P84D", "P12W", "P3M", "P30D")
BLOCKS = (
    *("on_hold", "consultation_needed", "cap_exceeded", "cap_unknown", "weight_missing", "plan_missing"),
    *("age_not_covered", "other_toxin_review"),
)
# No names that anybody may override or decide by.
NONSENSE = ("past", "blocked", "none", "ok", "authorization_missing", "authorization_exhausted", "x")
OVERRIDES = (*("too_early", "over_cap", "late", "outside_authorization") * 2, *BLOCKS, *NONSENSE)
DECIDED = (*("cap_exceeded", "cap_unknown", "age_not_covered", "other_toxin_review") * 4, *BLOCKS, *NONSENSE)
# What an absent key stands for: such values may be left out of the object.
NULLABLE = (
    *("weight_kg", "stopped_on", "planned_units", "personal_interval", "payer_minimum_interval", "booked_on"),
    *("shared_minimum_interval", "visits_left", "units_left", "starts_on", "ends_on", "until", "reason"),
    *("consulted_on", "lot_expires_on", "indication", "course_id", "units", "product"),
)
DEFAULTS: Json = {
    **dict.fromkeys(NULLABLE),
    **{"deceased": False, "authorization_required": False, "authorizations": [], "holds": []},
    **{"outcome": "complete", "kind": "cycle", "booked_override": [], "decisions": []},
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
    owners = owners_of(pick)
    given = sessions_of(pick, anchor, owners)
    given_dates = [anchor, *(day(s["given_on"]) for s in given)]
    as_of = pick(given_dates) + timedelta(days=pick(TURNS))
    patient = patient_of(pick, pick([as_of, as_of, as_of, *(d for d in given_dates if d <= as_of)]), as_of)
    born = day(patient["birth_date"])
    booked: list[date] = []
    courses = []
    for owner in owners:
        own = [anchor, *(day(s["given_on"]) for s in given if s.get("course_id") == owner["id"])]
        courses.append(course_of(pick, owner, own, as_of, born, booked))
    sessions = shuffled(pick, [s for s in given if day(s["given_on"]) >= born])
    return {"as_of": as_of.isoformat(), "patient": patient, "courses": courses, "sessions": sessions}


def day(text: str) -> date:
    return date.fromisoformat(text)


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


def owners_of(pick: Pick) -> list[Json]:
    """Up to four courses, each with its product; two are often of one indication."""
    products = pick((PRODUCTS[:1], PRODUCTS[:1], PRODUCTS))
    owners: list[Json] = []
    for number in range(1, pick((1, 1, 2, 2, 2, 3, 3, 4)) + 1):
        repeated = tuple(owner["indication"] for owner in owners)
        owner = {"id": f"c{number}", "indication": pick((*INDICATIONS, *repeated)), "product": pick(products)}
        owners.append(owner)
    return owners


def patient_of(pick: Pick, near: date, as_of: date) -> Json:
    """An adult, or someone whose 18th or 2nd birthday is close to `near`, or who was born on a leap day."""
    age = pick((*(46,) * 8, *(18,) * 6, 17, 8, 2, 2))
    birthday = near + timedelta(
        days=pick((84, 0, 83, 85, 1, 14, 28, 56, 56, 90, 91, 92, 93, 100, 120, 122, -1, -200, 200))
    )
    if pick((False,) * 12 + (True,)):
        born = date(pick((2008, 2008, 2004, 2024 if age == 2 and near.year > 2024 else 2012)), 2, 29)
    else:
        born = date(birthday.year - age, birthday.month, min(birthday.day, 28 if birthday.month == 2 else 31))
    patient = {
        "birth_date": born.isoformat(),
        "weight_kg": pick(WEIGHTS),
        "deceased": pick((False,) * 24 + (True,)),
        "holds": [
            hold_of(pick, [as_of, as_of + timedelta(days=30)]) for _ in range(pick((*(0,) * 14, 1, 2)))
        ],
    }
    return without_defaults(pick, patient)


def sessions_of(pick: Pick, anchor: date, owners: list[Json]) -> list[Json]:
    """Up to ten sessions: each course, "elsewhere" and a course nobody knows keep their own calendar.

    A session may also fall on the day of the one before it, whoever gave that.
    """
    count = pick(pick((range(3), range(11), range(11))))
    places = [*owners, *owners, *owners, {"id": None}, {"id": None}, {"id": "c9"}]
    latest: dict[str | None, date] = {}
    result: list[Json] = []
    for number in range(count):
        owner = pick(places)
        if result and pick((False,) * 9 + (True,)):
            given_on = day(result[-1]["given_on"])
        elif owner["id"] in latest:
            given_on = latest[owner["id"]] + timedelta(days=pick(GAPS))
        else:
            given_on = anchor + timedelta(days=pick(STARTS))
        latest[owner["id"]] = given_on
        # The leading letter makes the order of ids differ from the order of dates.
        session_id = f"{pick('sst')}{pick('ab')}{number}"
        result.append(session_of(pick, session_id, owner, given_on))
    return result


def session_of(pick: Pick, session_id: str, owner: Json, given_on: date) -> Json:
    """Under a course, its own `indication` is a word that must be ignored; only elsewhere may things be unknown."""
    expiry_after = pick((*(None,) * 14, 0, -1, 1, 300))
    session = {
        "id": session_id,
        "course_id": owner["id"],
        "given_on": given_on.isoformat(),
        "units": pick(UNITS),
        "product": pick(PRODUCTS),
        "outcome": pick((*("complete",) * 16, "partial", "aborted")),
        "kind": pick((*("cycle",) * 9, "touch_up")),
        "lot_expires_on": (given_on + timedelta(days=expiry_after)).isoformat()
        if expiry_after is not None
        else None,
        "indication": pick(ELSEWHERE_FOR),
    }
    if "product" not in owner:
        session["units"] = pick((session["units"], None))
        session["product"] = pick((PRODUCTS[0], session["product"], None))
    else:
        session["product"] = pick((*(owner["product"],) * 11, session["product"]))
        session["indication"] = pick((*(None,) * 5, session["indication"]))
    return without_defaults(pick, session)


def course_of(
    pick: Pick, owner: Json, known: list[date], as_of: date, born: date, booked: list[date]
) -> Json:
    """A course whose dates turn around its own known dates, `as_of` and the days already `booked`."""
    start_after = timedelta(days=pick((0, 0, 0, -28, -7, 1, 56, 84, -183)))
    started_on = max(born, pick([known[0], *known, as_of]) + start_after)
    last = pick([known[-1], *known])
    stopped_on = max(started_on, as_of + timedelta(days=pick((0, -1, 1, -90, 60))))
    booked_on = booked_day_of(pick, last, as_of, booked)
    turning = [as_of, booked_on or as_of]
    course = {
        **owner,
        "started_on": started_on.isoformat(),
        "stopped_on": stopped_on.isoformat() if pick((False,) * 8 + (True,)) else None,
        "planned_units": pick(PLANS),
        "personal_interval": pick(PERSONAL),
        "payer_minimum_interval": pick(PAYER),
        "shared_minimum_interval": pick(SHARED),
        "authorization_required": pick((False, False, True)),
        "authorizations": [authorization_of(pick, last, turning) for _ in range(pick((0, 1, 1, 2, 3)))],
        "holds": [hold_of(pick, turning) for _ in range(pick((*(0,) * 10, 1, 2)))],
        "booked_on": booked_on.isoformat() if booked_on else None,
        "booked_override": overrides_of(pick),
        "consulted_on": consulted_day_of(pick, last, turning),
        "decisions": [decision_of(pick, turning) for _ in range(pick((0, 0, 0, 1, 2)))],
    }
    return without_defaults(pick, course)


def booked_day_of(pick: Pick, last: date, as_of: date, booked: list[date]) -> date | None:
    """Around the next cycle, around `as_of`, or so far from a day booked before that they may be too close."""
    if pick((False, False, True)):
        return None
    due = last + timedelta(days=pick(BOOKINGS))
    soon = as_of + timedelta(days=pick((1, 0, -1, 7, 14, 28, 56, 84, 85, 88, 92, 100, 120, 150, -30)))
    apart = [each + timedelta(days=pick(APART)) for each in booked]
    booked_on = pick([max(due, as_of), due, soon, *apart, *apart])
    booked.append(booked_on)
    return booked_on


def overrides_of(pick: Pick) -> list[str]:
    """None, a few, or nearly every name: only then does one clause behind the others decide."""
    if pick((False,) * 5 + (True,)):
        return [name for name in dict.fromkeys(OVERRIDES) if pick((True,) * 5 + (False,))]
    return [pick(OVERRIDES) for _ in range(pick((0, 0, 0, 1, 3)))]


def consulted_day_of(pick: Pick, last: date, turning: list[date]) -> str | None:
    """Around the day on which the course lapses, or around `as_of` or the booked day."""
    lapsed = last + timedelta(days=pick((183, 182, 181, 184, 185, 186)))
    recent = pick(turning) + timedelta(days=pick((0, -1, 1, -14)))
    return pick((None, None, lapsed.isoformat(), recent.isoformat(), recent.isoformat()))


def decision_of(pick: Pick, turning: list[date]) -> Json:
    until = pick(turning) + timedelta(days=pick((0, 30, -1, 1, -30, 120)))
    return {"block": pick(DECIDED), "until": until.isoformat()}


def authorization_of(pick: Pick, last: date, turning: list[date]) -> Json:
    """Starts or ends close to the days on which the next session may fall due or is booked; a side may be open."""
    length = timedelta(days=pick((364, 180, 0, 27)))
    edge = pick((last + timedelta(days=pick(TURNS)), *turning))
    starts_on = pick((edge, edge - length, last))
    authorization = {
        "starts_on": pick((*(starts_on.isoformat(),) * 6, None)),
        "ends_on": pick((*((starts_on + length).isoformat(),) * 6, None)),
        "visits_left": pick((None, 0, 1, 2)),
        "units_left": pick((None, None, 0, 154, 155, 156, 200, 299, 300, 400)),
    }
    return without_defaults(pick, authorization)


def hold_of(pick: Pick, turning: list[date]) -> Json:
    begins = pick(turning) + timedelta(days=pick((-30, 0, -1, 1)))
    until = begins + timedelta(days=pick((30, 29, 31, 0, 1)))
    hold = {
        "from": begins.isoformat(),
        "until": until.isoformat() if pick((False, True)) else None,
        "reason": pick(("infection", "pregnancy", "anticoagulation")),
    }
    return without_defaults(pick, hold)
