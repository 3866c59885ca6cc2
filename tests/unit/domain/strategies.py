"""Realistic and nasty inputs of the forecast contract, as dicts: for hypothesis and from a seeded generator.

One description serves both: every decision is one pick from a finite sequence. Not here: the answers, the
courses (strategy_courses), the numbers that go by product, indication or weight (strategy_pools).
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st
from reference_figures import INDICATIONS, PRODUCTS
from strategy_courses import course_of, hold_of, plan_of
from strategy_pools import (
    ALL_PAIRS,
    LABELLED,
    LONGER,
    TURNS,
    UNITS,
    WEIGHTS,
    Json,
    Pick,
    T,
    day,
    turning_days,
    without_defaults,
)

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
    *(0, 0, 0, 1, 7, 13, 28, 42, 56, 97, 98, 99, 111, 112, 112, 113, 154, 183, 300),
)
STARTS = (0, 0, 0, 0, 1, 14, 56, 83, 84, 85, 120)


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
    as_of = pick(given_dates) + timedelta(days=pick((*TURNS, *turning_days(pick(owners)["indication"]))))
    patient = patient_of(pick, pick([as_of, as_of, as_of, *(d for d in given_dates if d <= as_of)]), as_of)
    born = day(patient["birth_date"])
    booked: list[date] = []
    courses: list[Json] = []
    for owner in owners:
        own = [anchor, *(day(s["given_on"]) for s in given if s.get("course_id") == owner["id"])]
        planned = {**owner, "planned_units": plan_of(pick, owner, patient, given, courses)}
        courses.append(course_of(pick, planned, own, as_of, born, booked))
    sessions = shuffled(pick, [s for s in given if day(s["given_on"]) >= born])
    return {"as_of": as_of.isoformat(), "patient": patient, "courses": courses, "sessions": sessions}


def shuffled(pick: Pick, items: list[Json]) -> list[Json]:
    rest = list(items)
    if pick((True, False)):
        return rest
    return [rest.pop(pick(range(len(rest)))) for _ in items]


def owners_of(pick: Pick) -> list[Json]:
    """Up to four courses, each with its product; they often share product or indication with one before them."""
    owners: list[Json] = []
    pools = pick((*((LABELLED, LABELLED, ALL_PAIRS),) * 4, (LONGER,)))
    for number in range(1, pick((1, 1, 2, 2, 2, 3, 3, 4)) + 1):
        product, indication = pick(pick(pools))
        before = pick((None, *owners))
        if before is not None:
            shared = pick(
                (("product",), ("product",), ("indication",), ("indication",), ("product", "indication"), ())
            )
            product = before["product"] if "product" in shared else product
            indication = before["indication"] if "indication" in shared else indication
        owners.append({"id": f"c{number}", "indication": indication, "product": product})
    return owners


def patient_of(pick: Pick, near: date, as_of: date) -> Json:
    """An adult, or someone whose 18th, 12th or 2nd birthday is close to `near`, or who was born on a leap day."""
    age = pick((*(46,) * 9, *(18,) * 6, *(12, 2) * 2, *(9, 17, 14, 8)))
    birthday = near + timedelta(
        days=pick((84, 0, 83, 85, 1, 14, 28, 56, 56, 90, 91, 92, 93, 100, 111, 112, 120, 122, -1, -200, 200))
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
            gaps = (*GAPS, *turning_days(owner.get("indication")))
            given_on = latest[owner["id"]] + timedelta(days=pick(gaps))
        else:
            given_on = anchor + timedelta(days=pick(STARTS))
        latest[owner["id"]] = given_on
        # The leading letter makes the order of ids differ from the order of dates.
        session_id = f"{pick('sst')}{pick('ab')}{number}"
        result.append(session_of(pick, session_id, owner, given_on, owners))
    return result


def session_of(pick: Pick, session_id: str, owner: Json, given_on: date, owners: list[Json]) -> Json:
    """Under a course, its own `indication` is a word that must be ignored; only elsewhere may things be unknown."""
    expiry_after = pick((*(None,) * 14, 0, -1, 1, 300))
    own = [owner] * 16 if "product" in owner else owners * 2
    product = pick((*(each["product"] for each in own), *PRODUCTS))
    session = {
        "id": session_id,
        "course_id": owner["id"],
        "given_on": given_on.isoformat(),
        "units": pick(UNITS[product]),
        "product": product,
        "outcome": pick((*("complete",) * 16, "partial", "aborted")),
        "kind": pick((*("cycle",) * 9, "touch_up")),
        "lot_expires_on": (given_on + timedelta(days=expiry_after)).isoformat()
        if expiry_after is not None
        else None,
        "indication": pick(
            (*(each["indication"] for each in owners * 2), *INDICATIONS, *("other", None) * 3)
        ),
    }
    if "product" not in owner:
        session["units"] = pick((session["units"], None))
        session["product"] = pick((product, product, None))
    else:
        session["indication"] = pick((*(None,) * 5, session["indication"]))
    return without_defaults(pick, session)
