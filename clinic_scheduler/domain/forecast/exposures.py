"""DD-2: a patient's sessions as exposures, and how many units of one product still count on a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from clinic_scheduler.domain.forecast.intervals import Interval, add
from clinic_scheduler.domain.forecast.values import Exposure, GivenSession

# What sums of binary fractions may lose, in units; far below any dose.
_BINARY_DUST = 1e-6


def exposures_of(
    sessions: Iterable[GivenSession], indications: Mapping[str | int | None, str]
) -> list[Exposure]:
    """Sessions in which toxin was given, in the order they come; `indications` are the known courses' by id.

    Whether a course is open, stopped or another clinic's hides none of them.
    """
    indication_of = indications.get
    return [
        Exposure(s.given_on, s.units, s.product, indication_of(s.course_id, s.indication))
        for s in sessions
        if s.units != 0
    ]


def days_of(exposures: Iterable[Exposure], indication: str) -> list[date]:
    """Days of exposure for an indication, or for nobody knows what, in order."""
    return [e.given_on for e in exposures if e.indication == indication or e.indication is None]


def of_product(exposures: Iterable[Exposure], product: str) -> list[Exposure]:
    """Those that count against the product's cap; an unknown product counts."""
    return [e for e in exposures if e.product == product or e.product is None]


def counting(own: Sequence[Exposure], window: Interval, day: date) -> list[Exposure]:
    """Those of `own` (one product's, in order) in (day - window, day]; one exactly a window old has rolled off."""
    found = []
    for exposure in reversed(own):
        if exposure.given_on > day:
            continue
        if day >= add(exposure.given_on, window):
            break
        found.append(exposure)
    return found


def units_counting(own: Sequence[Exposure], window: Interval, day: date) -> float:
    """The units of `counting`; an unknown dose counts 0 here and is a block of its own."""
    return sum((e.units or 0 for e in counting(own, window, day)), 0)


def fits(units: float, cap: float) -> bool:
    """Whether `units` stay within `cap`, both as written: 10 U/kg x 24.49 kg allows 244.9 U."""
    return units <= cap + _BINARY_DUST
