"""The due list: every open course with its timing, blocks and bucket, judged in SQL so that pages stay cheap.

The judging is due_status.py's; dates come from the forecast kept on the row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.models import (
    Appointment,
    Authorization,
    ContactAttempt,
    Course,
    Patient,
    Provider,
    Treatment,
)
from clinic_scheduler.queries.due_counts import count_buckets
from clinic_scheduler.queries.due_status import bucket_sql, gone_patients, on_hold_sql, timing_sql, waited_for
from clinic_scheduler.queries.histories import OPEN_STATES

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
# A row whose contact is still being waited for leaves these tabs and shows under "contacted".
_CLEARED_BY_CONTACT = ("to_book", "overdue", "due_soon")


@dataclass(frozen=True, slots=True)
class LastContact:
    """The newest attempt to reach the patient about this course."""

    at: datetime
    channel: str
    outcome: str
    hide_until: date | None


@dataclass(frozen=True, slots=True)
class DueRow:
    """One open course as the desk sees it. `planned_units` is the course's own plan, if it has one."""

    course_id: int
    patient_id: int
    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    indication: str
    product: str
    provider_id: int | None
    provider_name: str | None
    reference: date | None
    earliest_date: date
    due_date: date
    overdue_date: date
    lapse_date: date
    timing: str
    blocks: tuple[str, ...]
    booking: str
    bucket: str
    booked_on: date | None
    booked_at: time | None
    appointment_id: int | None
    planned_units: Decimal | None
    last_units: Decimal | None
    last_given_on: date | None
    authorization_required: bool
    authorization_ends_on: date | None
    authorization_visits_left: int | None
    last_contact: LastContact | None


@dataclass(frozen=True, slots=True)
class DuePage:
    """One page of a tab. `total` counts the whole tab, `counts` every tab, under the same provider filter."""

    rows: list[DueRow]
    total: int
    counts: dict[str, int]
    page: int
    pages: int


def due_page(
    session: Session,
    clinic_id: int,
    today: date,
    *,
    bucket: str | None = None,
    provider_id: int | None = None,
    page: int = 1,
    per_page: int = 50,
) -> DuePage:
    """One page of a tab (TABS) or bucket; None is every open course. A page past the end is the last one."""
    counts = _counts(session, clinic_id, today, provider_id)
    tab = bucket or "all"
    total = counts.get(tab, 0)
    pages = max(1, -(-total // per_page))
    page = min(max(page, 1), pages)
    ids = _page_of_ids(_keys(clinic_id, today, provider_id, tab), (page - 1) * per_page, per_page, total)
    found = session.execute(_rows(today, ids))
    return DuePage([_due_row(row) for row in found], total, counts, page, pages)


def due_rows(
    session: Session,
    clinic_id: int,
    today: date,
    *,
    bucket: str | None = None,
    provider_id: int | None = None,
) -> list[DueRow]:
    """Every row of a tab or bucket, in the order of the pages."""
    ids = select(_keys(clinic_id, today, provider_id, bucket or "all").subquery().c.id)
    return [_due_row(row) for row in session.execute(_rows(today, ids))]


def _counts(session: Session, clinic_id: int, today: date, provider_id: int | None) -> dict[str, int]:
    tally = count_buckets(session, clinic_id, today, provider_id)
    counts = dict.fromkeys(("due", "not_due"), 0)
    for (bucket, _), number in tally.items():
        counts[bucket] = counts.get(bucket, 0) + number
    for tab in TABS:
        counts[tab] = sum(number for key, number in tally.items() if _belongs(tab, *key))
    return counts


def _belongs(tab: str, bucket: str, waiting: bool) -> bool:
    buckets = TABS[tab]
    if buckets is not None and bucket not in buckets:
        return False
    return waiting if tab == "contacted" else not (waiting and tab in _CLEARED_BY_CONTACT)


def _keys(clinic_id: int, today: date, provider_id: int | None, tab: str) -> CompoundSelect[Any]:
    """Id and order of every open course of a tab, from narrow indexes: the rest is read for one page alone."""
    clauses = [
        Course.clinic_id == clinic_id,
        Course.patient_id.not_in(gone_patients(clinic_id)),
        *_in_tab(clinic_id, today, tab),
    ]
    if provider_id is not None:
        clauses.append(Course.provider_id == provider_id)
    keys = select(Course.overdue_date, Course.due_date, Course.id).where(*clauses)
    # Apart, since the indexes hold what is not stopped; a stop set for a day to come is rare.
    return union_all(keys.where(Course.stopped_on.is_(None)), keys.where(Course.stopped_on > today))


def _in_tab(clinic_id: int, today: date, tab: str) -> Iterator[ColumnElement[bool]]:
    buckets = TABS.get(tab, (tab,))
    if buckets is None:
        return
    yield bucket_sql(today).in_(buckets)
    if "booked" in buckets:
        yield Course.booking == "ok"  # as the bucket says, but for the index
    elif "booking_problem" not in buckets:
        yield Course.booking == "none"
    waited = Course.id.in_(waited_for(clinic_id, today))
    if tab == "contacted":
        yield waited
    elif tab in _CLEARED_BY_CONTACT:
        yield ~waited


def _page_of_ids(keys: CompoundSelect[Any], start: int, length: int, total: int) -> Select[Any]:
    """Ids of one page; a page in the second half is counted from the end, which is nearer."""
    length = min(length, max(total - start, 0))
    columns = keys.selected_columns
    order = [columns.overdue_date, columns.due_date, columns.id]
    if start > total // 2:
        start, order = total - start - length, [column.desc() for column in order]
    return select(keys.order_by(*order).limit(length).offset(start).subquery().c.id)


def _rows(today: date, ids: Select[Any]) -> Select[Any]:
    """Everything these courses' rows show, in one query: to-one joins, and the newest of what may be many."""
    dose, contact, leave = aliased(Treatment), aliased(ContactAttempt), aliased(Authorization)
    return (
        select(
            Course,
            Patient,
            Provider.name,
            timing_sql(today),
            case((on_hold_sql(today), 1), else_=0),
            bucket_sql(today),
            Appointment,
            dose.units,
            dose.given_on,
            leave,
            contact,
        )
        .join(Patient, Course.patient_id == Patient.id)
        .outerjoin(Provider, Course.provider_id == Provider.id)
        .outerjoin(Appointment, and_(Appointment.course_id == Course.id, Appointment.state.in_(OPEN_STATES)))
        .outerjoin(dose, dose.id == _last_dose())
        .outerjoin(contact, contact.id == _last_contact())
        .outerjoin(leave, leave.id == _covering_authorization())
        .where(Course.id.in_(ids))
        .order_by(Course.overdue_date, Course.due_date, Course.id)
    )


def _last_dose() -> ColumnElement[int]:
    return (
        select(Treatment.id)
        .where(Treatment.course_id == Course.id, Treatment.units > literal(0), Treatment.voided_at.is_(None))
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
        .limit(1)
        .correlate(Course)
        .scalar_subquery()
    )


def _last_contact() -> ColumnElement[int]:
    return (
        select(func.max(ContactAttempt.id))
        .where(ContactAttempt.course_id == Course.id)
        .correlate(Course)
        .scalar_subquery()
    )


def _covering_authorization() -> ColumnElement[int]:
    return (
        select(Authorization.id)
        .where(
            Authorization.course_id == Course.id,
            Authorization.starts_on <= Course.due_date,
            Authorization.ends_on >= Course.due_date,
        )
        .order_by(Authorization.ends_on.desc(), Authorization.id.desc())
        .limit(1)
        .correlate(Course)
        .scalar_subquery()
    )


def _due_row(row: Any) -> DueRow:
    course, patient, provider_name, timing, held, bucket, appointment, units, given_on, leave, contact = row
    return DueRow(
        course_id=course.id,
        patient_id=patient.id,
        mrn=patient.mrn,
        family_name=patient.family_name,
        given_name=patient.given_name,
        birth_date=patient.birth_date,
        indication=course.indication,
        product=course.product,
        provider_id=course.provider_id,
        provider_name=provider_name,
        reference=course.reference_on,
        earliest_date=course.earliest_date,
        due_date=course.due_date,
        overdue_date=course.overdue_date,
        lapse_date=course.lapse_date,
        timing=timing,
        blocks=_blocks(course.blocks, bool(held)),
        booking=course.booking,
        bucket=bucket,
        booked_on=course.booked_on,
        booked_at=appointment.local_time if appointment else None,
        appointment_id=appointment.id if appointment else None,
        planned_units=course.planned_units,
        last_units=units,
        last_given_on=given_on,
        authorization_required=course.authorization_required,
        authorization_ends_on=leave.ends_on if leave else None,
        authorization_visits_left=leave.visits_left if leave else None,
        last_contact=LastContact(contact.at, contact.channel, contact.outcome, contact.hide_until)
        if contact
        else None,
    )


def _blocks(stored: str, held: bool) -> tuple[str, ...]:
    """Being on hold comes first, in the order DD-9 names the blocks."""
    blocks: Sequence[str] = stored.split()
    return ("on_hold", *blocks) if held else tuple(blocks)
