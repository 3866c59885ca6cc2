"""DD-9: timing, the clinical blocks and their order, booking, and the one bucket."""

from itertools import product

import pytest
from builders import OTHER_TOXIN, authorization, course, day, elsewhere, forecast, given, hold, patient

from clinic_scheduler.domain.status import BUCKETS, bucket_of, timing_on

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
        ("2026-12-08", "overdue", "overdue"),
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
    found = forecast(V1, course(booked_on="2026-11-23", holds=(hold("2026-11-01"),)), patient(deceased=True))
    assert (found.timing, found.bucket, found.booking) == ("closed", "closed", "ok")


@pytest.mark.parametrize(
    ("starts", "ends", "blocked"),
    [
        ("2026-11-22", "2026-11-22", True),
        ("2026-10-01", None, True),
        ("2026-11-22", None, True),
        ("2026-11-23", None, False),
        ("2026-10-01", "2026-11-21", False),
        ("2026-10-01", "2026-11-22", True),
    ],
)
def test_a_hold_includes_both_its_ends(starts: str, ends: str | None, blocked: bool) -> None:
    found = forecast(V1, course(holds=(hold(starts, ends),)))
    assert found.blocks == (("on_hold",) if blocked else ())
    assert found.timing == "due_soon"


@pytest.mark.parametrize(
    ("indication", "born", "weight", "blocks"),
    [
        ("chronic_migraine", "2008-11-23", None, ()),
        ("chronic_migraine", "2008-11-24", None, ("weight_missing", "age_not_covered")),
        ("chronic_migraine", "2008-11-24", 60, ("age_not_covered",)),
        (LIMB, "2008-12-01", None, ("weight_missing",)),
        (LIMB, "2008-11-30", None, ()),
        (LIMB, "2024-11-30", 20, ()),
        (LIMB, "2024-12-01", 20, ("age_not_covered",)),
    ],
)
def test_age_is_counted_on_the_due_date(
    indication: str, born: str, weight: float | None, blocks: tuple[str, ...]
) -> None:
    """Due on 2026-11-23 for migraine and on 2026-11-30 for a limb."""
    last = given("2026-08-31" if indication == "chronic_migraine" else "2026-08-30", 100)
    assert forecast([last], course(indication), patient(born, weight)).blocks == blocks


@pytest.mark.parametrize(
    ("last", "units", "blocked"),
    [("2026-08-03", 155, False), ("2026-08-04", 155, True), ("2026-08-04", 0, False)],
)
def test_another_toxin_asks_for_a_review_until_sixteen_weeks_have_passed(
    last: str, units: float, blocked: bool
) -> None:
    found = forecast([*V1, elsewhere(last, units, product=OTHER_TOXIN)])
    assert found.blocks == (("other_toxin_review",) if blocked else ())


def test_an_older_toxin_is_found_behind_newer_sessions_of_the_courses_own() -> None:
    history = [elsewhere("2026-08-05", product=OTHER_TOXIN), *V1, given("2026-09-01", 1, kind="touch_up")]
    assert forecast(history).earliest_date == day("2026-11-24")
    assert forecast(history).blocks == ("other_toxin_review",)


def test_all_blocks_that_hold_stand_in_their_order_and_hide_no_timing() -> None:
    everything = course(
        planned_units=500,
        holds=(hold("2026-11-01"),),
        authorization_required=True,
    )
    other = elsewhere("2026-09-01", product=OTHER_TOXIN)
    minor = forecast([*V1, other], everything, patient("2010-01-01"))
    assert minor.blocks == (
        *("on_hold", "weight_missing", "age_not_covered", "other_toxin_review", "authorization_missing"),
    )
    weighed = forecast([*V1, other], everything, patient("2010-01-01", 50))
    assert weighed.blocks == (
        *("on_hold", "cap_exceeded", "age_not_covered", "other_toxin_review", "authorization_missing"),
    )
    assert (weighed.timing, weighed.bucket) == ("due_soon", "blocked")


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


def test_units_of_an_authorization_do_not_judge_a_booking() -> None:
    few = authorization("2026-11-01", "2026-12-31", units_left=1)
    asked = course(booked_on="2026-11-23", authorization_required=True, authorizations=(few,))
    found = forecast(V1, asked)
    assert (found.booking, found.bucket) == ("ok", "booked")
    assert found.blocks == ("authorization_exhausted",)


def test_a_booking_needs_no_authorization_where_none_is_required() -> None:
    assert forecast(V1, course(booked_on="2026-11-23")).booking == "ok"


def test_no_booking_moves_a_date() -> None:
    booked = forecast(V1, course(booked_on="2026-11-30"))
    assert booked._replace(booked_on=None, booking="none", bucket="due_soon") == forecast(V1)


TIMINGS = ("not_due", "due_soon", "eligible", "due", "overdue", "lapsed", "closed")
BOOKINGS = ("none", "ok", "too_early", "late", "outside_authorization")


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
    assert bucket_of(timing, blocks, booking) == min(fitting, key=BUCKETS.index)


def test_the_buckets_stand_in_the_order_of_the_rule() -> None:
    assert list(BUCKETS) == [
        *("closed", "booked", "booking_problem", "lapsed", "blocked"),
        *("overdue", "due", "due_soon", "not_due"),
    ]
