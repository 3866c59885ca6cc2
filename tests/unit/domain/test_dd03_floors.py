"""DD-2 and DD-3: the earliest date: own interval, shared interval, cumulative cap, the cap of minors."""

import pytest
from builders import OTHER_TOXIN, course, dates, day, elsewhere, forecast, forecasts, given, patient

from clinic_scheduler.domain.forecast.earliest_date import cap_on
from clinic_scheduler.domain.forecast.values import Course

LIMB = "spasticity_upper_limb"
V1 = [given("2026-08-31")]


# So that the product's cap alone is looked at.
NO_SESSION_CAP = dict.fromkeys(
    ("session_cap", "paediatric_session_units_per_kg", "paediatric_session_cap"), None
)


def limb(planned: float | None, **changes: object) -> Course:
    """A limb never treated, from 9 November."""
    return course(LIMB, **{"started_on": "2026-11-09", "planned_units": planned, **changes})


def capped_by_product(planned: float | None, **changes: object) -> Course:
    return limb(planned, label=NO_SESSION_CAP, **changes)


@pytest.mark.parametrize(
    ("payer", "earliest"),
    [(None, "2026-11-23"), ("P80D", "2026-11-23"), ("P84D", "2026-11-23"), ("P90D", "2026-11-29")],
)
def test_dd3a_the_longer_of_clinic_and_payer_counts(payer: str | None, earliest: str) -> None:
    assert forecast(V1, course(payer_minimum_interval=payer)).earliest_date == day(earliest)


def test_dd3a_months_and_days_are_compared_as_dates() -> None:
    payer = course(payer_minimum_interval="P3M")
    assert forecast([given("2026-02-01")], payer, as_of="2026-02-02").earliest_date == day("2026-05-01")
    before = course(payer_minimum_interval="P3M", started_on="2025-02-01")
    assert forecast([given("2025-02-01")], before, as_of="2025-02-02").earliest_date == day("2025-05-01")
    assert forecast([given("2026-02-01")], course(payer_minimum_interval="P2M")).earliest_date == day(
        "2026-04-26"
    )


def test_dd2_a_touch_up_moves_the_exposure_but_not_the_reference() -> None:
    found = forecast([*V1, given("2026-09-14", 20, kind="touch_up")])
    assert (found.reference, found.exposure) == (day("2026-08-31"), day("2026-09-14"))
    assert dates(found) == ["2026-12-07", "2026-12-07", "2026-12-15", "2027-03-02"]


def test_dd2_nothing_injected_is_no_exposure() -> None:
    found = forecast([*V1, given("2026-11-16", 0)])
    assert (found.exposure, found.earliest_date) == (day("2026-08-31"), day("2026-11-23"))


@pytest.mark.parametrize(
    ("indication", "earliest"),
    [
        ("chronic_migraine", "2026-12-24"),
        (None, "2026-12-24"),
        ("spasticity_upper_limb", "2026-11-23"),
        ("cervical_dystonia", "2026-11-23"),
        ("other", "2026-11-23"),
    ],
)
def test_dd3a_counts_what_was_given_elsewhere_for_the_same_or_for_nobody_knows_what(
    indication: str | None, earliest: str
) -> None:
    found = forecast([*V1, elsewhere("2026-10-01", 1, indication=indication)])
    assert found.earliest_date == day(earliest)


@pytest.mark.parametrize("units", [1, None])
@pytest.mark.parametrize("product", ["onabotulinumtoxinA", OTHER_TOXIN, None])
def test_dd3a_counts_every_product_and_every_dose_but_none(units: float | None, product: str | None) -> None:
    migraine = {"indication": "chronic_migraine", "product": product}
    found = forecast([*V1, elsewhere("2026-10-01", units, **migraine)])
    assert (found.earliest_date, found.because[0].rule) == (day("2026-12-24"), "DD-3a")
    assert forecast([*V1, elsewhere("2026-10-01", 0, **migraine)]).earliest_date == day("2026-11-23")


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"stopped_on": "2026-10-10"},
        {"product": OTHER_TOXIN},
        {"product": OTHER_TOXIN, "stopped_on": "2026-10-10"},
    ],
)
def test_dd3a_counts_another_courses_sessions_whether_it_is_open_or_stopped(other: dict[str, str]) -> None:
    under_it = given("2026-10-01", 155, course_id="c2", product=other.get("product", "onabotulinumtoxinA"))
    found, _ = forecasts([course(), course(id="c2", **other)], [*V1, under_it])
    assert (found.exposure, found.reference) == (day("2026-10-01"), day("2026-08-31"))
    assert found.earliest_date == day("2026-12-24")


def test_dd3_a_course_never_treated_starts_on_its_start() -> None:
    found = forecast([given("2026-10-01", 0)], course(started_on="2026-11-09"))
    assert dates(found) == ["2026-11-09", "2026-11-09", "2026-12-08", "2027-05-11"]
    assert found.because[0].rule == "DD-3"


@pytest.mark.parametrize(("started_on", "rule"), [("2026-11-23", "DD-3a"), ("2026-11-24", "DD-3")])
def test_dd3_a_start_after_the_interval_holds_the_date(started_on: str, rule: str) -> None:
    found = forecast([elsewhere("2026-08-31", indication=None)], course(started_on=started_on))
    assert (found.earliest_date, found.because[0].rule) == (day(started_on), rule)


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


def test_dd3b_counts_what_was_given_for_nobody_knows_what_and_not_for_the_same() -> None:
    shared = course(protocol={"shared_minimum_interval": "P90D"})
    unknown = forecast([*V1, elsewhere("2026-10-01", 1, indication=None)], shared)
    assert (unknown.earliest_date, unknown.because[0].rule) == (day("2026-12-30"), "DD-3b")
    same = forecast([*V1, elsewhere("2026-10-01", 1, indication="chronic_migraine")], shared)
    assert (same.earliest_date, same.because[0].rule) == (day("2026-12-24"), "DD-3a")


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


@pytest.mark.parametrize(
    ("units", "earliest"), [(100, "2026-11-09"), (101, "2027-02-07"), (400, "2027-02-07")]
)
def test_dd3c_a_day_is_good_only_where_every_later_one_is(units: float, earliest: str) -> None:
    """Given after the course's start: the plan would fit on the days before it, and not on the days after."""
    found = forecast([elsewhere("2026-11-15", units)], limb(300))
    assert found.earliest_date == day(earliest)


def test_dd3c_room_between_two_exposures_is_no_room() -> None:
    """From 12 November there is room for 300 U, and from the 20th there is none."""
    two = [elsewhere("2026-08-20", 400), elsewhere("2026-11-20", 400)]
    assert forecast(two, limb(300)).earliest_date == day("2027-02-12")


def test_dd3c_counts_an_unknown_product_and_no_unknown_dose() -> None:
    assert forecast([elsewhere("2026-10-14", 400, product=None)], limb(1)).earliest_date == day("2027-01-06")
    unknown = forecast([elsewhere("2026-10-14", None)], limb(400))
    assert (unknown.earliest_date, unknown.blocks) == (day("2026-11-09"), ("cap_unknown",))


def test_dd3c_an_exposure_with_an_unknown_dose_still_counts_where_it_lies_in_the_window() -> None:
    on_the_edge, a_day_short = elsewhere("2026-08-17", None), elsewhere("2026-08-18", None)
    assert forecast([on_the_edge], limb(300)).blocks == ()
    assert forecast([a_day_short], limb(300)).blocks == ("cap_unknown",)
    assert forecast([elsewhere("2026-11-09", None)], limb(300)).blocks == ("cap_unknown",)
    assert forecast([elsewhere("2026-11-10", None)], limb(300)).blocks == ()


def test_dd3c_the_unknown_dose_is_a_block_beside_a_plan_over_the_cap() -> None:
    assert forecast([elsewhere("2026-10-14", None)], limb(401)).blocks == ("cap_exceeded", "cap_unknown")


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
    assert forecast([satisfying], course(planned_units=0)).planned_units == 200


def test_dd3c_the_plan_of_a_day_is_all_its_satisfying_sessions_together() -> None:
    rows = [given("2026-08-31", 100, id="a"), given("2026-08-31", 55.5, id="b")]
    aside = [given("2026-08-31", 20, id="c", kind="touch_up"), given("2026-08-31", 30, id="d", product="x")]
    found = forecast([given("2026-06-01", 195), *rows, *aside])
    assert (found.planned_units, found.cycles_given) == (155.5, 2)


@pytest.mark.parametrize(("weight", "cap"), [(70, 340), (34, 340), (33.9, 339), (15.5, 155), (None, 340)])
def test_the_cap_of_a_minor_is_the_lower_of_weight_and_340(weight: float | None, cap: float) -> None:
    child = patient("2016-01-01", weight)
    assert cap_on(child, course(LIMB), day("2026-11-09")) == cap
    assert cap_on(child, course(LIMB), day("2034-01-01")) == 400


@pytest.mark.parametrize(("weight", "planned"), [(24.49, 244.9), (15.5, 155), (33.33, 333.3), (8.21, 82.1)])
def test_a_cap_is_meant_as_it_is_written(weight: float, planned: float) -> None:
    child = patient("2016-01-01", weight)
    assert forecast([], capped_by_product(planned), child).blocks == ()
    assert forecast([], capped_by_product(planned + 0.1), child).blocks == ("cap_exceeded",)


def test_units_with_fractions_add_up_as_they_are_written() -> None:
    tenths = [elsewhere("2026-10-01", 0.1, id="a"), elsewhere("2026-10-01", 0.2, id="b")]
    assert forecast(tenths, limb(399.7)).earliest_date == day("2026-11-09")
    assert forecast(tenths, limb(399.8)).earliest_date == day("2026-12-24")


@pytest.mark.parametrize(
    ("planned", "earliest", "blocks"),
    [
        (240, "2026-11-09", ("weight_missing",)),
        (241, "2027-01-12", ("weight_missing",)),
        (341, "2026-11-09", ("cap_exceeded", "weight_missing")),
    ],
)
def test_a_minor_without_weight_has_the_figure_that_needs_none_and_a_block(
    planned: float, earliest: str, blocks: tuple[str, ...]
) -> None:
    found = forecast([elsewhere("2026-10-20", 100)], capped_by_product(planned), patient("2016-01-01"))
    assert (found.earliest_date, found.blocks) == (day(earliest), blocks)


def test_the_cap_rises_on_the_eighteenth_birthday() -> None:
    before = [elsewhere("2026-10-20", 100)]
    assert forecast(before, capped_by_product(155), patient("2016-01-01", 25.5)).earliest_date == day(
        "2026-11-09"
    )
    assert forecast(before, capped_by_product(155), patient("2016-01-01", 25.4)).earliest_date == day(
        "2027-01-12"
    )
    assert forecast(before, capped_by_product(155), patient("2008-12-01", 25.4)).earliest_date == day(
        "2026-12-01"
    )


def test_someone_born_on_a_leap_day_has_the_adult_cap_from_the_first_of_march() -> None:
    before = [elsewhere("2026-01-15", 100)]
    leap = patient("2008-02-29", 25.4)
    found = forecast(before, capped_by_product(155, started_on="2026-02-01"), leap, as_of="2026-02-01")
    assert found.earliest_date == day("2026-03-01")


def test_a_plan_only_an_adult_cap_allows_is_over_the_cap_until_then() -> None:
    found = forecast([], capped_by_product(350), patient("2008-12-01", 70))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("cap_exceeded",))


def test_a_clinics_lower_adult_cap_that_never_leaves_room_blocks() -> None:
    lower = capped_by_product(300, caps={"unit_cap": 200})
    found = forecast([elsewhere("2026-10-20", 100)], lower, patient("2008-12-01", 70))
    assert (found.earliest_date, found.blocks) == (day("2026-11-09"), ("cap_exceeded",))


def test_a_window_in_months_rolls_off_by_the_calendar() -> None:
    monthly = limb(300, caps={"unit_cap_window": "P3M"})
    assert forecast([elsewhere("2026-08-31", 400)], monthly).earliest_date == day("2026-12-01")
