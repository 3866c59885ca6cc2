"""The courses of the strategies' cases: plans, booked days, authorizations and more. Not here: the rest of a case."""

from datetime import date, timedelta

from strategy_pools import TURNS, Json, Pick, lapse_days, plans, turning_days, typical_units, without_defaults

BOOKINGS = (
    *(84, 83, 84, 85, 86, 89, 90, 91, 92, 92, 92, 93, 97, 98, 99, 112, 119, 120, 121, 122, 123, 124),
    *(150, 153, 154, 30),
)
# Days between two courses' booked days: a window of the cap, and a minimum interval, is 84; a label's may be 112.
APART = (0, 84, 1, 2, 42, 83, 85, -1, -42, -83, -84, -85, 168, 98, -98, 111, 112, 113, -111, -112)
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


def plan_of(pick: Pick, owner: Json, patient: Json, given: list[Json], courses: list[Json]) -> float | None:
    """None, or beside a cap of its product or label, or of what was given or is planned of the product."""
    product = owner["product"]
    others = [s.get("units") for s in given if s.get("product") in (product, None)]
    others += [c.get("planned_units") for c in courses if c["product"] == product]
    counted = [units for units in others if units]
    return pick(pick(plans(product, owner["indication"], patient.get("weight_kg"), counted)))


def course_of(
    pick: Pick, owner: Json, known: list[date], as_of: date, born: date, booked: list[date]
) -> Json:
    """A course whose dates turn around its own known dates, `as_of`, a birthday and the days already `booked`."""
    start_after = timedelta(days=pick((0, 0, 0, -28, -7, 1, 56, 84, -183)))
    birthdays = birthdays_near(as_of, born)
    started_on = max(born, pick([known[0], *known, as_of, *birthdays]) + start_after)
    last = pick([known[-1], *known])
    stopped_on = max(started_on, as_of + timedelta(days=pick((0, -1, 1, -90, 60))))
    booked_on = booked_day_of(pick, owner, last, as_of, [*booked, *birthdays])
    booked += [booked_on] if booked_on else []
    turning = [as_of, booked_on or as_of]
    enough = owner["planned_units"] or typical_units(owner["product"], owner["indication"])
    leaves = [authorization_of(pick, last, turning, enough) for _ in range(pick((0, 1, 1, 2, 3)))]
    course = {
        **owner,
        "started_on": started_on.isoformat(),
        "stopped_on": stopped_on.isoformat() if pick((False,) * 8 + (True,)) else None,
        "personal_interval": pick(PERSONAL),
        "payer_minimum_interval": pick(PAYER),
        "shared_minimum_interval": pick(SHARED),
        "authorization_required": pick((False, False, True)),
        "authorizations": leaves,
        "holds": [hold_of(pick, turning) for _ in range(pick((*(0,) * 10, 1, 2)))],
        "booked_on": booked_on.isoformat() if booked_on else None,
        "booked_override": overrides_of(pick),
        "consulted_on": consulted_day_of(pick, owner, last, turning),
        "decisions": [decision_of(pick, turning) for _ in range(pick((0, 0, 0, 1, 2)))],
    }
    return without_defaults(pick, course)


def birthdays_near(as_of: date, born: date) -> list[date]:
    """From which a label or a cap is another, where it comes within half a year."""
    ages = [age for age in (18, 12, 2) if abs(born.year + age - as_of.year) <= 1]
    # Whoever was born on 29 February is a year older on 1 March.
    leap = (born.month, born.day) == (2, 29)
    birthdays = [date(born.year + age, 3, 1) if leap else born.replace(year=born.year + age) for age in ages]
    return [each for each in birthdays if abs((each - as_of).days) <= 183]


def booked_day_of(pick: Pick, owner: Json, last: date, as_of: date, others: list[date]) -> date | None:
    """Around the next cycle, around `as_of`, or so far from one of the `others` that they may be too close."""
    if pick((False, False, True)):
        return None
    due = last + timedelta(days=pick((*BOOKINGS, *turning_days(owner["indication"]))))
    soon = as_of + timedelta(days=pick((1, 0, -1, 7, 14, 28, 56, 84, 85, 88, 92, 100, 120, 150, -30)))
    apart = [each + timedelta(days=pick(APART)) for each in others]
    return pick([max(due, as_of), due, soon, *apart, *apart])


def overrides_of(pick: Pick) -> list[str]:
    """None, a few, or nearly every name: only then does one clause behind the others decide."""
    if pick((False,) * 5 + (True,)):
        return [name for name in dict.fromkeys(OVERRIDES) if pick((True,) * 5 + (False,))]
    return [pick(OVERRIDES) for _ in range(pick((0, 0, 0, 1, 3)))]


def consulted_day_of(pick: Pick, owner: Json, last: date, turning: list[date]) -> str | None:
    """Around the day on which the course lapses, or around `as_of` or the booked day."""
    lapsed = last + timedelta(days=pick(lapse_days(owner["indication"])))
    recent = pick(turning) + timedelta(days=pick((0, -1, 1, -14)))
    return pick((None, None, lapsed.isoformat(), recent.isoformat(), recent.isoformat()))


def decision_of(pick: Pick, turning: list[date]) -> Json:
    until = pick(turning) + timedelta(days=pick((0, 30, -1, 1, -30, 120)))
    return {"block": pick(DECIDED), "until": until.isoformat()}


def authorization_of(pick: Pick, last: date, turning: list[date], enough: float) -> Json:
    """Starts or ends close to the days on which the next session may fall due or is booked; a side may be open."""
    length = timedelta(days=pick((364, 180, 0, 27)))
    edge = pick((last + timedelta(days=pick(TURNS)), *turning))
    starts_on = pick((edge, edge - length, last))
    authorization = {
        "starts_on": pick((*(starts_on.isoformat(),) * 6, None)),
        "ends_on": pick((*((starts_on + length).isoformat(),) * 6, None)),
        "visits_left": pick((None, 0, 1, 2)),
        "units_left": pick((None, None, 0, *(enough, max(enough - 1, 0)) * 3, enough + 1)),
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
