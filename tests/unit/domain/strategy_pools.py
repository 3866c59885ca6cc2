"""What the strategies pick with, and from where it goes by product, indication or weight: both sides of each figure.

The figures are those of the naive reading. Not here: what a case is made of (strategies, strategy_courses).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, Protocol, TypeVar

from reference_figures import (
    BOTOX,
    DAXXIFY,
    DYSPORT,
    INDICATIONS,
    LABELS,
    MYOBLOC,
    PRODUCTS,
    XEOMIN,
    label_for,
)

T = TypeVar("T")
Json = dict[str, Any]


class Pick(Protocol):
    """Chooses one of the options; hypothesis shrinks towards the first."""

    def __call__(self, options: Sequence[T], /) -> T: ...


# Where one label asks for a longer minimum than the others of the same indication.
LONGER = tuple(
    pair for pair in LABELS if any(LABELS[other]["longer_minimum"] for other in LABELS if other[1] == pair[1])
)
# Migraine alone may be a little early, and the limbs have most figures.
OFTEN = (*((BOTOX, "chronic_migraine"),) * 5, *(pair for pair in LABELS if "limb" in pair[1]))
LABELLED = (*OFTEN, *LABELS)
ALL_PAIRS = tuple((product, indication) for product in PRODUCTS for indication in INDICATIONS)
UNITS = {
    BOTOX: (
        *(*(155,) * 8, *(200, 300, 100) * 3, 0, 0, 0, 50, 1),
        *(195, 244, 245, 246, 340, 399, 400, 401, 500),
    ),
    DYSPORT: (*(500,) * 5, *(480, 1000, 300) * 2, 0, 1, 250, 481, 640, 641, 900, 1001, 1499, 1500, 1501),
    XEOMIN: (*(100, 75, 120, 300) * 3, 0, 1, 50, 76, 101, 200, 399, 400, 401),
    MYOBLOC: (*(2500, 5000) * 3, 0, 1, 3500, 3501, 10000, 10001),
    DAXXIFY: (*(125, 250) * 3, 0, 1, 251),
}
# Where a figure in U per kg meets the other one: 25, 33.3, 34, 37.5 and 40 kg; 15.5 is no whole number of units.
WEIGHTS = (
    *(None,) * 7,
    *(30, 34, 40, 70) * 2,
    *(33.9, 34.1, 20, 15.5, 15.4, 15.6, 10.1, 24.5, 8.2, 3.5, 25, 33.3, 37.5, 60),
)
# Days after a known date on which some answer may turn.
TURNS = (
    *(84, 83, 85, 69, 70, 71, 77, 78, 79, 86, 87, 88, 89, 90, 91, 92, 93, 98, 99, 105, 106, 111, 112, 113),
    *(118, 119, 120, 121, 122, 123, 124, 150, 151, 152, 153, 154, 180, 181, 182, 183, 184, 185, 186),
    *(0, 1, 14, 27, 28, 29, 30, 250, 400, -1, -14, -15, -60),
)
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


def day(text: str) -> date:
    return date.fromisoformat(text)


def without_defaults(pick: Pick, whole: Json) -> Json:
    """The same object, some of its keys that say no more than the default left out."""
    return {
        key: value
        for key, value in whole.items()
        if key not in DEFAULTS or value != DEFAULTS[key] or pick((True, True, False))
    }


@cache
def turning_days(indication: str | None) -> tuple[int, ...]:
    """Days after a session around the end of each interval of the indication; none where it is not known."""
    if indication is None:
        return ()
    names = ("minimum", "due_from", "on_time", "lapse", "absolute_minimum")
    lengths = [each for name in names for each in days_of(INDICATIONS[indication][name])]
    # 16 weeks: a label may ask for them.
    return tuple(each + beside for each in (*lengths, 112) for beside in (0, 1, -1))


def days_of(interval: str) -> tuple[int, ...]:
    """How long it may be, in days."""
    match = re.fullmatch(r"P(\d+)([DWM])", interval)
    assert match is not None, interval
    number = int(match[1])
    if match[2] == "M":
        return tuple(range(30 * number, 31 * number + 1))
    return (number * {"D": 1, "W": 7}[match[2]],)


def lapse_days(indication: str) -> tuple[int, ...]:
    """Around the last day before a consultation is needed."""
    return tuple(
        each + beside for each in days_of(INDICATIONS[indication]["lapse"]) for beside in (1, 0, -1, 2)
    )


def product_caps(product: str, weight: float | None) -> list[Fraction]:
    figures = PRODUCTS[product]
    return known([figures["cap"], figures["child_cap"]], [figures["child_per_kg"]], weight)


def session_caps(product: str, indication: str, weight: float | None) -> list[Fraction]:
    label = label_for(product, indication)
    return known([label["session_cap"], label["child_cap"]], [label["child_per_kg"]], weight)


def known(figures: list[int | None], per_kg: list[int | None], weight: float | None) -> list[Fraction]:
    at_weight = [each * Fraction(str(weight)) for each in per_kg if each is not None and weight is not None]
    return [*(Fraction(each) for each in figures if each is not None), *at_weight]


def typical_units(product: str, indication: str) -> float:
    """What a plan is like, also where nothing is typical of the pair."""
    return label_for(product, indication)["typical"] or UNITS[product][0]


def plans(
    product: str, indication: str, weight: float | None, others: Iterable[float]
) -> tuple[tuple[float | None, ...], ...]:
    """Kinds of plans: none, usual ones, beside a cap, beside what `others`, given or planned, leave of one."""
    typical = typical_units(product, indication)
    usual = (typical, typical, 0, 1, *UNITS[product])
    caps = product_caps(product, weight)
    edges = [*session_caps(product, indication, weight), *caps]
    near = written(each + beside for each in edges for beside in (0, 0, 1, -1, Fraction(1, 2)))
    left = written(
        cap - Fraction(str(units)) + beside for cap in caps for units in others for beside in (0, 1, -1)
    )
    near = near or usual
    return ((None,), usual, near, near, left or near)


def written(numbers: Iterable[Fraction]) -> tuple[float, ...]:
    """As JSON has them: whole ones whole, none of them negative."""
    return tuple(int(each) if each == int(each) else float(each) for each in numbers if each >= 0)
