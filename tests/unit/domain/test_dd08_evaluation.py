"""DD-8: each row of the table, which of two rows wins, and the order sessions are judged in."""

from typing import Any

import pytest
from builders import OTHER_TOXIN, course, dates, day, elsewhere, forecast, given

from clinic_scheduler.domain.values import Evaluation

FIRST = given("2026-06-22")
EXPIRED = {"lot_expires_on": "2026-09-13"}


def judged(given_on: str = "2026-09-14", units: float = 155, **changes: Any) -> Evaluation:
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
    found = judged(**changes)
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
    assert judged(**changes).evaluation == winner


@pytest.mark.parametrize(
    ("given_on", "days_late"), [("2026-09-21", 0), ("2026-09-22", 1), ("2026-10-21", 30)]
)
def test_days_late_count_from_the_last_on_time_day(given_on: str, days_late: int) -> None:
    assert judged(given_on).days_late == days_late


def test_the_first_exposure_is_valid_however_soon_after_one_elsewhere() -> None:
    (only,) = forecast([elsewhere("2026-09-13"), given("2026-09-14")]).sessions
    assert only.evaluation == "valid"


@pytest.mark.parametrize("first", [given("2026-06-22", 0), given("2026-06-22", 0, outcome="aborted")])
def test_what_was_not_given_leaves_the_next_the_first(first: Any) -> None:
    assert forecast([first, given("2026-06-23")]).sessions[-1].evaluation == "valid"


def test_too_soon_counts_from_an_exposure_that_did_not_satisfy() -> None:
    found = forecast([FIRST, given("2026-08-01", 20, kind="touch_up"), given("2026-09-14")])
    assert [each.evaluation for each in found.sessions] == ["valid", "touch_up", "too_soon"]


def test_late_counts_from_the_reference_not_from_a_touch_up() -> None:
    found = forecast([FIRST, given("2026-07-01", 20, kind="touch_up"), given("2026-09-24")])
    assert (found.sessions[-1].evaluation, found.sessions[-1].days_late) == ("late", 3)


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
            *(("a", "valid"), ("b", "too_soon"), ("0", "valid")),
        ]


def test_ids_may_be_numbers_and_sort_as_numbers() -> None:
    found = forecast([given("2026-06-22", id=10), given("2026-06-22", id=9), given("2026-06-22", id="1")])
    assert [each.id for each in found.sessions] == [9, 10, "1"]


def test_correcting_units_to_zero_gives_the_dates_back() -> None:
    """A later session that turns out not to have been given leaves the dates as they were before it."""
    assert dates(forecast([FIRST, given("2026-09-14", 0)])) == dates(forecast([FIRST]))
    assert forecast([FIRST, given("2026-09-14", 0)]).reference == day("2026-06-22")
