"""The due list in another order than its own, courses that wait for a decision of staff, and a whole list to export.

Which course stands where is rows.py's and bucket_sql.py's; here only ids are put in order and cut into pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import ContactAttempt, Course, Patient
from clinic_scheduler.queries.due.bucket_sql import bucket_sql
from clinic_scheduler.queries.due.contact_attempts import tried_enough
from clinic_scheduler.queries.due.rows import TO_BOOK, DuePage, DueRow, due_page, rows_of, tab_counts
from clinic_scheduler.queries.due.tabs import ORDER, STAFF_DECISION, ids_in_tab

SORTS = ("overdue", "name", "due", "contact")
PAGE = 50
CHUNK = 400


@dataclass(frozen=True, slots=True)
class DueFilter:
    """What is listed: a tab of due_list.TABS or STAFF_DECISION, of one provider or all, in an order of SORTS.

    `limit` is how many tries the clinic makes before staff decide.
    """

    tab: str
    provider_id: int | None
    sort: str
    limit: int


def due_page_sorted(session: Session, clinic_id: int, today: date, wanted: DueFilter, page: int) -> DuePage:
    """One page, with every tab's count and that of STAFF_DECISION."""
    whose = wanted.provider_id
    counts = tab_counts(session, clinic_id, today, whose, wanted.limit)
    if wanted.sort == SORTS[0] and wanted.tab != STAFF_DECISION:
        tab = wanted.tab
        return due_page(
            session, clinic_id, today, bucket=tab, provider_id=whose, page=page, per_page=PAGE, counts=counts
        )
    total = counts[wanted.tab]
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    ordered = _ordered(session, clinic_id, today, wanted)
    ids = session.scalars(ordered.limit(PAGE).offset((page - 1) * PAGE)).all()
    return DuePage(_rows_in(session, today, ids), total, counts, page, pages)


def due_rows_sorted(session: Session, clinic_id: int, today: date, wanted: DueFilter) -> Iterator[DueRow]:
    """Every row of the list, some hundred at a time."""
    ids = session.scalars(_ordered(session, clinic_id, today, wanted)).all()
    for start in range(0, len(ids), CHUNK):
        yield from _rows_in(session, today, ids[start : start + CHUNK])


def _rows_in(session: Session, today: date, ids: Sequence[int]) -> list[DueRow]:
    rows = {row.course_id: row for row in rows_of(session, today, ids)}
    return [rows[key] for key in ids if key in rows]


def _to_decide(session: Session, clinic_id: int, today: date, wanted: DueFilter) -> Sequence[int]:
    """Tried often enough and still to be booked, resting or not: the decision need not wait for that.

    Asked in two steps: the few tried so often are quickly found, and only they are then judged.
    """
    dialect = session.get_bind().dialect.name
    often = session.scalars(tried_enough(clinic_id, wanted.limit, dialect)).all()
    if not often:
        return []
    listed = ids_in_tab(clinic_id, today, wanted.provider_id, "all")
    return session.scalars(listed.where(Course.id.in_(often), bucket_sql(today).in_(TO_BOOK))).all()


def _ordered(session: Session, clinic_id: int, today: date, wanted: DueFilter) -> Select[int]:
    if wanted.tab == STAFF_DECISION:
        ids = select(Course.id).where(Course.id.in_(_to_decide(session, clinic_id, today, wanted)))
    else:
        ids = ids_in_tab(clinic_id, today, wanted.provider_id, wanted.tab)
    return _in_order(ids, clinic_id, wanted.sort)


def _in_order(ids: Select[int], clinic_id: int, sort: str) -> Select[int]:
    """Who was never contacted comes before whoever was contacted long ago."""
    if sort == "name":
        ids = ids.join(Patient, Patient.id == Course.patient_id)
        return ids.order_by(func.lower(Patient.family_name), func.lower(Patient.given_name), *ORDER)
    if sort == "due":
        return ids.order_by(Course.due_date, Course.id)
    if sort == "contact":
        last = _last_contacts(clinic_id)
        ids = ids.outerjoin(last, last.c.course_id == Course.id)
        return ids.order_by(last.c.at.is_not(None), last.c.at, *ORDER)
    return ids.order_by(*ORDER)


def _last_contacts(clinic_id: int) -> Subquery:
    """When each course's patient was last contacted."""
    return (
        select(ContactAttempt.course_id, func.max(ContactAttempt.at).label("at"))
        .where(ContactAttempt.clinic_id == clinic_id, ContactAttempt.taken_back_at.is_(None))
        .group_by(ContactAttempt.course_id)
        .subquery()
    )
