"""A course's steps say of every day what the list says of that day, and what they add up to is one course."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.forecast.due_steps import (
    MOST_TRIES,
    TO_BOOK,
    Listing,
    Standing,
    changes_of,
    steps_of,
)
from clinic_scheduler.domain.forecast.status import CLOSED_COURSE

FIRST = date(2026, 1, 1)
DAYS = st.dates(FIRST, FIRST + timedelta(120))
HOLDS = st.tuples(DAYS, st.one_of(st.none(), st.integers(0, 40))).map(
    lambda hold: (hold[0], None if hold[1] is None else hold[0] + timedelta(hold[1]))
)


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    """Dates in the order they always have, holds that overlap or not, a course closed or to be closed."""
    earliest = draw(DAYS)
    due = earliest + timedelta(draw(st.integers(0, 10)))
    overdue = due + timedelta(draw(st.integers(1, 30)))
    return Listing(
        earliest,
        due,
        overdue,
        overdue + timedelta(draw(st.integers(0, 60))),
        closed_from=draw(st.one_of(st.none(), st.just(date.min), DAYS)),
        booking=draw(st.sampled_from(("none", "none", "none", "ok", "late", CLOSED_COURSE))),
        blocked=draw(st.sampled_from((False, False, False, True))),
        holds=draw(st.lists(HOLDS, max_size=3)),
        rests_until=draw(st.one_of(st.none(), DAYS)),
        tries=draw(st.integers(0, MOST_TRIES + 2)),
    )


def summed(listing: Listing, day: date) -> Counter[Standing]:
    """What the course counts as on a day, by what it adds up to that day."""
    found: Counter[Standing] = Counter()
    for (starts_on, standing), number in changes_of(steps_of(listing)).items():
        if starts_on <= day:
            found[standing] += number
    return Counter({standing: number for standing, number in found.items() if number})


@given(listing=listings(), days=st.lists(st.integers(-40, 330), min_size=1, max_size=30))
def test_the_sum_of_changes_is_the_standing_of_the_day(listing: Listing, days: list[int]) -> None:
    for day in [date.min, *(FIRST + timedelta(n) for n in days), date.max]:
        standing = listing.on(day)
        assert summed(listing, day) == ({standing: 1} if standing else {}), day


@given(listing=listings())
def test_no_step_repeats_the_one_before_it(listing: Listing) -> None:
    steps = steps_of(listing)
    assert [day for day, _ in steps] == sorted({day for day, _ in steps})
    assert all(one.standing != next_one.standing for one, next_one in pairwise(steps))
    assert not steps or steps[0].standing is not None


@given(listing=listings(), n=st.integers(-40, 330))
def test_resting_and_tries_are_told_of_courses_to_book_alone(listing: Listing, n: int) -> None:
    day = FIRST + timedelta(n)
    standing = listing.on(day)
    if standing is None or standing.bucket not in TO_BOOK:
        assert standing is None or standing[1:] == (False, 0)
        return
    assert standing.tries == min(listing.tries, MOST_TRIES)
    assert standing.resting == (listing.rests_until is not None and day < listing.rests_until)


def test_an_ordinary_course_steps_through_its_dates() -> None:
    course = Listing(
        date(2026, 11, 23),
        date(2026, 11, 25),
        date(2026, 12, 1),
        date(2027, 3, 2),
        None,
        "none",
        blocked=False,
    )
    assert [(day, standing.bucket if standing else None) for day, standing in steps_of(course)] == [
        (date.min, "not_due"),
        (date(2026, 11, 9), "due_soon"),
        (date(2026, 11, 25), "due"),
        (date(2026, 12, 1), "overdue"),
        (date(2027, 3, 2), "lapsed"),
    ]
