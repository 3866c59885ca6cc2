"""DD-4 to DD-6: due, overdue and lapse dates, with and without a session that counts."""

import pytest
from builders import course, dates, elsewhere, forecast, forecasts, given

V1 = [given("2026-08-31")]


@pytest.mark.parametrize(
    ("personal", "due", "overdue"),
    [
        (None, "2026-11-23", "2026-12-01"),
        ("P10W", "2026-11-23", "2026-12-01"),
        ("P90D", "2026-11-29", "2026-12-07"),
        ("P13W", "2026-11-30", "2026-12-08"),
        ("P14W", "2026-12-07", "2026-12-15"),
        ("P3M", "2026-12-01", "2026-12-09"),
    ],
)
def test_dd4_a_personal_interval_sets_the_due_date_but_never_below_the_earliest(
    personal: str | None, due: str, overdue: str
) -> None:
    found = forecast(V1, course(personal_interval=personal))
    assert dates(found) == ["2026-11-23", due, overdue, "2027-03-02"]


def test_dd4_a_long_payer_floor_moves_due_and_overdue_too() -> None:
    assert dates(forecast(V1, course(payer_minimum_interval="P100D"))) == [
        *("2026-12-09", "2026-12-09", "2026-12-17", "2027-03-02"),
    ]


def test_dd6_a_floor_past_the_lapse_moves_the_lapse_to_the_overdue_date() -> None:
    assert dates(forecast(V1, course(payer_minimum_interval="P190D"))) == [
        *("2027-03-09", "2027-03-09", "2027-03-17", "2027-03-17"),
    ]


def test_without_a_session_everything_counts_from_the_start() -> None:
    assert dates(forecast([], course(started_on="2026-11-09"))) == [
        *("2026-11-09", "2026-11-09", "2026-12-08", "2027-05-11"),
    ]


def test_without_a_session_a_personal_interval_changes_nothing() -> None:
    plain = forecast([], course(started_on="2026-11-09"))
    assert dates(forecast([], course(started_on="2026-11-09", personal_interval="P20W"))) == dates(plain)


def test_without_a_session_a_cap_held_start_moves_overdue_past_four_weeks() -> None:
    limb = course("spasticity_upper_limb", started_on="2026-11-09", planned_units=300)
    assert dates(forecast([elsewhere("2026-10-20")], limb)) == [
        *("2027-01-12", "2027-01-12", "2027-01-20", "2027-05-10"),
    ]


def test_an_exposure_that_does_not_count_moves_the_floor_while_the_rest_counts_from_the_start() -> None:
    found = forecast([given("2026-11-10", outcome="aborted")], course(started_on="2026-11-09"))
    assert (found.reference, found.cycles_given) == (None, 0)
    assert dates(found) == ["2027-02-02", "2027-02-02", "2027-02-10", "2027-05-11"]


@pytest.mark.parametrize(
    ("grace", "overdue"),
    [("P1D", "2026-12-01"), ("P7D", "2026-12-01"), ("P8D", "2026-12-02"), ("P2W", "2026-12-08")],
)
def test_dd5_the_window_stays_open_for_the_clinics_own_grace(grace: str, overdue: str) -> None:
    found = forecast(V1, course(protocol={"grace_after_due": grace}))
    assert dates(found)[1:3] == ["2026-11-23", overdue]


@pytest.mark.parametrize(("within", "overdue"), [("P4W", "2026-12-08"), ("P5D", "2026-11-17")])
def test_dd5_a_first_treatment_has_the_longer_of_its_own_time_and_the_grace(
    within: str, overdue: str
) -> None:
    first = course(started_on="2026-11-09", protocol={"first_treatment_within": within})
    assert dates(forecast([], first))[2] == overdue


@pytest.mark.parametrize("stopped_on", [None, "2026-11-01"])
def test_what_another_course_gave_moves_the_floor_and_is_no_reference(stopped_on: str | None) -> None:
    old = course(id="c0", stopped_on=stopped_on)
    _, found = forecasts([old, course(started_on="2026-11-02")], [given("2026-10-20", course_id="c0")])
    assert (found.reference, found.cycles_given) == (None, 0)
    assert dates(found) == ["2027-01-12", "2027-01-12", "2027-01-20", "2027-05-04"]


def test_sessions_after_as_of_are_ignored() -> None:
    found = forecast([*V1, given("2026-11-23")], as_of="2026-11-22")
    assert found.cycles_given == 1
    assert forecast([*V1, given("2026-11-23")], as_of="2026-11-23").cycles_given == 2


def test_lapse_in_months_goes_forward_where_the_day_is_missing() -> None:
    found = forecast([given("2026-08-31", 300)], course("spasticity_lower_limb"))
    assert dates(found) == ["2026-11-23", "2026-12-01", "2027-01-01", "2027-03-02"]
