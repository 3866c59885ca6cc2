"""DD-2: which sessions are exposures, for what, of which product, and which units count on a day."""

import pytest
from builders import OTHER_TOXIN, TOXIN, day, elsewhere, exposure, given

from clinic_scheduler.domain.forecast.exposures import (
    counting,
    days_of,
    exposures_of,
    fits,
    of_product,
    units_counting,
)
from clinic_scheduler.domain.forecast.intervals import parse_interval

MIGRAINE, LIMB = "chronic_migraine", "spasticity_upper_limb"
COURSES = {"c1": MIGRAINE, 2: LIMB}
WINDOW = parse_interval("P84D")


@pytest.mark.parametrize(
    ("course_id", "own", "indication"),
    [
        ("c1", None, MIGRAINE),
        ("c1", "other", MIGRAINE),
        (2, MIGRAINE, LIMB),
        ("c9", None, None),
        ("c9", LIMB, LIMB),
        (None, None, None),
        (None, "cervical_dystonia", "cervical_dystonia"),
    ],
)
def test_a_session_is_for_its_courses_indication_else_for_its_own(
    course_id: str | int | None, own: str | None, indication: str | None
) -> None:
    (found,) = exposures_of([given("2026-08-31", course_id=course_id, indication=own)], COURSES)
    assert found == exposure("2026-08-31", 155, TOXIN, indication)


def test_every_dose_but_none_is_an_exposure_however_it_was_judged() -> None:
    sessions = [
        given("2026-01-01", 0),
        given("2026-02-01", 0.5, kind="touch_up"),
        given("2026-03-01", 100, outcome="aborted"),
        given("2026-04-01", 100, product=OTHER_TOXIN),
        elsewhere("2026-05-01", None, product=None),
        elsewhere("2026-06-01", 0),
    ]
    found = exposures_of(sessions, COURSES)
    assert [(each.given_on.month, each.units, each.product) for each in found] == [
        *((2, 0.5, TOXIN), (3, 100, TOXIN), (4, 100, OTHER_TOXIN), (5, None, None)),
    ]


def test_an_unknown_indication_counts_for_every_one_and_other_for_none() -> None:
    known = [
        exposure(f"2026-0{n}-01", 1, TOXIN, each) for n, each in enumerate((MIGRAINE, LIMB, None, "other"), 1)
    ]
    assert [each.month for each in days_of(known, MIGRAINE)] == [1, 3]
    assert [each.month for each in days_of(known, LIMB)] == [2, 3]
    assert [each.month for each in days_of(known, "cervical_dystonia")] == [3]


def test_an_unknown_product_counts_as_any() -> None:
    known = [
        exposure("2026-01-01", 1),
        exposure("2026-02-01", 2, OTHER_TOXIN),
        exposure("2026-03-01", 3, None),
    ]
    assert [each.units for each in of_product(known, TOXIN)] == [1, 3]
    assert [each.units for each in of_product(known, OTHER_TOXIN)] == [2, 3]


@pytest.mark.parametrize(
    ("on", "units"),
    [
        ("2026-08-30", []),
        ("2026-08-31", [1]),
        ("2026-09-01", [20, 10, 1]),
        ("2026-11-22", [20, 10, 1]),
        ("2026-11-23", [100, 20, 10]),
        ("2026-11-24", [100]),
        ("2027-02-14", [100]),
        ("2027-02-15", []),
    ],
)
def test_what_counts_lies_in_the_window_that_ends_on_the_day(on: str, units: list[float]) -> None:
    own = [exposure(each, u) for each, u in (("2026-08-31", 1), ("2026-09-01", 10), ("2026-09-01", 20))]
    own.append(exposure("2026-11-23", 100))
    assert [each.units for each in counting(own, WINDOW, day(on))] == units
    assert units_counting(own, WINDOW, day(on)) == sum(units)


def test_an_unknown_dose_is_found_and_adds_nothing() -> None:
    own = [exposure("2026-11-01", None), exposure("2026-11-02", 5)]
    assert [each.units for each in counting(own, WINDOW, day("2026-11-22"))] == [5, None]
    assert units_counting(own, WINDOW, day("2026-11-22")) == 5


@pytest.mark.parametrize(
    ("units", "cap", "within"),
    [
        (400, 400, True),
        (400.01, 400, False),
        (0.1 + 0.2, 0.3, True),
        (244.9, 10 * 24.49, True),
        (245, 244.9, False),
    ],
)
def test_units_fit_as_they_are_written(units: float, cap: float, within: bool) -> None:
    assert fits(units, cap) is within
