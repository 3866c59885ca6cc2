"""The public vectors of the due-date rules, by number, against the engine: dates, treatments, suggestions.

Those of several courses, what is booked, and holds are in test_vectors_of_visits.py.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import (
    OTHER_TOXIN,
    authorization,
    course,
    dates,
    day,
    elsewhere,
    forecast,
    forecasts,
    given,
    patient,
)

from clinic_scheduler.domain.forecast.adherence import adherence
from clinic_scheduler.domain.forecast.intervals import add, parse_interval
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.slots import Closure, Diary, Hours, Window, suggest

PACIFIC = ZoneInfo("America/Los_Angeles")
LIMB = "spasticity_upper_limb"
V1 = [given("2026-08-31")]
NINE_YEARS_OLD = patient("2017-05-01", weight=30)
WORKDAYS = [Hours(weekday, time(9), time(17)) for weekday in range(5)]


def test_v1_twelve_weeks_after_the_last_treatment() -> None:
    found = forecast(V1)
    assert dates(found) == ["2026-11-23", "2026-11-23", "2026-12-01", "2027-03-02"]
    assert (found.timing, found.bucket, found.blocks) == ("due_soon", "due_soon", ())
    assert (found.because[0].rule, found.because[0].text) == ("DD-3a", "12 weeks (84 days) after 31-Aug-2026")


@pytest.mark.parametrize(("payer", "too_soon"), [(None, False), ("P84D", True)])
def test_v2_day_81_is_grace_and_too_soon_for_a_payer_of_84_days(payer: str | None, too_soon: bool) -> None:
    last = forecast([*V1, given("2026-11-20")], course(payer_minimum_interval=payer)).sessions[-1]
    assert (last.evaluation, last.payer_too_soon) == ("grace", too_soon)


def test_v3_day_77_is_too_soon_and_the_next_counts_from_it() -> None:
    found = forecast([*V1, given("2026-11-16")])
    assert found.sessions[-1].evaluation == "too_soon"
    assert found.earliest_date == day("2027-02-08")


@pytest.mark.parametrize(("as_of", "timing"), [("2026-11-21", "due"), ("2026-11-22", "overdue")])
def test_v4_due_through_the_last_on_time_day_then_overdue(as_of: str, timing: str) -> None:
    found = forecast([given("2026-08-22")], as_of=as_of)
    assert (found.overdue_date, found.timing) == (day("2026-11-22"), timing)


def test_v5_lapsed_after_26_weeks() -> None:
    found = forecast([given("2026-04-01")])
    assert (found.lapse_date, found.timing) == (day("2026-10-01"), "lapsed")


@pytest.mark.parametrize("indication", ["spasticity_upper_limb", "spasticity_lower_limb"])
def test_v6_spasticity_is_due_after_three_months_not_twelve_weeks(indication: str) -> None:
    found = forecast([given("2026-10-31", 300)], course(indication))
    assert dates(found)[:3] == ["2027-01-23", "2027-01-31", "2027-03-02"]


def test_v7_a_month_without_the_day_goes_forward() -> None:
    found = forecast([given("2026-11-30", 300)], course(LIMB), as_of="2026-12-01")
    assert dates(found)[:2] == ["2027-02-22", "2027-03-01"]


def test_v8_a_closure_moves_the_suggestion_forward_and_no_date() -> None:
    found = forecast([given("2026-09-03")])
    assert found.due_date == day("2026-11-26")
    diary = Diary(1, "Dr. Ada Okafor", 30, WORKDAYS, [Closure(day("2026-11-26"), day("2026-11-26"))])
    window = Window(found.earliest_date, found.due_date, found.overdue_date)
    slots = suggest(window, [diary], PACIFIC, datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert slots[0].local_date == day("2026-11-27")
    assert min(slot.local_date for slot in slots) == day("2026-11-27")


def test_v9_authorization_ends_before_the_due_date() -> None:
    ending = authorization("2026-01-01", "2026-11-30", visits_left=2, units_left=400)
    found = forecast([given("2026-09-14")], course(authorization_required=True, authorizations=(ending,)))
    assert found.due_date == day("2026-12-07")
    assert found.blocks == ("authorization_expires_before_due",)


def test_v10_units_of_another_course_hold_back_one_never_treated() -> None:
    untreated = course(LIMB, id="c2", started_on="2026-11-09", planned_units=300)
    _, found = forecasts([course(), untreated], [given("2026-09-14")])
    assert found.earliest_date == day("2026-12-07")
    assert found.because[0].rule == "DD-3c"


def test_v11_twelve_weeks_keep_the_wall_clock_across_the_end_of_summer_time() -> None:
    later = add(day("2026-08-10"), parse_interval("P12W"))
    assert later == day("2026-11-02")
    assert to_utc(day("2026-08-10"), time(9), PACIFIC) == datetime(2026, 8, 10, 16, tzinfo=UTC)
    assert to_utc(later, time(9), PACIFIC) == datetime(2026, 11, 2, 17, tzinfo=UTC)


def test_v13_four_cycles_five_days_late_drift_twenty_days() -> None:
    start = day("2026-01-05")
    sessions = [given((start + timedelta(89 * n)).isoformat()) for n in range(5)]
    assert sessions[-1].given_on == day("2026-12-27")
    kept = adherence(patient(), course(), forecast(sessions, as_of="2026-12-27").sessions, day("2026-12-27"))
    assert [cycle.days_late for cycle in kept.cycles] == [5, 5, 5, 5]
    assert kept.drift_days == 20


def test_v15_a_session_inserted_between_two_others_has_the_later_one_judged_again() -> None:
    first, last, between = given("2026-06-01"), given("2026-08-31"), given("2026-07-01")
    before = forecast([first, last])
    assert [each.evaluation for each in before.sessions] == ["valid", "valid"]
    after = forecast([first, last, between])
    assert [each.evaluation for each in after.sessions] == ["valid", "too_soon", "too_soon"]
    assert [each.id for each in after.sessions] == ["2026-06-01", "2026-07-01", "2026-08-31"]
    assert dates(after) == dates(before)


def test_v16_what_a_stopped_course_gave_keeps_its_distance() -> None:
    stopped = course(stopped_on="2026-11-01")
    new = course(id="c2", started_on="2026-11-02")
    _, found = forecasts([stopped, new], [given("2026-10-20")])
    assert dates(found)[:2] == ["2027-01-12", "2027-01-12"]
    _, treated = forecasts([stopped, new], [given("2026-10-20"), given("2026-11-08", course_id="c2")])
    assert [each.evaluation for each in treated.sessions] == ["too_soon"]


def test_v19_units_of_the_product_given_elsewhere_count_towards_the_cap() -> None:
    outside = elsewhere("2026-09-30", 250, indication="cervical_dystonia")
    found = forecast([*V1, outside], course(planned_units=155))
    assert (found.earliest_date, found.because[0].rule) == (day("2026-12-23"), "DD-3c")


def test_v20_three_rows_of_one_day_are_one_visit() -> None:
    found = forecast([given("2026-08-31", 100, id=name) for name in "abc"])
    assert [each.evaluation for each in found.sessions] == ["valid", "valid", "valid"]
    assert (found.cycles_given, found.planned_units) == (1, 300)


@pytest.mark.parametrize(("planned", "blocks"), [(None, ()), (480, ()), (481, ("cap_exceeded",))])
def test_v22_a_child_waits_sixteen_weeks_and_has_units_a_kilogram(
    planned: float | None, blocks: tuple[str, ...]
) -> None:
    limb = course(LIMB, product=OTHER_TOXIN, planned_units=planned)
    found = forecast([given("2026-08-31", 480, product=OTHER_TOXIN)], limb, NINE_YEARS_OLD)
    assert (found.earliest_date, found.blocks) == (day("2026-12-21"), blocks)


def test_v24_nothing_given_is_no_claim() -> None:
    found = forecast([*V1, given("2026-11-20", 0)], course(payer_minimum_interval="P84D"))
    assert (found.sessions[-1].evaluation, found.sessions[-1].payer_too_soon) == ("not_given", False)


def test_v25_what_was_given_elsewhere_for_nobody_knows_what_counts() -> None:
    found = forecast([elsewhere("2026-11-01", indication=None)], course(started_on="2026-11-22"))
    assert found.earliest_date == day("2027-01-24")


def test_v30_a_childs_longer_minimum_is_the_absolute_one_too() -> None:
    history = [given(on, 480, product=OTHER_TOXIN) for on in ("2026-08-31", "2026-11-25")]
    found = forecast(history, course(LIMB, product=OTHER_TOXIN), NINE_YEARS_OLD, as_of="2026-11-25")
    assert [each.evaluation for each in found.sessions] == ["valid", "too_soon"]


def test_v31_a_personal_interval_moves_due_and_overdue() -> None:
    found = forecast(V1, course(personal_interval="P14W"))
    assert dates(found)[1:3] == ["2026-12-07", "2026-12-15"]
