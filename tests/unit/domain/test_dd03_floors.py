"""DD-2 and DD-3: the earliest date: own interval, shared interval, cumulative cap, the cap of minors."""

import pytest
from builders import OTHER_TOXIN, course, dates, day, elsewhere, forecast, given, patient

from clinic_scheduler.domain.floors import cap_on, units_in_window
from clinic_scheduler.domain.values import Course

LIMB = "spasticity_upper_limb"
V1 = [given("2026-08-31")]


def limb(planned: float | None, **changes: object) -> Course:
    """A limb never treated, from 9 November."""
    return course(LIMB, **{"started_on": "2026-11-09", "planned_units": planned, **changes})


@pytest.mark.parametrize(
    ("payer", "earliest"),
    [(None, "2026-11-23"), ("P80D", "2026-11-23"), ("P84D", "2026-11-23"), ("P90D", "2026-11-29")],
)
def test_dd3a_the_longer_of_clinic_and_payer_counts(payer: str | None, earliest: str) -> None:
    assert forecast(V1, course(payer_minimum_interval=payer)).earliest_date == day(earliest)


def test_dd3a_months_and_days_are_compared_as_dates() -> None:
    payer = course(payer_minimum_interval="P3M")
    assert forecast([given("2026-02-01")], payer, as_of="2026-02-02").earliest_date == day("2026-05-01")
    assert forecast([given("2025-02-01")], payer, as_of="2025-02-02").earliest_date == day("2025-05-01")
    assert forecast([given("2026-02-01")], course(payer_minimum_interval="P2M")).earliest_date == day(
        "2026-04-26"
    )


def test_dd2_a_touch_up_moves_the_exposure_but_not_the_reference() -> None:
    found = forecast([*V1, given("2026-09-14", 20, kind="touch_up")])
    assert (found.reference, found.course_exposure) == (day("2026-08-31"), day("2026-09-14"))
    assert dates(found) == ["2026-12-07", "2026-12-07", "2026-12-08", "2027-03-02"]


def test_dd2_nothing_injected_is_no_exposure() -> None:
    found = forecast([*V1, given("2026-11-16", 0)])
    assert (found.course_exposure, found.earliest_date) == (day("2026-08-31"), day("2026-11-23"))


def test_dd3_a_course_never_treated_starts_on_its_start() -> None:
    found = forecast([given("2026-10-01", 0)], course(started_on="2026-11-09"))
    assert dates(found) == ["2026-11-09", "2026-11-09", "2026-12-08", "2027-05-11"]
    assert found.because[0].rule == "DD-3"


def test_dd3b_is_off_by_default_and_counts_every_exposure_outside_when_on() -> None:
    shared = course(protocol={"shared_minimum_interval": "P84D"})
    outside = [
        elsewhere("2026-09-20", 1, product=OTHER_TOXIN),
        elsewhere("2026-10-01", 1, product=OTHER_TOXIN, course_id="c9"),
        elsewhere("2026-10-20", 0, product=OTHER_TOXIN),
    ]
    assert forecast([*V1, *outside]).earliest_date == day("2026-11-23")
    assert forecast([*V1, *outside], shared).earliest_date == day("2026-12-24")
    assert forecast([*V1, *outside], shared).because[0].rule == "DD-3b"
    assert forecast(V1, shared).because[0].rule == "DD-3a"
    assert forecast([*V1, elsewhere("2026-08-30", 1)], shared).because[0].rule == "DD-3a"


@pytest.mark.parametrize(
    ("planned", "earliest"), [(245, "2026-11-09"), (245.5, "2026-12-07"), (None, "2026-12-07")]
)
def test_dd3c_leaves_room_to_the_unit(planned: float | None, earliest: str) -> None:
    assert forecast([elsewhere("2026-09-14")], limb(planned)).earliest_date == day(earliest)


def test_dd3c_an_exposure_exactly_a_window_old_has_rolled_off() -> None:
    on_the_edge, a_day_short = elsewhere("2026-08-17", 400), elsewhere("2026-08-18", 400)
    assert forecast([on_the_edge], limb(300)).earliest_date == day("2026-11-09")
    assert forecast([a_day_short], limb(300)).earliest_date == day("2026-11-10")


def test_dd3c_waits_until_enough_has_rolled_off_not_until_all_has() -> None:
    three = [elsewhere("2026-09-01", 200), elsewhere("2026-09-15", 100), elsewhere("2026-10-01", 100)]
    assert forecast(three, limb(200)).earliest_date == day("2026-11-24")
    assert forecast(three, limb(300)).earliest_date == day("2026-12-08")
    assert forecast(three, limb(301)).earliest_date == day("2026-12-24")


def test_dd3c_counts_only_the_courses_own_product() -> None:
    other = forecast([elsewhere("2026-10-14", 400, product=OTHER_TOXIN)], limb(300))
    assert (other.earliest_date, other.blocks) == (day("2026-11-09"), ("other_toxin_review",))


def test_dd3c_ignores_what_is_given_after_the_day_it_looks_at() -> None:
    found = forecast([elsewhere("2026-11-15", 400)], limb(300))
    assert found.earliest_date == day("2026-11-09")


def test_dd3c_a_plan_alone_over_the_cap_blocks_and_moves_no_date() -> None:
    found = forecast([elsewhere("2026-09-14")], limb(400.5))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("cap_exceeded",))
    assert forecast([elsewhere("2026-08-10")], limb(400)).blocks == ()


def test_dd3c_plans_with_the_last_satisfying_units_then_with_what_is_typical() -> None:
    satisfying, touch_up = given("2026-08-31", 200), given("2026-09-01", 20, kind="touch_up")
    assert forecast([satisfying, touch_up]).planned_units == 200
    assert forecast([satisfying], course(planned_units=180)).planned_units == 180
    assert forecast([]).planned_units == 155
    assert forecast([], course(LIMB)).planned_units == 300


@pytest.mark.parametrize(("weight", "cap"), [(70, 340), (34, 340), (33.9, 339), (15.5, 155), (None, None)])
def test_the_cap_of_a_minor_is_the_lower_of_weight_and_340(weight: float | None, cap: float | None) -> None:
    child = patient("2016-01-01", weight)
    assert cap_on(child, course(LIMB), day("2026-11-09")) == cap
    assert cap_on(child, course(LIMB), day("2034-01-01")) == 400


@pytest.mark.parametrize(("weight", "planned"), [(24.49, 244.9), (15.5, 155), (33.33, 333.3), (8.21, 82.1)])
def test_a_cap_is_meant_as_it_is_written(weight: float, planned: float) -> None:
    child = patient("2016-01-01", weight)
    assert forecast([], limb(planned), child).blocks == ()
    assert forecast([], limb(planned + 0.1), child).blocks == ("cap_exceeded",)


def test_units_with_fractions_add_up_as_they_are_written() -> None:
    tenths = [elsewhere("2026-10-01", 0.1, id="a"), elsewhere("2026-10-01", 0.2, id="b")]
    assert forecast(tenths, limb(399.7)).earliest_date == day("2026-11-09")
    assert forecast(tenths, limb(399.8)).earliest_date == day("2026-12-24")


def test_a_minor_without_weight_has_no_cap_and_a_block() -> None:
    found = forecast([elsewhere("2026-10-20", 100)], limb(155), patient("2016-01-01"))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("weight_missing",))


def test_the_cap_rises_on_the_eighteenth_birthday() -> None:
    before = [elsewhere("2026-10-20", 100)]
    assert forecast(before, limb(155), patient("2016-01-01", 25.5)).earliest_date == day("2026-11-09")
    assert forecast(before, limb(155), patient("2016-01-01", 25.4)).earliest_date == day("2027-01-12")
    assert forecast(before, limb(155), patient("2008-12-01", 25.4)).earliest_date == day("2026-12-01")


def test_someone_born_on_a_leap_day_has_the_adult_cap_from_the_first_of_march() -> None:
    before = [elsewhere("2026-01-15", 100)]
    leap = patient("2008-02-29", 25.4)
    found = forecast(before, limb(155, started_on="2026-02-01"), leap, as_of="2026-02-01")
    assert found.earliest_date == day("2026-03-01")


def test_a_plan_only_an_adult_cap_allows_is_over_the_cap_until_then() -> None:
    found = forecast([], limb(350), patient("2008-12-01", 70))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("cap_exceeded",))


def test_a_clinics_lower_adult_cap_that_never_leaves_room_blocks() -> None:
    lower = limb(300, protocol={"unit_cap": 200})
    found = forecast([elsewhere("2026-10-20", 100)], lower, patient("2008-12-01", 70))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("cap_exceeded",))


def test_a_window_in_months_rolls_off_by_the_calendar() -> None:
    monthly = limb(300, protocol={"unit_cap_window": "P3M"})
    assert forecast([elsewhere("2026-08-31", 400)], monthly).earliest_date == day("2026-12-01")


def test_units_in_window_counts_both_ends_right() -> None:
    history = [elsewhere("2026-08-31", 1), elsewhere("2026-09-01", 10), elsewhere("2026-11-23", 100)]
    assert units_in_window(course(), history, day("2026-11-22")) == 11
    assert units_in_window(course(), history, day("2026-11-23")) == 110
    assert units_in_window(course(), [], day("2026-11-23")) == 0
