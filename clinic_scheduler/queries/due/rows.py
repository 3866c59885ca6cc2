"""The due list: every open course, and every visit left under a closed one, with its timing, blocks and bucket.

Whom a tab lists is judged in SQL, so that pages stay cheap: tabs.py and bucket_sql.py; how many there are is
counts.py's. Dates come from the forecast kept on the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, RowMapping, Select, and_, bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.domain.forecast.due_steps import TO_BOOK
from clinic_scheduler.domain.forecast.judgements import Bucket, Timing
from clinic_scheduler.domain.forecast.status import bucket_of, timing_on
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, VisitKind, VisitState
from clinic_scheduler.models import (
    Appointment,
    Authorization,
    Course,
    Hold,
    Patient,
    Provider,
    Treatment,
)
from clinic_scheduler.queries.courses.holds import concerns, in_force
from clinic_scheduler.queries.due.counts import count_courses
from clinic_scheduler.queries.due.tabs import (
    ORDER,
    STAFF_DECISION,
    TABS,
    belongs,
    ids_in_tab,
    ids_of_page,
    page_of,
)

__all__ = [
    "TABS",
    "TO_BOOK",
    "DuePage",
    "DueRow",
    "due_page",
    "due_rows",
    "rows_of",
    "tab_counts",
]


@dataclass(frozen=True, slots=True)
class DueRow:
    """One course as the desk sees it. `planned_units` is the course's own plan, if it has one.

    `booked_on` is of a proposed time too; `appointment_state` tells.
    """

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
    timing: Timing
    blocks: tuple[str, ...]
    booking: str
    bucket: Bucket
    booked_on: date | None
    booked_at: time | None
    appointment_id: int | None
    appointment_state: VisitState | None
    planned_units: Decimal | None
    last_units: Decimal | None
    last_given_on: date | None
    authorization_required: bool
    authorization_ends_on: date | None
    authorization_visits_left: int | None

    @property
    def is_proposed(self) -> bool:
        """Whether its time is only held until a provider answers."""
        return self.appointment_state == VisitState.PROPOSED


@dataclass(frozen=True, slots=True)
class DuePage:
    """One page of a tab. `total` counts the whole tab, `counts` every tab, under the same provider filter."""

    rows: list[DueRow]
    total: int
    counts: Mapping[str, int]
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
    counts: Mapping[str, int] | None = None,
) -> DuePage:
    """One page of a tab (TABS) or bucket; None is every course that is listed. A page past the end is the last one.

    `counts` are those of tab_counts, where they are known already.
    """
    counts = counts if counts is not None else tab_counts(session, clinic_id, today, provider_id)
    tab = bucket or "all"
    total = counts.get(tab, 0)
    pages = max(1, -(-total // per_page))
    page = min(max(page, 1), pages)
    from_end, place = page_of((page - 1) * per_page, per_page, total)
    shown = _shown_on_page(clinic_id, today, provider_id, tab, from_end)
    rows = [_due_row(row, today) for row in session.execute(shown, {"today": today, **place}).mappings()]
    return DuePage(rows, total, counts, page, pages)


def due_rows(
    session: Session,
    clinic_id: int,
    today: date,
    *,
    bucket: str | None = None,
    provider_id: int | None = None,
) -> list[DueRow]:
    """Every row of a tab or bucket, in the order of the pages."""
    ids = ids_in_tab(clinic_id, today, provider_id, bucket or "all")
    rows = session.execute(_shown().where(Course.id.in_(ids)), {"today": today}).mappings()
    return [_due_row(row, today) for row in rows]


def rows_of(session: Session, today: date, ids: Sequence[int]) -> list[DueRow]:
    """The rows of these courses, in the list's own order."""
    rows = session.execute(_shown_by_id(), {"today": today, "ids": ids}).mappings()
    return [_due_row(row, today) for row in rows]


def tab_counts(
    session: Session, clinic_id: int, today: date, provider_id: int | None, limit: int | None = None
) -> dict[str, int]:
    """How many each tab and each bucket has; with the clinic's `limit` of tries, those of STAFF_DECISION too."""
    tally = count_courses(session, clinic_id, today, provider_id)
    counts: dict[str, int] = dict.fromkeys(Bucket, 0)
    for standing, number in tally.items():
        counts[standing.bucket] += number
    for tab in TABS:
        counts[tab] = sum(number for standing, number in tally.items() if belongs(tab, standing))
    if limit is not None:
        # Waited for or not: the decision need not wait for that.
        counts[STAFF_DECISION] = sum(number for standing, number in tally.items() if standing.tries >= limit)
    return counts


@cache
def _shown_by_id() -> Select[*tuple[Any, ...]]:
    """_shown of :ids; a statement never changes, and making it anew takes as long as a tenth of the page."""
    return _shown().where(Course.id.in_(bindparam("ids", expanding=True)))


@lru_cache(maxsize=128)
def _shown_on_page(
    clinic_id: int, today: date, provider_id: int | None, tab: str, from_end: bool
) -> Select[*tuple[Any, ...]]:
    """_shown of a page that is found in the same statement."""
    return _shown().where(Course.id.in_(ids_of_page(clinic_id, today, provider_id, tab, from_end)))


def _shown() -> Select[*tuple[Any, ...]]:
    """Every course with what its row shows on :today: to-one joins, and the newest of what may be many."""
    dose, leave = aliased(Treatment), aliased(Authorization)
    return (
        select(
            Course.id.label("course_id"),
            Course.patient_id,
            Patient.mrn,
            Patient.family_name,
            Patient.given_name,
            Patient.birth_date,
            Course.indication,
            Course.product,
            Course.provider_id,
            Provider.name.label("provider_name"),
            Course.reference_on.label("reference"),
            Course.earliest_date,
            Course.due_date,
            Course.overdue_date,
            Course.lapse_date,
            Course.closed_from,
            _on_hold().label("held"),
            Course.blocks,
            Course.booking,
            Course.booked_on,
            Appointment.local_time.label("booked_at"),
            Appointment.id.label("appointment_id"),
            Appointment.state.label("appointment_state"),
            Course.planned_units,
            dose.units.label("last_units"),
            dose.given_on.label("last_given_on"),
            Course.authorization_required,
            leave.ends_on.label("authorization_ends_on"),
            leave.visits_left.label("authorization_visits_left"),
        )
        .join(Patient, Course.patient_id == Patient.id)
        .outerjoin(Provider, Course.provider_id == Provider.id)
        .outerjoin(
            Appointment,
            and_(
                Appointment.course_id == Course.id,
                Appointment.kind == literal(VisitKind.INJECTION.value),
                Appointment.state.in_(HELD_STATES),
            ),
        )
        # Said twice, since PostgreSQL would rather read a whole table than look fifty of its rows up one by one.
        .outerjoin(dose, and_(dose.course_id == Course.id, dose.id == _last_dose()))
        .outerjoin(leave, and_(leave.course_id == Course.id, leave.id == _covering_authorization()))
        .order_by(*ORDER)
    )


def _on_hold() -> ColumnElement[bool]:
    today = bindparam("today", type_=Date())
    return select(Hold.id).where(concerns(), in_force(today)).correlate(Course).exists()


def _last_dose() -> ColumnElement[int]:
    return (
        select(Treatment.id)
        .where(Treatment.course_id == Course.id, Treatment.units > literal(0), Treatment.voided_at.is_(None))
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
        .limit(1)
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


def _due_row(row: RowMapping, today: date) -> DueRow:
    """The columns of _shown are named as DueRow's fields, but for those put together here."""
    shown = dict(row)
    closed_from, held, stored = shown.pop("closed_from"), shown.pop("held"), shown.pop("blocks")
    dates = (row["earliest_date"], row["due_date"], row["overdue_date"], row["lapse_date"])
    closed = closed_from is not None and closed_from <= today
    timing = Timing.CLOSED if closed else timing_on(*dates, today)
    blocks = _blocks(stored, held)
    return DueRow(**shown, timing=timing, blocks=blocks, bucket=bucket_of(timing, blocks, row["booking"]))


def _blocks(stored: str, held: bool) -> tuple[str, ...]:
    """Being on hold comes first, in the order DD-9 names the blocks."""
    blocks: Sequence[str] = stored.split()
    return ("on_hold", *blocks) if held else tuple(blocks)
