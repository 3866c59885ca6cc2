"""DD-8: each row of the table, which of two rows wins, and the order sessions are judged in."""

from typing import Any

import pytest
from builders import OTHER_TOXIN, course, dates, day, elsewhere, forecast, forecasts, given

from clinic_scheduler.domain.forecast.values import Evaluation

FIRST = given("2026-06-22")
EXPIRED = {"lot_expires_on": "2026-09-13"}


def evaluated(given_on: str = "2026-09-14", units: float = 155, **changes: Any) -> Evaluation:
    """A second session, 84 days after the first unless said."""
    return forecast([FIRST, given(given_on, units, **changes)]).sessions[-1]


@pytest.mark.parametrize(
    ("changes", "evaluation", "satisfies", "is_exposure"),
    [
        ({"units": 0}, "not_given", False, False),
        ({"outcome": "partial"}, "substandard", False, True),
        ({"outcome": "aborted"}, "substandard", False, True),
        (EXPIRED, "substandard", False, True),
        ({"product": OTHER_TOXIN}, "wrong_product", False, True),
        ({"kind": "touch_up"}, "touch_up", False, True),
        ({"lot_expires_on": "2026-09-14"}, "valid", True, True),
        ({}, "valid", True, True),
        ({"given_on": "2026-09-07"}, "too_soon", True, True),
        ({"given_on": "2026-09-08"}, "grace", True, True),
        ({"given_on": "2026-09-13"}, "grace", True, True),
        ({"given_on": "2026-09-21"}, "valid", True, True),
        ({"given_on": "2026-09-22"}, "late", True, True),
    ],
)
def test_each_row(changes: dict[str, Any], evaluation: str, satisfies: bool, is_exposure: bool) -> None:
    found = evaluated(**changes)
    assert (found.evaluation, found.satisfies, found.is_exposure) == (evaluation, satisfies, is_exposure)


@pytest.mark.parametrize(
    ("changes", "winner"),
    [
        ({"units": 0, "outcome": "aborted", "product": OTHER_TOXIN, "kind": "touch_up"}, "not_given"),
        ({"outcome": "partial", "product": OTHER_TOXIN, "kind": "touch_up"}, "substandard"),
        ({"product": OTHER_TOXIN, "kind": "touch_up", **EXPIRED}, "substandard"),
        ({"product": OTHER_TOXIN, "kind": "touch_up"}, "wrong_product"),
        ({"given_on": "2026-07-01", "kind": "touch_up"}, "touch_up"),
        ({"given_on": "2026-07-01", "outcome": "partial"}, "substandard"),
    ],
)
def test_the_first_row_that_matches_wins(changes: dict[str, Any], winner: str) -> None:
    assert evaluated(**changes).evaluation == winner


@pytest.mark.parametrize(
    ("given_on", "days_late"), [("2026-09-21", 0), ("2026-09-22", 1), ("2026-10-21", 30)]
)
def test_days_late_count_from_the_last_on_time_day(given_on: str, days_late: int) -> None:
    assert evaluated(given_on).days_late == days_late


@pytest.mark.parametrize(
    ("indication", "evaluation"),
    [
        ("chronic_migraine", "too_soon"),
        (None, "too_soon"),
        ("spasticity_upper_limb", "valid"),
        ("other", "valid"),
    ],
)
def test_the_first_session_is_judged_by_what_was_given_elsewhere_for_the_same(
    indication: str | None, evaluation: str
) -> None:
    (only,) = forecast([elsewhere("2026-09-13", indication=indication), given("2026-09-14")]).sessions
    assert only.evaluation == evaluation


@pytest.mark.parametrize("stopped_on", [None, "2026-09-13"])
def test_a_session_is_judged_by_what_another_course_of_the_indication_gave(stopped_on: str | None) -> None:
    old = course(id="c0", stopped_on=stopped_on, product=OTHER_TOXIN)
    under_it = given("2026-06-22", 500, course_id="c0", product=OTHER_TOXIN)
    for given_on, evaluation in (
        ("2026-09-07", "too_soon"),
        ("2026-09-08", "grace"),
        ("2027-03-01", "valid"),
    ):
        _, found = forecasts([old, course()], [under_it, given(given_on)], as_of=given_on)
        assert [each.evaluation for each in found.sessions] == [evaluation]
    limb = course("spasticity_upper_limb", id="c0")
    _, apart = forecasts([limb, course()], [under_it, given("2026-06-23")])
    assert [each.evaluation for each in apart.sessions] == ["valid"]


@pytest.mark.parametrize("first", [given("2026-06-22", 0), given("2026-06-22", 0, outcome="aborted")])
def test_what_was_not_given_leaves_the_next_the_first(first: Any) -> None:
    assert forecast([first, given("2026-06-23")]).sessions[-1].evaluation == "valid"


def test_too_soon_counts_from_an_exposure_that_did_not_satisfy() -> None:
    found = forecast([FIRST, given("2026-08-01", 20, kind="touch_up"), given("2026-09-14")])
    assert [each.evaluation for each in found.sessions] == ["valid", "touch_up", "too_soon"]


@pytest.mark.parametrize(
    ("touch_up", "days_late"), [("2026-06-23", 3), ("2026-06-24", 2), ("2026-06-26", 0), ("2026-07-01", 0)]
)
def test_a_touch_up_gives_as_many_days_as_the_floor_moves_and_its_grace(
    touch_up: str, days_late: int
) -> None:
    """On time through 21 September by the first session; a week from the touch-up's floor on."""
    found = forecast([FIRST, given(touch_up, 20, kind="touch_up"), given("2026-09-25")]).sessions[-1]
    assert (found.evaluation, found.days_late) == ("late" if days_late else "valid", days_late)


@pytest.mark.parametrize(("given_on", "days_late"), [("2026-10-05", 0), ("2026-10-06", 1)])
def test_nobody_is_late_for_a_personal_interval_and_its_grace(given_on: str, days_late: int) -> None:
    """98 days after 22 June is 28 September."""
    found = forecast([FIRST, given(given_on)], course(personal_interval="P14W")).sessions[-1]
    assert (found.evaluation, found.days_late) == ("late" if days_late else "valid", days_late)


@pytest.mark.parametrize(("given_on", "days_late"), [("2026-10-07", 0), ("2026-10-08", 1)])
def test_nobody_is_late_for_a_payers_interval_and_its_grace(given_on: str, days_late: int) -> None:
    """100 days after 22 June is 30 September."""
    found = forecast([FIRST, given(given_on)], course(payer_minimum_interval="P100D")).sessions[-1]
    assert (found.evaluation, found.days_late) == ("late" if days_late else "valid", days_late)


def test_a_short_personal_interval_makes_nobody_late_sooner() -> None:
    assert (
        forecast([FIRST, given("2026-09-21")], course(personal_interval="P10W")).sessions[-1].days_late == 0
    )
    assert (
        forecast([FIRST, given("2026-09-22")], course(personal_interval="P10W")).sessions[-1].days_late == 1
    )


def test_long_after_exposures_that_never_counted_a_session_is_valid() -> None:
    found = forecast([given("2026-01-05", outcome="partial"), given("2026-11-01")])
    assert [each.evaluation for each in found.sessions] == ["substandard", "valid"]


def test_spasticity_has_no_grace() -> None:
    limb = course("spasticity_upper_limb")

    def last(given_on: str) -> str:
        return forecast([FIRST, given(given_on)], limb).sessions[-1].evaluation

    assert [last("2026-09-13"), last("2026-09-14"), last("2026-10-22"), last("2026-10-23")] == [
        *("too_soon", "valid", "valid", "late"),
    ]


@pytest.mark.parametrize(
    ("given_on", "too_soon"), [("2026-09-19", True), ("2026-09-20", False), ("2026-09-14", True)]
)
def test_a_payer_judges_by_its_own_interval(given_on: str, too_soon: bool) -> None:
    found = forecast([FIRST, given(given_on)], course(payer_minimum_interval="P90D")).sessions[-1]
    assert (found.evaluation, found.payer_too_soon) == ("valid", too_soon)


def test_a_payer_judges_from_the_latest_exposure_and_never_the_first_session() -> None:
    touched = [FIRST, given("2026-07-01", 20, kind="touch_up"), given("2026-09-20")]
    found = forecast(touched, course(payer_minimum_interval="P84D"))
    assert [each.payer_too_soon for each in found.sessions] == [False, True, True]


def test_sessions_are_judged_by_date_then_id_whatever_order_they_come_in() -> None:
    a, b, c = given("2026-06-22", id="b"), given("2026-06-22", id="a"), given("2026-09-14", id="0")
    for order in ([a, b, c], [c, b, a], [b, c, a]):
        found = forecast(order)
        assert [(each.id, each.evaluation) for each in found.sessions] == [
            *(("a", "valid"), ("b", "valid"), ("0", "valid")),
        ]


def test_rows_of_one_day_are_one_visit_none_earlier_than_the_others() -> None:
    rows = [given("2026-09-14", 100, id="x"), given("2026-09-14", 20, id="y", kind="touch_up")]
    found = forecast([FIRST, *rows, given("2026-09-14", 55, id="z")], course(payer_minimum_interval="P84D"))
    assert [(e.evaluation, e.payer_too_soon) for e in found.sessions] == [
        *(("valid", False), ("valid", False), ("touch_up", False), ("valid", False)),
    ]
    assert (found.cycles_given, found.planned_units) == (2, 155)


def test_late_rows_of_one_day_are_late_alike() -> None:
    found = forecast([FIRST, given("2026-09-30", id="x"), given("2026-09-30", id="y")])
    assert [(e.evaluation, e.days_late) for e in found.sessions[1:]] == [("late", 9), ("late", 9)]


def test_what_was_not_given_is_no_claim_to_a_payer() -> None:
    asked = course(payer_minimum_interval="P84D")
    assert not forecast([FIRST, given("2026-07-01", 0)], asked).sessions[-1].payer_too_soon
    assert forecast([FIRST, given("2026-07-01", 1, outcome="aborted")], asked).sessions[-1].payer_too_soon


def test_ids_may_be_numbers_and_sort_as_numbers() -> None:
    found = forecast([given("2026-06-22", id=10), given("2026-06-22", id=9), given("2026-06-22", id="1")])
    assert [each.id for each in found.sessions] == [9, 10, "1"]


def test_correcting_units_to_zero_gives_the_dates_back() -> None:
    """A later session that turns out not to have been given leaves the dates as they were before it."""
    assert dates(forecast([FIRST, given("2026-09-14", 0)])) == dates(forecast([FIRST]))
    assert forecast([FIRST, given("2026-09-14", 0)]).reference == day("2026-06-22")
