"""DD-17 and DD-11: the cap in every window a visit lies in, with what is booked, and the distance between visits."""

from datetime import date
from typing import Any

import pytest
from builders import (
    OTHER_TOXIN,
    course,
    day,
    elsewhere,
    exposure,
    facts,
    forecasts,
    open_visit,
    patient,
)

from clinic_scheduler.domain.forecast.values import Exposure, OpenVisit
from clinic_scheduler.domain.visits.day_checks import (
    CourseFacts,
    against,
    days_over_cap,
    too_close,
    units_beside,
)

LIMB = "spasticity_upper_limb"
ON = "2026-12-28"
# The day of the visit, and what lies 84 days, a window, from it.
DAYS = {-84: "2026-10-05", -83: "2026-10-06", 0: ON, 83: "2027-03-21", 84: "2027-03-22"}


def visit(
    *others: OpenVisit, planned: float | None = 155, given: tuple[Exposure, ...] = (), **changes: Any
) -> CourseFacts:
    """A course started early enough for any of the days, with what else is booked and was given."""
    known = facts([], course(**{"started_on": "2026-01-05", **changes}))
    return known._replace(others=others, exposures=given, planned_units=planned, overdue_date=date.max)


def limb(on: str, planned: float | None = 246, **changes: Any) -> OpenVisit:
    return open_visit(on, planned, **{"indication": LIMB, **changes})


def over(known: CourseFacts, on: str = ON) -> list[tuple[str, float, float]]:
    return [(each.isoformat(), units, cap) for each, units, cap in days_over_cap(known, day(on))]


@pytest.mark.parametrize(("apart", "counts"), [(-84, False), (-83, True), (0, True), (83, True), (84, False)])
def test_another_visit_counts_less_than_a_window_before_or_after(apart: int, counts: bool) -> None:
    on = DAYS[apart]
    assert over(visit(limb(on))) == ([(max(on, ON), 401, 400)] if counts else [])
    assert over(visit(limb(on, 245))) == []


def test_what_is_too_much_is_too_much_for_both_visits() -> None:
    migraine = course(started_on="2026-12-07", planned_units=155, booked_on=ON)
    upper = course(LIMB, id="c2", started_on="2026-12-07", planned_units=246, booked_on="2027-01-04")
    assert [each.booking for each in forecasts([migraine, upper])] == ["over_cap", "over_cap"]
    assert [each.booking for each in forecasts([migraine, upper._replace(planned_units=245)])] == ["ok", "ok"]


@pytest.mark.parametrize(("apart", "counts"), [(-84, False), (-83, True), (0, True)])
@pytest.mark.parametrize("product", ["onabotulinumtoxinA", None])
def test_what_was_given_counts_less_than_a_window_before(
    apart: int, counts: bool, product: str | None
) -> None:
    given = (exposure(DAYS[apart], 246, product, "other"),)
    assert over(visit(given=given)) == ([(ON, 401, 400)] if counts else [])


@pytest.mark.parametrize(("given_on", "counts"), [("2026-11-09", False), ("2026-11-10", True)])
def test_a_later_visit_counts_what_lies_in_its_own_window(given_on: str, counts: bool) -> None:
    """On 1 February this visit, that one and what was given less than 84 days before it come together."""
    given = (exposure(given_on, 100),)
    found = over(visit(limb("2027-02-01", 200), planned=150, given=given))
    assert found == ([("2027-02-01", 450, 400)] if counts else [])


def test_each_day_that_is_too_much_is_told_in_order() -> None:
    known = visit(limb("2027-02-01", 300), limb("2027-01-04", 300), limb(ON, 300))
    assert over(known) == [(ON, 455, 400), ("2027-01-04", 755, 400), ("2027-02-01", 1055, 400)]


def test_another_product_never_counts() -> None:
    given = (exposure(DAYS[0], 900, OTHER_TOXIN),)
    assert over(visit(limb(ON, 900, product=OTHER_TOXIN), given=given)) == []


def test_what_has_no_plan_or_no_known_dose_counts_nothing() -> None:
    given = (exposure(DAYS[-83], None),)
    assert over(visit(limb(ON, None), planned=400, given=given)) == []
    assert over(visit(limb(ON, 400), planned=None)) == []
    assert over(visit(limb(ON, 400), limb(ON, 1), planned=None)) == [(ON, 401, 400)]


def test_no_known_cap_passes() -> None:
    known = visit(limb(ON, 9_000), planned=9_000)
    no_cap = known.course._replace(label=course(caps={"unit_cap": None}).label)
    assert over(known._replace(course=no_cap)) == []


@pytest.mark.parametrize(
    ("born", "weight", "cap"),
    [
        ("2008-12-28", 20, 400),
        ("2008-12-29", 20, 200),
        ("2008-12-29", 70, 340),
        ("2008-12-29", None, 340),
    ],
)
def test_the_cap_is_that_of_the_age_on_the_day(born: str, weight: float | None, cap: float) -> None:
    known = visit(limb(ON, cap - 99), planned=100)._replace(patient=patient(born, weight))
    assert over(known) == [(ON, cap + 1, cap)]
    assert over(known._replace(others=[limb(ON, cap - 100)])) == []


def test_the_cap_of_a_later_visit_is_that_of_the_age_on_its_own_day() -> None:
    grown_up_between = patient("2009-01-01", 30)
    for on, found in (("2026-12-31", [("2026-12-31", 301, 300)]), ("2027-01-01", [])):
        known = visit(limb(on, 101), planned=200)._replace(patient=grown_up_between)
        assert over(known) == found


@pytest.mark.parametrize(("apart", "counts"), [(-84, False), (-83, True), (0, True), (83, True), (84, False)])
@pytest.mark.parametrize("planned", [1, None])
def test_beside_a_plan_alone_over_the_cap_anything_of_the_product_is_too_much(
    apart: int, counts: bool, planned: float | None
) -> None:
    found = over(visit(limb(DAYS[apart], planned), planned=401))
    assert found == ([(max(DAYS[apart], ON), 401 + (planned or 0), 400)] if counts else [])
    assert over(visit(limb(DAYS[apart], planned, product=OTHER_TOXIN), planned=401)) == []


@pytest.mark.parametrize("units", [1, None])
def test_beside_a_plan_alone_over_the_cap_any_exposure_in_the_window_is_too_much(units: float | None) -> None:
    for given_on, count in ((DAYS[-84], 0), (DAYS[-83], 1), (DAYS[0], 1)):
        assert len(over(visit(planned=401, given=(exposure(given_on, units),)))) == count
    assert list(against(visit(planned=401), day(ON))) == ["cap_exceeded"]


def test_what_counts_beside_a_visit_is_told_with_what_nobody_knows() -> None:
    given = (exposure(DAYS[-84], 1), exposure(DAYS[-83], 20), exposure(ON, None), exposure(DAYS[83], 40))
    known = visit(limb(DAYS[-83], 300), limb(ON, None), limb(DAYS[83], 5), given=given)
    assert units_beside(known, day(ON)) == [300, None, None, 20]


def close(known: CourseFacts, on: str = ON) -> list[str]:
    return [other.day.isoformat() for other in too_close(known, day(on))]


@pytest.mark.parametrize(("apart", "counts"), [(-84, False), (-83, True), (0, True), (83, True), (84, False)])
@pytest.mark.parametrize("product", ["onabotulinumtoxinA", OTHER_TOXIN])
def test_visits_of_one_indication_keep_a_minimum_interval(apart: int, counts: bool, product: str) -> None:
    known = visit(open_visit(DAYS[apart], 1, product=product), planned=1)
    assert close(known) == ([DAYS[apart]] if counts else [])
    assert ("too_early" in against(known, day(ON))) is counts


def test_visits_of_two_indications_may_share_a_day() -> None:
    assert close(visit(limb(ON, 1))) == []


@pytest.mark.parametrize(("own", "other"), [("P90D", "P84D"), ("P84D", "P90D")])
def test_the_longer_of_two_minimum_intervals_counts(own: str, other: str) -> None:
    for on, found in (("2027-03-27", ["2027-03-27"]), ("2027-03-28", [])):
        known = visit(open_visit(on, minimum_interval=other), protocol={"minimum_interval": own})
        assert close(known) == found


def test_months_between_two_visits_count_from_the_earlier_day() -> None:
    """Three months after 30 November is 1 March, whichever of the two is asked about."""
    monthly = {"minimum_interval": "P3M"}
    for later, found in (("2027-02-28", 1), ("2027-03-01", 0)):
        after = visit(open_visit(later, minimum_interval="P1D"), protocol=monthly)
        assert len(close(after, "2026-11-30")) == found
        before = visit(open_visit("2026-11-30", minimum_interval="P1D"), protocol=monthly)
        assert len(close(before, later)) == found


@pytest.mark.parametrize("stopped_on", [None, "2026-11-20"])
@pytest.mark.parametrize("booked_on", ["2026-11-20", "2026-12-28"])
def test_visits_of_closed_courses_and_of_days_gone_by_count(stopped_on: str | None, booked_on: str) -> None:
    other = course(id="c2", planned_units=250, booked_on=booked_on, stopped_on=stopped_on)
    of_another = other._replace(protocol=course(LIMB).protocol)
    assert "too_early" in against(facts([], course(), other), day(ON))
    found = list(against(facts([elsewhere("2026-10-20", 1)], course(), of_another), day(ON)))
    assert found == ["over_cap", "late"]


def test_a_course_without_a_booked_day_is_no_visit() -> None:
    assert facts([], course(), course(id="c2")).others == []
