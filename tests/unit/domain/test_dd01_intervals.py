"""DD-1: reading intervals, adding them to dates, ages, and dates in words."""

from datetime import date, timedelta

import pytest
from builders import day
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import (
    add,
    age_on,
    birthday,
    parse_interval,
    single_interval,
    spoken,
)

ONE_DAY = timedelta(1)


@pytest.mark.parametrize(
    ("start", "interval", "expected"),
    [
        ("2026-10-31", "P4M", "2027-03-01"),
        ("2026-10-31", "P3M", "2027-01-31"),
        ("2026-11-30", "P3M", "2027-03-01"),
        ("2026-03-31", "P1M", "2026-05-01"),
        ("2026-11-30", "P1M", "2026-12-30"),
        ("2026-12-31", "P2M", "2027-03-01"),
        ("2023-11-29", "P3M", "2024-02-29"),
        ("2023-11-30", "P3M", "2024-03-01"),
        ("2024-02-29", "P1Y", "2025-03-01"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-02-28", "P1D", "2024-02-29"),
        ("2026-12-15", "P12M", "2027-12-15"),
        ("2026-11-15", "P1M", "2026-12-15"),
        ("2026-08-31", "P12W", "2026-11-23"),
        ("2026-08-31", "P84D", "2026-11-23"),
        ("2026-01-31", "P1M1D", "2026-03-02"),
        ("2026-01-01", "P1Y2M1W3D", "2027-03-11"),
        ("2026-01-01", "P0D", "2026-01-01"),
    ],
)
def test_an_interval_is_added_in_whole_months_then_exact_days(
    start: str, interval: str, expected: str
) -> None:
    assert add(day(start), parse_interval(interval)) == day(expected)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(1, 60))
def test_months_never_come_out_early_and_at_most_one_day_into_the_next(start: date, months: int) -> None:
    later = add(start, parse_interval(f"P{months}M"))
    passed = (later.year - start.year) * 12 + later.month - start.month
    assert (passed, later.day) in {(months, start.day), (months + 1, 1)}


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 400), st.integers(0, 24))
def test_a_later_start_never_ends_earlier(start: date, days: int, months: int) -> None:
    interval = parse_interval(f"P{months}M3D")
    assert add(start, interval) <= add(start + parse_interval(f"P{days}D").exact, interval)


@pytest.mark.parametrize("start", ["9999-12-31", "9999-11-30"])
@pytest.mark.parametrize("interval", ["P84D", "P3M"])
def test_a_sum_past_the_calendar_is_an_error(start: str, interval: str) -> None:
    with pytest.raises((OverflowError, ValueError)):
        add(day(start), parse_interval(interval))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "P",
            "84",
            "84D",
            "P84",
            "p84d",
            "P-84D",
            "-P84D",
            "P1.5M",
            "P12W ",
            " P12W",
            "P12W\n",
            "PT84H",
        ),
        *("P3D1W", "P1M1Y", "P84DT0H", "P٨D", "P84D84D", "P1000000D", "P" + "9" * 5000 + "D"),
    ],
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an interval such as P84D, P12W or P3M"):
        parse_interval(text)


@pytest.mark.parametrize("text", ["P101Y", "P1201M", "P36526D", "P5218W"])
def test_an_interval_past_a_hundred_years_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="longer than a hundred years"):
        parse_interval(text)


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_interval("x" * 100_000)
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize("text", ["P84D", "P12W", "P3M", "P1Y", "P1D", "P007D"])
def test_one_part_of_some_time_is_an_interval_as_the_contract_asks_for(text: str) -> None:
    assert single_interval(text) is parse_interval(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P1M7D", "has several parts; write it as one, such as P84D, P12W or P3M"),
        ("P1Y2M", "has several parts"),
        ("P1W0D", "has several parts"),
        ("P0W0D", "has several parts"),
        ("P0D", "is no time at all; write an interval such as P84D, P12W or P3M"),
        ("P0W", "is no time at all"),
        ("P00M", "is no time at all"),
        ("P0Y", "is no time at all"),
        ("84", "is not an interval"),
        ("P101Y", "longer than a hundred years"),
    ],
)
def test_several_parts_and_no_time_at_all_are_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        single_interval(text)


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("P12W", "12 weeks (84 days)"),
        ("P84D", "12 weeks (84 days)"),
        ("P1W", "1 week (7 days)"),
        ("P78D", "78 days"),
        ("P1D", "1 day"),
        ("P0D", "0 days"),
        ("P3M", "3 months"),
        ("P1M", "1 month"),
        ("P1Y", "12 months"),
        ("P1M7D", "1 month and 1 week (7 days)"),
        ("P3M1D", "3 months and 1 day"),
    ],
)
def test_an_interval_in_words(interval: str, words: str) -> None:
    assert parse_interval(interval).words() == words


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("1980-05-01", "2026-04-30", 45),
        ("1980-05-01", "2026-05-01", 46),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2026-05-01", "2026-05-01", 0),
    ],
)
def test_age_in_completed_years(born: str, on: str, age: int) -> None:
    assert age_on(day(born), day(on)) == age


@pytest.mark.parametrize(
    ("on", "words"),
    [("2026-08-31", "31-Aug-2026"), ("2027-01-02", "02-Jan-2027"), ("2026-12-25", "25-Dec-2026")],
)
def test_a_date_in_words(on: str, words: str) -> None:
    assert spoken(day(on)) == words


@pytest.mark.parametrize(
    ("born", "age", "first"),
    [
        ("1980-05-01", 18, "1998-05-01"),
        ("2008-02-29", 18, "2026-03-01"),
        ("2008-02-29", 20, "2028-02-29"),
        ("2026-05-01", 0, "2026-05-01"),
    ],
)
def test_a_birthday_is_the_first_day_of_that_age(born: str, age: int, first: str) -> None:
    assert birthday(day(born), age) == day(first)


@given(st.dates(date(1930, 1, 1), date(2030, 12, 31)), st.integers(1, 30))
def test_one_is_that_old_from_the_birthday_on_and_not_the_day_before(born: date, age: int) -> None:
    first = birthday(born, age)
    assert age_on(born, first) == age
    assert age_on(born, first - ONE_DAY) == age - 1
