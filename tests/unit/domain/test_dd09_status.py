"""DD-9: timing, booking, and the one bucket; the blocks are in test_dd09_blocks.py."""

from itertools import product

import pytest
from builders import (
    authorization,
    course,
    day,
    forecast,
    given,
    hold,
    patient,
)

from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import bucket_of, stored_booking, timing_on

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"


@pytest.mark.parametrize(
    ("as_of", "timing", "bucket"),
    [
        ("2026-08-31", "not_due", "not_due"),
        ("2026-11-08", "not_due", "not_due"),
        ("2026-11-09", "due_soon", "due_soon"),
        ("2026-11-22", "due_soon", "due_soon"),
        ("2026-11-23", "eligible", "due_soon"),
        ("2026-12-06", "eligible", "due_soon"),
        ("2026-12-07", "due", "due"),
        ("2026-12-14", "due", "due"),
        ("2026-12-15", "overdue", "overdue"),
        ("2027-03-01", "overdue", "overdue"),
        ("2027-03-02", "lapsed", "lapsed"),
    ],
)
def test_each_date_begins_its_state(as_of: str, timing: str, bucket: str) -> None:
    found = forecast(V1, course(personal_interval="P14W"), as_of=as_of)
    assert (found.timing, found.bucket) == (timing, bucket)


def test_timing_needs_no_day_before_the_first_of_the_calendar() -> None:
    first = day("0001-01-05")
    assert timing_on(first, first, day("0001-02-01"), day("0001-06-01"), day("0001-01-01")) == "due_soon"


@pytest.mark.parametrize(("stopped_on", "timing"), [("2026-11-22", "closed"), ("2026-11-23", "due_soon")])
def test_a_course_is_closed_from_the_day_it_stops(stopped_on: str, timing: str) -> None:
    assert forecast(V1, course(stopped_on=stopped_on)).timing == timing


def test_a_deceased_patients_courses_are_closed_whatever_else_holds() -> None:
    found = forecast(V1, course(holds=(hold("2026-11-01"),)), patient(deceased=True))
    assert (found.timing, found.bucket, found.blocks) == ("closed", "closed", ("on_hold",))


@pytest.mark.parametrize(
    ("booked_on", "booking"), [("2026-11-23", "ok"), ("2026-11-22", "too_early"), ("2026-11-21", "past")]
)
@pytest.mark.parametrize("gone", [True, False])
def test_what_stands_under_a_closed_course_is_a_problem_however_well_it_stands(
    gone: bool, booked_on: str, booking: str
) -> None:
    stopped = course(booked_on=booked_on, stopped_on=None if gone else "2026-11-22")
    found = forecast(V1, stopped, patient(deceased=gone))
    assert (found.timing, found.booking, found.bucket) == ("closed", booking, "booking_problem")


@pytest.mark.parametrize(
    ("booked_on", "booking", "bucket"),
    [
        (None, "none", "due_soon"),
        ("2026-11-22", "too_early", "booking_problem"),
        ("2026-11-23", "ok", "booked"),
        ("2026-11-27", "ok", "booked"),
        ("2026-11-28", "outside_authorization", "booking_problem"),
        ("2026-11-30", "outside_authorization", "booking_problem"),
        ("2026-12-01", "late", "booking_problem"),
    ],
)
def test_a_booking_is_too_early_then_late_then_outside_its_authorization(
    booked_on: str | None, booking: str, bucket: str
) -> None:
    spent = authorization("2026-11-01", "2026-12-31", visits_left=0)
    open_until_friday = authorization("2026-11-23", "2026-11-27", visits_left=1)
    found = forecast(
        V1,
        course(booked_on=booked_on, authorization_required=True, authorizations=(spent, open_until_friday)),
    )
    assert (found.booking, found.bucket, found.blocks) == (booking, bucket, ())


@pytest.mark.parametrize(
    ("units_left", "booking", "blocks"),
    [(154.9, "outside_authorization", ("authorization_exhausted",)), (155, "ok", ()), (None, "ok", ())],
)
def test_units_of_an_authorization_judge_a_booking_too(
    units_left: float | None, booking: str, blocks: tuple[str, ...]
) -> None:
    leave = authorization("2026-11-01", "2026-12-31", units_left=units_left)
    asked = course(booked_on="2026-11-23", authorization_required=True, authorizations=(leave,))
    found = forecast(V1, asked)
    assert (found.booking, found.blocks) == (booking, blocks)
    assert found.bucket == ("booked" if booking == "ok" else "booking_problem")


def test_a_booking_needs_no_authorization_where_none_is_required() -> None:
    assert forecast(V1, course(booked_on="2026-11-23")).booking == "ok"


def test_no_booking_moves_a_date() -> None:
    booked, free = forecast(V1, course(booked_on="2026-11-30")), forecast(V1)
    same = {"booked_on": None, "booking": "none", "bucket": "due_soon", "turns_on": free.turns_on}
    assert booked._replace(**same) == free


TIMINGS = ("not_due", "due_soon", "eligible", "due", "overdue", "lapsed")
BOOKINGS = ("none", "ok", "past", "too_early", "over_cap", "blocked", "late", "outside_authorization")


@pytest.mark.parametrize(
    ("timing", "blocks", "booking"), list(product(TIMINGS, [(), ("on_hold",)], BOOKINGS))
)
def test_where_several_buckets_fit_the_order_decides(
    timing: str, blocks: tuple[str, ...], booking: str
) -> None:
    fitting = {"due_soon" if timing == "eligible" else timing}
    if booking != "none":
        fitting.add("booked" if booking == "ok" else "booking_problem")
    if blocks:
        fitting.add("blocked")
    assert bucket_of(timing, blocks, booking) == min(fitting, key=list(Bucket).index)


@pytest.mark.parametrize("blocks", [(), ("on_hold",)])
@pytest.mark.parametrize("booking", BOOKINGS)
def test_a_closed_course_is_closed_but_for_what_still_stands_under_it(
    blocks: tuple[str, ...], booking: str
) -> None:
    assert bucket_of("closed", blocks, booking) == ("closed" if booking == "none" else "booking_problem")


@pytest.mark.parametrize("booking", BOOKINGS)
def test_a_row_keeps_what_stands_under_a_closed_course_apart(booking: str) -> None:
    assert stored_booking("due", booking) == booking
    assert stored_booking("closed", booking) == ("none" if booking == "none" else "closed_course")


def test_the_buckets_stand_in_the_order_of_the_rule() -> None:
    assert list(Bucket) == [
        *("closed", "booked", "booking_problem", "lapsed", "blocked"),
        *("overdue", "due", "due_soon", "not_due"),
    ]
