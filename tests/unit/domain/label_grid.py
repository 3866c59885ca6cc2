"""Every label, at every age and plan on which it turns, and pairs without one: questions of the contract.

Chance reaches some of these seldom (strategies); here each is asked. Not here: the answers.
"""

from collections.abc import Iterator
from typing import Any

from reference_figures import BOTOX, DYSPORT, LABELS, PRODUCTS, XEOMIN
from strategy_pools import ALL_PAIRS, LONGER, product_caps, session_caps, typical_units, written

Json = dict[str, Any]
AS_OF = "2026-11-22"
GIVEN_ON = "2026-08-31"
# 84 and 112 days after that; what was given of the product on the other day counts until 2026-12-28.
BOOKED_ON = ("2026-11-23", "2026-12-21")
GIVEN_ELSEWHERE_ON = "2026-10-05"
# 84 and 112 days after the later of the two, and the day before.
NEXT_VISITS = ("2027-03-14", "2027-03-15", "2027-04-11", "2027-04-12")
# Who comes of an age of some label on the day of a treatment or of a visit, or on the day after; and who does not.
BORN_ON = (
    *("1980-05-01", "2017-05-01", "2008-08-31", "2008-09-01", "2008-11-23", "2008-11-24", "2008-12-21"),
    *("2008-12-22", "2014-12-21", "2014-12-22", "2024-11-22", "2024-12-22"),
)
# Pairs without a label differ by product alone: two indications stand for all.
PAIRS = [pair for pair in ALL_PAIRS if pair in LABELS or pair[1] in ("chronic_migraine", "sialorrhea")]
PATIENTS = [{"birth_date": born, "weight_kg": weight} for born in BORN_ON for weight in (None, 30)]


def label_grid() -> Iterator[Json]:
    for product, indication in PAIRS:
        course = {"id": "c1", "indication": indication, "product": product, "started_on": AS_OF}
        course["booked_override"] = ["late"]
        for patient in PATIENTS:
            yield from plans_of_a_new_course(course, patient)
            yield from after_a_treatment({**course, "planned_units": 1}, patient)
            if (product, indication) in LONGER:
                yield from two_visits({**course, "planned_units": 1}, patient)


def asked(patient: Json, courses: list[Json], sessions: list[Json] | None = None) -> Json:
    return {"as_of": AS_OF, "patient": patient, "courses": courses, "sessions": sessions}


def plans_of_a_new_course(course: Json, patient: Json) -> Iterator[Json]:
    """None, and each cap to the unit, and half a unit over it with a little or a lot of the product elsewhere."""
    product, weight = course["product"], patient["weight_kg"]
    elsewhere = {"id": "e1", "given_on": GIVEN_ELSEWHERE_ON, "product": product, "indication": "other"}
    caps = [*session_caps(product, course["indication"], weight), *product_caps(product, weight)]
    for number, cap in enumerate(written(dict.fromkeys(caps))):
        booked = {**course, "booked_on": BOOKED_ON[number % 2]}
        yield asked(patient, [{**booked, "planned_units": cap}])
        for units in (1, PRODUCTS[product]["child_cap"]):
            over = {**booked, "planned_units": cap + 0.5}
            yield asked(patient, [over], [{**elsewhere, "units": units}])
    leave = {"authorization_required": True, "authorizations": [{"units_left": 100}]}
    yield asked(patient, [{**course, **leave, "booked_on": BOOKED_ON[0]}])


def after_a_treatment(course: Json, patient: Json) -> Iterator[Json]:
    """Under the course, twice under it, or elsewhere: as much as the cap allows, or nobody knows how much."""
    product = course["product"]
    given = {"id": "s1", "course_id": "c1", "given_on": GIVEN_ON, "product": product}
    given["units"] = typical_units(product, course["indication"])
    yield asked(patient, [{**course, "booked_on": BOOKED_ON[0]}], [given])
    yield {
        **asked(patient, [course], [given, {**given, "id": "s2", "given_on": BOOKED_ON[0]}]),
        "as_of": BOOKED_ON[1],
    }
    elsewhere = {"id": "e1", "given_on": GIVEN_ELSEWHERE_ON, "product": product, "indication": "other"}
    for units in (PRODUCTS[product]["child_cap"], None):
        yield asked(patient, [{**course, "booked_on": BOOKED_ON[1]}], [{**elsewhere, "units": units}])


def two_visits(course: Json, patient: Json) -> Iterator[Json]:
    """Of one indication, with the same or another product, closer than one of the labels allows or just not."""
    for product in dict.fromkeys((course["product"], BOTOX, DYSPORT, XEOMIN)):
        for day in NEXT_VISITS:
            other = {**course, "id": "c2", "product": product, "booked_on": day}
            yield asked(patient, [{**course, "booked_on": BOOKED_ON[1]}, other])
