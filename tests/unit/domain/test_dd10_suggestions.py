"""DD-10: which times are suggested, and which never are."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import course, day, decision, elsewhere, facts, given, hold
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from clinic_scheduler.domain.visits.check_texts import is_good
from clinic_scheduler.domain.visits.slots import (
    LATEST_SEARCH,
    Closure,
    Diary,
    Hours,
    Slot,
    Window,
    busy_by_provider,
    free_times,
    suggest,
    within_hours,
)

PACIFIC = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
MORNINGS = tuple(Hours(weekday, time(9), time(10)) for weekday in range(5))


def window(due: str = "2026-11-26", overdue: str = "2026-12-04") -> Window:
    """Due on a Thursday, overdue on a Friday; the week before would be early enough for the rules."""
    return Window(day("2026-11-19"), day(due), day(overdue))


def diary(**changes: Any) -> Diary:
    values: dict[str, Any] = {"provider_id": 1, "provider_name": "Dr. Ada Okafor", "visit_minutes": 30}
    return Diary(**{**values, "hours": MORNINGS, **changes})


def full(*days: str) -> list[tuple[datetime, datetime]]:
    """The whole of those days taken."""
    starts = [datetime.combine(day(each), time(0), PACIFIC).astimezone(UTC) for each in days]
    return [(start, start + timedelta(days=1)) for start in starts]


def suggested(of: Window, *diaries: Diary, now: datetime = NOW, **how: int) -> list[str]:
    return [slot.local_date.isoformat() for slot in suggest(of, diaries, PACIFIC, now, **how)]


def test_from_the_due_date_forward_and_never_back() -> None:
    assert suggested(window(), diary(), limit=12) == [
        *("2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"),
        *("2026-12-04", "2026-12-07", "2026-12-08", "2026-12-09", "2026-12-10", "2026-12-11"),
    ]


@pytest.mark.parametrize(
    "away",
    [
        {"closures": [Closure(day("2026-11-26"), day("2026-11-27"))]},
        {"busy": full("2026-11-26", "2026-11-27")},
        {"hours": tuple(h for h in MORNINGS if h.weekday < 3)},
    ],
)
def test_a_closure_a_full_day_and_a_day_without_hours_move_the_first_suggestion_forward(
    away: dict[str, Any],
) -> None:
    assert suggested(window(), diary(**away), limit=1) == ["2026-11-30"]


def test_a_late_suggestion_says_so() -> None:
    slots = suggest(window(overdue="2026-11-27"), [diary()], PACIFIC, NOW, limit=3)
    assert [(slot.local_date.day, slot.late) for slot in slots] == [(26, False), (27, True), (30, True)]


def test_once_the_window_has_passed_the_search_begins_today() -> None:
    late = datetime(2026, 12, 8, 17, 30, tzinfo=UTC)
    assert suggested(window(), diary(), now=late, limit=2) == ["2026-12-09", "2026-12-10"]
    early_that_day = datetime(2026, 12, 8, 16, tzinfo=UTC)
    assert suggested(window(), diary(), now=early_that_day, limit=1) == ["2026-12-08"]


def test_within_the_window_the_past_is_never_offered() -> None:
    thursday_noon = datetime(2026, 11, 26, 20, tzinfo=UTC)
    assert suggested(window(), diary(), now=thursday_noon, limit=8)[0] == "2026-11-27"
    assert "2026-11-25" not in suggested(window(), diary(), now=thursday_noon, limit=50)


def test_today_is_the_clinics_today() -> None:
    evening = datetime(2026, 11, 27, 4, tzinfo=UTC)
    wide = diary(hours=tuple(Hours(weekday, time(20), time(23)) for weekday in range(7)))
    assert suggested(window(), wide, now=evening, limit=1) == ["2026-11-26"]


def test_nothing_free_within_the_search_gives_nothing() -> None:
    closed = diary(closures=[Closure(day("2026-11-01"), day("2027-06-01"))])
    assert suggested(window(), closed) == []
    assert suggested(window()) == []
    reopened = diary(closures=[Closure(day("2026-11-01"), day("2026-12-04") + LATEST_SEARCH)])
    assert suggested(window(), reopened) == []


def test_days_on_which_a_visit_may_not_be_booked_are_skipped() -> None:
    barred = frozenset({day("2026-11-26"), day("2026-12-04")})
    found = suggested(replace(window(), is_good=lambda each: each not in barred), diary(), limit=50)
    assert found[0] == "2026-11-27"
    assert not barred & {day(each) for each in found}


def test_what_any_rule_forbids_is_not_offered() -> None:
    """A hold through Friday; another visit on the next Tuesday beside which the plan fits, or fits for weeks not."""
    limb = course("spasticity_upper_limb", id="c2", planned_units=246, booked_on="2026-12-01")
    held = course(holds=(hold("2026-11-20", "2026-11-27"),))

    def first(*courses: Any) -> list[str]:
        known = facts([given("2026-08-31")], *courses)
        good = replace(window(), is_good=lambda each: is_good(known, each, late_is_fine=True))
        return suggested(good, diary(), limit=1)

    assert first(course()) == ["2026-11-26"]
    assert first(held) == ["2026-11-30"]
    assert first(held, limb._replace(planned_units=245)) == ["2026-11-30"]
    assert first(held, limb) == []


@pytest.mark.parametrize(("until", "first"), [("2026-12-01", "2026-11-26"), ("2026-11-25", "2027-01-25")])
def test_a_day_a_provider_has_decided_about_is_offered(until: str, first: str) -> None:
    decided = course(decisions=(decision("other_toxin_review", until),))
    known = facts([given("2026-08-31"), elsewhere("2026-10-05", product=None, units=1)], decided)
    good = replace(window(), is_good=lambda each: is_good(known, each, late_is_fine=True))
    assert suggested(good, diary(), limit=1) == [first]


def test_providers_are_offered_in_the_order_given_and_each_day_before_the_next() -> None:
    second = diary(provider_id=2, provider_name="Dr. Noor Haddad")
    slots = suggest(window(), [second, diary()], PACIFIC, NOW, limit=3)
    assert [(slot.provider_id, slot.local_date.day) for slot in slots] == [(2, 26), (1, 26), (2, 27)]
    twice = suggest(window(), [diary()], PACIFIC, NOW, limit=3, per_diary=2)
    assert [(slot.local_date.day, slot.local_time) for slot in twice] == [
        *((26, time(9)), (26, time(9, 15)), (27, time(9))),
    ]


def test_a_slot_holds_the_visit_in_local_and_universal_time() -> None:
    (slot,) = suggest(window(), [diary()], PACIFIC, NOW, limit=1)
    starts_at = datetime(2026, 11, 26, 17, tzinfo=UTC)
    ends_at = starts_at + timedelta(minutes=30)
    assert slot == Slot(1, "Dr. Ada Okafor", date(2026, 11, 26), time(9), starts_at, ends_at, late=False)


def test_free_times_lie_on_the_quarter_hour_and_leave_room_for_the_whole_visit() -> None:
    busy = [(datetime(2026, 11, 26, 17, 30, tzinfo=UTC), datetime(2026, 11, 26, 17, 40, tzinfo=UTC))]
    hours = (Hours(3, time(13), time(13, 45)), Hours(3, time(9), time(10, 15)))
    times = [
        at.astimezone(PACIFIC).time()
        for at in free_times(diary(hours=hours, busy=busy), day("2026-11-26"), PACIFIC, NOW)
    ]
    assert times == [time(9), time(9, 45), time(13), time(13, 15)]


def test_busy_rows_are_gathered_by_provider() -> None:
    nine, ten = NOW, NOW + timedelta(hours=1)
    assert busy_by_provider([(1, nine, ten), (2, nine, ten), (1, ten, ten)]) == {
        1: [(nine, ten), (ten, ten)],
        2: [(nine, ten)],
    }


@pytest.mark.parametrize(
    ("start", "minutes", "inside"), [((17, 0), 60, True), ((16, 59), 30, False), ((17, 31), 30, False)]
)
def test_a_visit_must_lie_within_one_stretch_of_hours(
    start: tuple[int, int], minutes: int, inside: bool
) -> None:
    starts_at = datetime(2026, 11, 26, *start, tzinfo=UTC)
    ends_at = starts_at + timedelta(minutes=minutes)
    assert within_hours(diary(), day("2026-11-26"), starts_at, ends_at, PACIFIC) is inside
    assert not within_hours(diary(), day("2026-11-28"), starts_at, ends_at, PACIFIC)


@pytest.mark.parametrize(("on", "utc_hour"), [("2026-03-07", 17), ("2026-03-08", 16), ("2026-11-01", 17)])
def test_nine_in_the_morning_stays_nine_on_days_the_clock_changes(on: str, utc_hour: int) -> None:
    sunday = diary(hours=[Hours(weekday, time(9), time(10)) for weekday in range(7)])
    before = datetime(2026, 1, 1, tzinfo=UTC)
    first = next(free_times(sunday, day(on), PACIFIC, before))
    assert (first.hour, first.astimezone(PACIFIC).time()) == (utc_hour, time(9))


def test_hours_across_the_gap_and_the_fold_hold_real_minutes_only() -> None:
    night = diary(hours=[Hours(6, time(1), time(4))], visit_minutes=60)
    before = datetime(2026, 1, 1, tzinfo=UTC)
    spring = list(free_times(night, day("2026-03-08"), PACIFIC, before))
    autumn = list(free_times(night, day("2026-11-01"), PACIFIC, before))
    assert [at.astimezone(PACIFIC).hour for at in spring] == [1, 1, 1, 1, 3]
    assert len(autumn) == 13
    assert len(set(autumn)) == 13


@hypothesis_given(
    st.integers(0, 50),
    st.integers(1, 30),
    st.integers(-20, 60),
    st.sets(st.integers(0, 40)),
)
def test_no_suggestion_lies_before_the_due_date_in_the_past_or_on_a_closed_or_barred_day(
    wait: int, length: int, now_after: int, away: set[int]
) -> None:
    due = day("2026-11-23") + timedelta(wait)
    now = datetime(2026, 11, 23, 18, tzinfo=UTC) + timedelta(now_after)
    away_days = {day("2026-11-23") + timedelta(n) for n in away}
    odd = frozenset(each for each in away_days if each.toordinal() % 2)
    closures = [Closure(each, each) for each in away_days - odd]
    asked = Window(due, due, due + timedelta(length), lambda each: each not in odd)
    slots = suggest(asked, [diary(closures=closures)], PACIFIC, now, limit=200)
    for slot in slots:
        assert slot.local_date >= due
        assert slot.starts_at > now
        assert slot.local_date not in away_days
        assert slot.late == (slot.local_date >= asked.overdue_date)
    assert len({slot.starts_at for slot in slots}) == len(slots)
