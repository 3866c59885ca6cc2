"""The public vectors of the due-date rules, by number, against the engine: booked days, blocks, several courses."""

import pytest
from builders import (
    OTHER_TOXIN,
    course,
    dates,
    day,
    decision,
    elsewhere,
    forecast,
    forecasts,
    given,
    hold,
    patient,
)

from clinic_scheduler.domain.forecast.values import Course, Decision

LIMB = "spasticity_upper_limb"
LOWER_LIMB = "spasticity_lower_limb"
V1 = [given("2026-08-31")]


@pytest.mark.parametrize(
    ("decisions", "blocks"),
    [((), ("other_toxin_review",)), ((decision("other_toxin_review", "2027-01-18"),), ())],
)
def test_v17_another_product_for_the_same_keeps_its_distance_and_is_reviewed(
    decisions: tuple[Decision, ...], blocks: tuple[str, ...]
) -> None:
    stopped = course(LIMB, stopped_on="2026-11-21")
    started = {"product": OTHER_TOXIN, "started_on": "2026-11-22"}
    new = course(LIMB, id="c2", planned_units=500, decisions=decisions, **started)
    _, found = forecasts([stopped, new], [given("2026-09-28", 250)])
    assert dates(found)[:3] == ["2026-12-21", "2026-12-21", "2026-12-29"]
    assert (found.because[0].rule, found.blocks) == ("DD-3a", blocks)


@pytest.mark.parametrize(
    ("limb_day", "over_cap"), [("2026-12-28", [True, True]), ("2027-03-22", [False, False])]
)
def test_v18_what_is_booked_counts_towards_the_cap(limb_day: str, over_cap: list[bool]) -> None:
    """Both due: the limb was started so long ago that nothing else stands against either day."""
    migraine = course(started_on="2026-12-07", planned_units=195, booked_on="2026-12-28")
    limb = course(LIMB, id="c2", started_on="2026-12-07", planned_units=300, booked_on=limb_day)
    found = forecasts([migraine, limb])
    assert [each.booking == "over_cap" for each in found] == over_cap
    assert found[0].booking == ("over_cap" if over_cap[0] else "ok")


@pytest.mark.parametrize(("planned", "blocks"), [(1500, ()), (1501, ("cap_exceeded",))])
def test_v21_an_adults_plan_may_reach_the_products_cap(planned: float, blocks: tuple[str, ...]) -> None:
    of = course(LOWER_LIMB, product=OTHER_TOXIN, started_on="2026-11-22", planned_units=planned)
    assert forecast([], of).blocks == blocks


def test_v23_a_hold_on_the_booked_day_blocks_it_unless_overridden() -> None:
    history = [given("2026-09-08")]
    held = course(holds=(hold("2026-12-01"),), booked_on="2026-12-05")
    found = forecast(history, held, as_of="2026-11-22")
    assert found.due_date == day("2026-12-01")
    assert (found.booking, found.bucket) == ("blocked", "booking_problem")
    assert forecast(history, held._replace(booked_override=("on_hold",))).booking == "ok"


def test_v26_an_unknown_dose_blocks_until_it_has_rolled_off() -> None:
    history = [*V1, elsewhere("2026-10-15", None, indication="other")]
    found = forecast(history)
    assert (found.earliest_date, found.blocks) == (day("2026-11-23"), ("cap_unknown",))
    assert forecast(history, course(booked_on="2026-11-24")).booking == "blocked"


def two_of_one_indication(**first: str) -> list[Course]:
    return [
        course(started_on="2026-11-09", booked_on="2026-12-01", **first),
        course(id="c2", started_on="2026-11-09", booked_on="2026-12-03", product=OTHER_TOXIN),
    ]


@pytest.mark.parametrize("first", [{}, {"stopped_on": "2026-11-20"}])
def test_v27_two_visits_of_one_indication_are_both_too_early(first: dict[str, str]) -> None:
    assert [each.booking for each in forecasts(two_of_one_indication(**first))] == ["too_early", "too_early"]


def test_v28_a_hold_of_the_patient_holds_a_new_course() -> None:
    pregnant = patient(holds=(hold("2026-10-01", reason="pregnant"),))
    found = forecast([], course("cervical_dystonia", started_on="2026-11-22"), pregnant)
    assert found.blocks == ("on_hold",)


@pytest.mark.parametrize(("consulted_on", "blocks"), [(None, ("consultation_needed",)), ("2026-11-20", ())])
def test_v29_a_new_course_long_after_a_stopped_one_needs_a_consultation(
    consulted_on: str | None, blocks: tuple[str, ...]
) -> None:
    stopped = course(id="c0", started_on="2025-01-05", stopped_on="2026-01-05")
    new = course(started_on="2026-11-22", consulted_on=consulted_on)
    _, found = forecasts([stopped, new], [given("2025-10-01", course_id="c0")])
    assert found.blocks == blocks


@pytest.mark.parametrize(("named", "booking"), [((), "late"), (("late",), "ok")])
def test_v32_a_late_day_is_named(named: tuple[str, ...], booking: str) -> None:
    found = forecast(V1, course(booked_on="2026-12-11", booked_override=named), as_of="2026-12-10")
    assert found.booking == booking
