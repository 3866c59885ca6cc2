"""Plans under all kinds of rules: each kind on its day, and what no plan ever does, whatever the rules."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.messaging.reminder_plan import (
    QUIET_FROM,
    QUIET_UNTIL,
    CourseState,
    allowed_from,
    plan,
    plan_of_old,
)
from clinic_scheduler.domain.messaging.reminder_rules import (
    MOST_DAYS,
    Rule,
    in_order,
    shipped_rules,
)
from clinic_scheduler.domain.protocols.indications import INDICATIONS

PACIFIC = ZoneInfo("America/Los_Angeles")
# Clocks change at one, at two, by half an hour, and at midnight itself.
ZONES = [PACIFIC, *map(ZoneInfo, ("Europe/Lisbon", "Australia/Lord_Howe", "America/Havana"))]
MIGRAINE = "chronic_migraine"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC).astimezone(UTC)


def state(**changes: object) -> CourseState:
    values = {
        "course_id": 7,
        "cycle": "2026-08-31",
        "indication": MIGRAINE,
        "reference_on": date(2026, 8, 31),
        "cycles_given": 1,
        "earliest_date": date(2026, 11, 23),
        "overdue_date": date(2026, 12, 1),
        "lapse_date": date(2027, 3, 1),
    }
    return CourseState(**values | changes)


def steps(of: CourseState, now: str, kind: str, **rules: Rule) -> list[tuple[str, datetime, datetime]]:
    planned = plan(of, PACIFIC, at(now), {**shipped_rules(), **rules})
    return [(each.step, each.due_at, each.expires_at) for each in planned if each.kind == kind]


# --- each kind --------------------------------------------------------------------------------------------


def test_overdue_is_told_from_the_day_after_every_two_weeks_three_times_each_until_the_next() -> None:
    first, second, third = (at(f"{day}T10:00") for day in ("2026-12-02", "2026-12-16", "2026-12-30"))
    assert steps(state(), "2026-11-01T12:00", "overdue") == [
        ("overdue-1", first, second),
        ("overdue-2", second, third),
        ("overdue-3", third, at("2027-03-01T00:00")),
    ]


def test_overdue_ends_where_the_course_lapses() -> None:
    lapsing = state(lapse_date=date(2026, 12, 10))
    assert [(step, ends) for step, _, ends in steps(lapsing, "2026-11-01T12:00", "overdue")] == [
        ("overdue-1", at("2026-12-10T00:00"))
    ]
    assert steps(lapsing, "2026-12-10T08:00", "overdue") == []


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-12-05T12:00", ("overdue-1", "2026-12-06T10:00")),
        # The next one is a few days away by then: it is waited for.
        ("2026-12-12T12:00", ("overdue-2", "2026-12-16T10:00")),
        ("2027-01-20T12:00", ("overdue-3", "2027-01-21T10:00")),
    ],
)
def test_an_overdue_step_that_was_missed_comes_the_next_morning_unless_the_next_is_near(
    now: str, first: tuple[str, str]
) -> None:
    step, due_at, _ = steps(state(), now, "overdue")[0]
    assert (step, due_at) == (first[0], at(first[1]))


def test_milestones_are_asked_about_from_their_first_day_to_the_end_of_their_last() -> None:
    booked = state(appointment_id=3, starts_at=at("2026-11-24T14:30"))
    for course in (state(), booked):
        assert steps(course, "2026-09-01T12:00", "after_visit") == [
            ("onset_check", at("2026-09-14T10:00"), at("2026-09-22T00:00")),
            ("peak_review", at("2026-09-28T10:00"), at("2026-09-29T00:00")),
        ]
    limb = state(indication="spasticity_upper_limb")
    assert [due_at for _, due_at, _ in steps(limb, "2026-09-01T12:00", "after_visit")] == [
        at("2026-09-07T10:00"),
        at("2026-09-28T10:00"),
    ]
    assert steps(state(reference_on=None), "2026-09-01T12:00", "after_visit") == []


def test_a_missed_visit_is_told_once_and_nothing_else_asks_to_book_that_week() -> None:
    missed = state(missed_id=3, missed_on=date(2026, 12, 7))
    now = "2026-12-07T16:00"
    ends_at = at("2026-12-15T00:00")
    assert steps(missed, now, "missed_visit") == [("missed-1", at("2026-12-08T10:00"), ends_at)]
    assert steps(missed, "2026-12-10T16:00", "missed_visit") == [
        ("missed-1", at("2026-12-11T10:00"), ends_at)
    ]
    assert steps(missed, "2026-12-14T16:00", "missed_visit") == []
    assert steps(missed, now, "overdue")[0][:2] == ("overdue-2", at("2026-12-16T10:00"))
    off = Rule(is_on=False)
    assert steps(missed, now, "missed_visit", missed_visit=off) == []
    assert steps(missed, now, "overdue", missed_visit=off)[0][:2] == ("overdue-1", at("2026-12-08T10:00"))


def test_a_visit_is_told_on_its_own_day_first_thing_in_the_morning_if_it_is_later() -> None:
    same_day = Rule(days=(0,))

    def told(starts: str) -> list[datetime]:
        of = state(appointment_id=3, starts_at=at(starts))
        return [due for _, due, _ in steps(of, "2026-11-20T12:00", "visit_reminder", visit_reminder=same_day)]

    assert told("2026-11-24T14:30") == [at("2026-11-24T09:00")]
    assert told("2026-11-24T09:00") == []


# --- whatever the rules -----------------------------------------------------------------------------------

days = st.lists(st.integers(0, MOST_DAYS), min_size=1, max_size=6, unique=True).map(in_order)
one_day = st.integers(0, MOST_DAYS).map(lambda day: (day,))
rule_sets = st.fixed_dictionaries(
    {
        "visit_reminder": st.builds(Rule, st.booleans(), days),
        "time_to_book": st.builds(Rule, st.booleans(), one_day),
        "overdue": st.builds(Rule, st.booleans(), one_day, st.integers(7, 90), st.integers(1, 12)),
        "after_visit": st.builds(Rule, st.booleans()),
        "missed_visit": st.builds(Rule, st.booleans()),
    }
).map(lambda own: {**shipped_rules(), **own})
some_days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
zones = st.sampled_from(ZONES)


@st.composite
def states(draw: st.DrawFn) -> CourseState:
    """Any course: never treated or treated, booked, missed, or neither."""
    earliest = draw(some_days)
    overdue = earliest + timedelta(draw(st.integers(1, 40)))
    booked = draw(st.booleans())
    missed_on = None if booked else draw(st.none() | some_days)
    visit = datetime.combine(draw(some_days), draw(st.times()), UTC) if booked else None
    return state(
        indication=draw(st.sampled_from(sorted(INDICATIONS))),
        reference_on=draw(st.none() | some_days),
        cycles_given=draw(st.integers(1, 4)),
        earliest_date=earliest,
        overdue_date=overdue,
        lapse_date=overdue + timedelta(draw(st.integers(0, 200))),
        appointment_id=3 if booked else None,
        starts_at=visit,
        missed_id=None if missed_on is None else 4,
        missed_on=missed_on,
    )


instants = st.builds(datetime.combine, some_days, st.times(), st.just(UTC))


@given(states(), zones, instants, rule_sets)
def test_no_two_tellings_share_a_key_none_is_at_night_and_none_after_its_end(
    of: CourseState, zone: ZoneInfo, now: datetime, rules: dict[str, Rule]
) -> None:
    planned = plan(of, zone, now, rules)
    keys = [each.key(of, "email") for each in planned]
    assert len(set(keys)) == len(keys)
    for each in planned:
        local = each.due_at.astimezone(zone)
        assert QUIET_UNTIL <= local.time() < QUIET_FROM
        assert allowed_from(each.due_at, zone) == each.due_at
        assert now < each.due_at < each.expires_at
        assert rules[each.kind].is_on


@given(states(), zones, instants, rule_sets)
def test_a_plan_made_later_holds_nothing_that_was_not_planned_from_the_first(
    of: CourseState, zone: ZoneInfo, now: datetime, rules: dict[str, Rule]
) -> None:
    """So what waits is never orphaned by the passing of time; steps only come later, or not at all."""
    first = {each.key(of, "sms"): each for each in plan_of_old(of, zone, rules)}
    for each in plan(of, zone, now, rules):
        natural = first[each.key(of, "sms")]
        assert natural.due_at <= each.due_at
        assert natural.expires_at == each.expires_at


@given(states(), zones, instants, rule_sets)
def test_overdue_never_comes_more_often_than_its_maximum_nor_out_of_order(
    of: CourseState, zone: ZoneInfo, now: datetime, rules: dict[str, Rule]
) -> None:
    overdue = [each for each in plan(of, zone, now, rules) if each.kind == "overdue"]
    assert len(overdue) <= (rules["overdue"].most or 0)
    assert [each.due_at for each in overdue] == sorted(each.due_at for each in overdue)
    assert all(one.expires_at <= next_.due_at for one, next_ in pairwise(overdue))


@pytest.mark.parametrize("changes_on", [date(2026, 3, 8), date(2026, 11, 1)])
def test_ten_oclock_stays_ten_on_days_the_clocks_change(changes_on: date) -> None:
    course = state(overdue_date=changes_on - timedelta(1), earliest_date=changes_on - timedelta(9))
    (step, due_at, _), *_ = steps(course, "2026-01-05T12:00", "overdue")
    assert (step, due_at) == ("overdue-1", to_utc(changes_on, time(10), PACIFIC))
