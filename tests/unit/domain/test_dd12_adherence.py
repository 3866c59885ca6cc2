"""DD-12: days late per cycle, drift, median interval, cycles in a year."""

from builders import course, day, forecast, given, patient

from clinic_scheduler.domain.forecast.adherence import Adherence, Cycle, adherence
from clinic_scheduler.domain.forecast.values import Course, GivenSession


def kept(sessions: list[GivenSession], of: Course | None = None, as_of: str = "2026-11-22") -> Adherence:
    of = of or course()
    return adherence(patient(), of, forecast(sessions, of, as_of=as_of).sessions, day(as_of))


def test_nothing_given_has_no_cycle() -> None:
    assert kept([]) == Adherence((), 0, None, 0)


def test_one_session_is_no_interval_yet() -> None:
    assert kept([given("2026-08-31")]) == Adherence((), 0, None, 1)


def test_late_and_early_cycles_add_up_in_drift() -> None:
    found = kept([given("2026-01-05"), given("2026-04-05"), given("2026-06-26"), given("2026-09-18")])
    assert found.cycles == (
        Cycle(day("2026-04-05"), 90, 6),
        Cycle(day("2026-06-26"), 82, -2),
        Cycle(day("2026-09-18"), 84, 0),
    )
    assert (found.drift_days, found.median_interval_days, found.cycles_last_year) == (4, 84, 4)


def test_the_median_of_two_lies_between() -> None:
    assert kept([given("2026-01-05"), given("2026-03-30"), given("2026-06-23")]).median_interval_days == 84.5


def test_what_does_not_satisfy_is_no_cycle_but_an_exposure_moves_the_due_date() -> None:
    between = [given("2026-01-05"), given("2026-01-15", 20, kind="touch_up"), given("2026-04-09")]
    assert kept(between).cycles == (Cycle(day("2026-04-09"), 94, 0),)
    not_given = [given("2026-01-05"), given("2026-01-15", 0), given("2026-04-09")]
    assert kept(not_given).cycles == (Cycle(day("2026-04-09"), 94, 10),)


def test_an_exposure_before_the_first_satisfying_session_begins_no_cycle() -> None:
    sessions = [given("2026-01-05", outcome="partial"), given("2026-04-01"), given("2026-06-24")]
    assert kept(sessions).cycles == (Cycle(day("2026-06-24"), 84, 0),)


def test_each_course_is_measured_by_its_own_interval_and_payer() -> None:
    sessions = [given("2026-01-05"), given("2026-04-15")]
    assert kept(sessions).drift_days == 16
    assert kept(sessions, course(personal_interval="P14W")).drift_days == 2
    assert kept(sessions, course(personal_interval="P10W")).drift_days == 16
    assert kept(sessions, course(payer_minimum_interval="P90D")).drift_days == 10
    assert kept(sessions, course("spasticity_upper_limb")).drift_days == 10


def test_a_year_is_the_365_days_up_to_and_including_today() -> None:
    sessions = [given("2025-11-22"), given("2025-11-23", 20, kind="touch_up"), given("2026-11-22")]
    assert kept(sessions).cycles_last_year == 1
    assert kept(sessions[:1], as_of="2026-11-21").cycles_last_year == 1
