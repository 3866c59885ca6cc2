"""The due list's tabs: which buckets each shows, and the courses under it in their order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course
from clinic_scheduler.queries.due_status import bucket_sql, open_on, waited_for

TO_BOOK = ("overdue", "due", "due_soon")
# Tabs beside the buckets themselves; None is every open course.
TABS: Mapping[str, tuple[str, ...] | None] = {
    "to_book": TO_BOOK,
    "overdue": ("overdue",),
    "due_soon": ("due", "due_soon"),
    "blocked": ("blocked",),
    "booking_problem": ("booking_problem",),
    "contacted": TO_BOOK,
    "lapsed": ("lapsed",),
    "booked": ("booked",),
    "all": None,
}
# The longest overdue first; of one day, the course known longest. An index has them so.
ORDER = (Course.overdue_date, Course.due_date, Course.id)
# A row whose contact is still being waited for leaves these tabs and shows under "contacted".
CLEARED_BY_CONTACT = ("to_book", "overdue", "due_soon")
# What domain.status.booking_of says of a visit that must be looked at.
_PROBLEMS = ("too_early", "late", "outside_authorization")


def belongs(tab: str, bucket: str, waiting: bool) -> bool:
    """Whether a course of this bucket, waited for or not, is under the tab."""
    buckets = TABS[tab]
    if buckets is not None and bucket not in buckets:
        return False
    return waiting if tab == "contacted" else not (waiting and tab in CLEARED_BY_CONTACT)


def ids_in_tab(clinic_id: int, today: date, provider_id: int | None, tab: str) -> Select[int]:
    """Every open course of a tab, from one narrow index: the rest is read for one page alone."""
    clauses = [Course.clinic_id == clinic_id, *_stretch(tab, today), open_on(today)]
    if provider_id is not None:
        clauses.append(Course.provider_id == provider_id)
    return select(Course.id).where(*clauses, *_in_tab(clinic_id, today, tab))


def _stretch(tab: str, today: date) -> Iterator[ColumnElement[bool]]:
    """What follows from a tab's buckets and is cheap to ask first, of an index if it can be."""
    buckets = TABS.get(tab, (tab,))
    if buckets is None:
        return
    if "booked" in buckets:
        yield Course.booking == "ok"
    elif "booking_problem" in buckets:
        yield Course.booking.in_(_PROBLEMS)
    else:
        yield Course.booking == "none"
        yield Course.lapse_date <= today if "lapsed" in buckets else Course.lapse_date > today
        if set(buckets) <= {"due", "due_soon", "not_due"}:
            yield Course.overdue_date > today
        elif buckets == ("overdue",):
            yield Course.overdue_date <= today


def _in_tab(clinic_id: int, today: date, tab: str) -> Iterator[ColumnElement[bool]]:
    buckets = TABS.get(tab, (tab,))
    if buckets is None:
        return
    yield bucket_sql(today).in_(buckets)
    waited = Course.id.in_(waited_for(clinic_id, today))
    if tab == "contacted":
        yield waited
    elif tab in CLEARED_BY_CONTACT:
        yield ~waited


def page_ids(
    session: Session,
    clinic_id: int,
    today: date,
    provider_id: int | None,
    tab: str,
    *,
    start: int,
    length: int,
    total: int,
) -> Sequence[int]:
    """The ids of one page; a page in the second half is counted from the end, which is nearer."""
    length = min(length, max(total - start, 0))
    from_end = start > total // 2
    if from_end:
        start = total - start - length
    page = _page(clinic_id, today, provider_id, tab, from_end)
    return session.scalars(page, {"start": start, "length": length}).all()


@lru_cache(maxsize=128)
def _page(clinic_id: int, today: date, provider_id: int | None, tab: str, from_end: bool) -> Select[int]:
    """A statement never changes, and making it anew takes as long as a tenth of the page."""
    order = [column.desc() for column in ORDER] if from_end else ORDER
    ids = ids_in_tab(clinic_id, today, provider_id, tab).order_by(*order)
    return ids.limit(bindparam("length", type_=Integer())).offset(bindparam("start", type_=Integer()))
