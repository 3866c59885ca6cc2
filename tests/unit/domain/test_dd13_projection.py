"""DD-13: cycles after the next one, each from the due (or booked) date before it."""

from builders import course, forecast, given, patient

from clinic_scheduler.domain.forecast.projection import project
from clinic_scheduler.domain.forecast.values import Course

V1 = [given("2026-08-31")]


def projected(of: Course, count: int = 2) -> list[tuple[int, str, str, str]]:
    return [
        (
            each.number,
            each.earliest_date.isoformat(),
            each.due_date.isoformat(),
            each.overdue_date.isoformat(),
        )
        for each in project(patient(), of, forecast(V1, of), count)
    ]


def test_cycles_follow_the_due_date_every_twelve_weeks() -> None:
    assert projected(course()) == [
        (3, "2027-02-15", "2027-02-15", "2027-02-23"),
        (4, "2027-05-10", "2027-05-10", "2027-05-18"),
    ]


def test_a_booked_visit_anchors_the_rest() -> None:
    assert projected(course(booked_on="2026-11-30"), 1) == [(3, "2027-02-22", "2027-02-22", "2027-03-02")]


def test_a_personal_interval_and_a_payers_floor_carry_on() -> None:
    assert projected(course(personal_interval="P14W"), 1) == [(3, "2027-03-01", "2027-03-15", "2027-03-16")]
    assert projected(course(payer_minimum_interval="P90D"), 1) == [
        (3, "2027-02-27", "2027-02-27", "2027-03-01"),
    ]


def test_spasticity_goes_on_in_months() -> None:
    assert projected(course("spasticity_upper_limb"), 1) == [(3, "2027-02-23", "2027-03-01", "2027-04-02")]


def test_nothing_asked_nothing_projected_and_all_is_marked() -> None:
    assert project(patient(), course(), forecast(V1), 0) == []
    assert all(each.projected for each in project(patient(), course(), forecast(V1), 5))


def test_a_session_anchors_the_projection_anew() -> None:
    later = [*V1, given("2026-11-27")]
    found = project(patient(), course(), forecast(later, as_of="2026-11-27"), 1)
    assert (found[0].number, found[0].due_date.isoformat()) == (4, "2027-05-14")
