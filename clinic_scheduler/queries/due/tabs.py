"""The due list's tabs: which buckets each shows, and the courses under it in their order."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Integer, Select, bindparam, or_, select, true

from clinic_scheduler.domain.forecast.due_steps import TO_BOOK, Standing
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import CLOSED_COURSE, DUE_SOON_DAYS
from clinic_scheduler.models import Course
from clinic_scheduler.queries.due.bucket_sql import is_held, is_waited_for, listed_on, open_on

# Tabs beside the buckets themselves; None is every course that is listed.
TABS: Mapping[str, tuple[Bucket, ...] | None] = {
    "to_book": TO_BOOK,
    "overdue": (Bucket.OVERDUE,),
    "due_soon": (Bucket.DUE, Bucket.DUE_SOON),
    "blocked": (Bucket.BLOCKED,),
    "booking_problem": (Bucket.BOOKING_PROBLEM,),
    "contacted": TO_BOOK,
    "lapsed": (Bucket.LAPSED,),
    "booked": (Bucket.BOOKED,),
    "all": None,
}
# Beside these: tried so often that staff decide, waited for or not.
STAFF_DECISION = "staff_decision"
# The longest overdue first; of one day, the course known longest. An index has them so.
ORDER = (Course.overdue_date, Course.due_date, Course.id)
# A row whose contact is still being waited for leaves these tabs and shows under "contacted".
CLEARED_BY_CONTACT = ("to_book", "overdue", "due_soon")
# What a row keeps as the booking of a visit that must be looked at (DD-9).
PROBLEMS = ("past", "too_early", "over_cap", "blocked", "late", "outside_authorization", CLOSED_COURSE)


def belongs(tab: str, standing: Standing) -> bool:
    """Whether a course that stands so is under the tab."""
    buckets = TABS[tab]
    if buckets is not None and standing.bucket not in buckets:
        return False
    if tab == "contacted":
        return standing.resting
    return not (standing.resting and tab in CLEARED_BY_CONTACT)


def ids_in_tab(clinic_id: int, today: date, provider_id: int | None, tab: str) -> Select[int]:
    """Every course of a tab or bucket, from one narrow index: the rest is read for one page alone."""
    buckets = TABS[tab] if tab in TABS else (Bucket(tab),)
    with_problems = buckets is None or Bucket.BOOKING_PROBLEM in buckets
    listed = listed_on(today) if with_problems else open_on(today)
    ids = select(Course.id).where(Course.clinic_id == clinic_id, listed)
    if provider_id is not None:
        ids = ids.where(Course.provider_id == provider_id)
    if buckets is not None:
        ids = ids.where(*_in_buckets(buckets, today))
    if tab == "contacted":
        return ids.where(is_waited_for(today))
    return ids.where(~is_waited_for(today)) if tab in CLEARED_BY_CONTACT else ids


def _in_buckets(buckets: tuple[Bucket, ...], today: date) -> Iterator[ColumnElement[bool]]:
    """bucket_sql(today).in_(buckets), said in ways that an index can answer."""
    if Bucket.BOOKED in buckets:
        yield Course.booking == "ok"
    elif Bucket.BOOKING_PROBLEM in buckets:
        yield Course.booking.in_(PROBLEMS)
    else:
        yield Course.booking == "none"
        if Bucket.LAPSED in buckets:
            yield Course.lapse_date <= today
        else:
            yield Course.lapse_date > today
            yield from _blocked(today) if Bucket.BLOCKED in buckets else _in_time(buckets, today)


def _blocked(today: date) -> Iterator[ColumnElement[bool]]:
    yield or_(Course.blocks != "", is_held(today))


def _in_time(buckets: tuple[Bucket, ...], today: date) -> Iterator[ColumnElement[bool]]:
    """No block, and the dates of buckets that follow one another: the last one's begun, none before the first begun."""
    yield Course.blocks == ""
    yield ~is_held(today)
    begun = {
        Bucket.OVERDUE: Course.overdue_date <= today,
        Bucket.DUE: Course.due_date <= today,
        Bucket.DUE_SOON: Course.earliest_date <= today + timedelta(DUE_SOON_DAYS),
        Bucket.NOT_DUE: true(),
    }
    order = list(begun)
    yield begun[buckets[-1]]
    if buckets[0] != order[0]:
        yield ~begun[order[order.index(buckets[0]) - 1]]


def page_of(start: int, length: int, total: int) -> tuple[bool, dict[str, int]]:
    """Whether a page is counted from the end, which is nearer in the second half; and its place from there."""
    length = min(length, max(total - start, 0))
    from_end = start > total // 2
    return from_end, {"start": total - start - length if from_end else start, "length": length}


def ids_of_page(
    clinic_id: int, today: date, provider_id: int | None, tab: str, from_end: bool
) -> Select[int]:
    """The ids of the page at :start, of :length."""
    order = [column.desc() for column in ORDER] if from_end else ORDER
    ids = ids_in_tab(clinic_id, today, provider_id, tab).order_by(*order)
    return ids.limit(bindparam("length", type_=Integer())).offset(bindparam("start", type_=Integer()))
