"""The desk's work list: what waits, the oldest first; what was settled, the newest first; how much waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES
from clinic_scheduler.domain.visits.override_requests import VisitSince
from clinic_scheduler.domain.work_kinds import WorkerGap
from clinic_scheduler.models import (
    Appointment,
    Course,
    Hold,
    InboundMessage,
    Message,
    OverrideRequest,
    Patient,
    Provider,
    User,
    WorkItem,
)
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.override_requests import since_asked

PAGE = 50
# More than this is said as "99+": nobody counts further, and neither does the database.
COUNTED = 99
# How the key of a worker_was_gone item ends: the instant the worker was last seen.
_moving = aliased(Appointment)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """An item and what it is about, as far as that is known. `visit` is None once it is no longer open.

    `request` is what a provider was asked, about the visit on `asked_for` whether that is still open or not;
    `moving` is the visit that was to move to `asked_for`.
    """

    item: WorkItem
    patient: Patient | None
    course: Course | None
    visit: Appointment | None
    message: Message | None
    inbound: InboundMessage | None
    hold: Hold | None
    closed_by: str | None
    request: OverrideRequest | None
    asked_provider: str | None
    asked_for: Appointment | None
    moving: Appointment | None

    @property
    def since(self) -> VisitSince | None:
        """What became of the visit that a provider was asked about."""
        if self.request is None or self.asked_for is None:
            return None
        return since_asked(self.request, self.asked_for, self.moving)

    @property
    def gone_since(self) -> datetime | None:
        """When the worker was last seen, for worker_was_gone."""
        gap = WorkerGap.read(self.item.dedupe_key)
        return gap.since if gap is not None else None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """`after` opens the next page, if there is one."""

    rows: Sequence[WorkRow]
    after: int | None


def open_count(session: Session, clinic_id: int) -> int:
    """How many wait, up to one more than COUNTED: read from the open items' own small index."""
    return session.scalar(select(open_number(clinic_id))) or 0


def open_number(clinic_id: int) -> ScalarSelect[int]:
    """The same, for any statement to ask."""
    waiting = (
        select(WorkItem.id)
        .where(WorkItem.clinic_id == clinic_id, WorkItem.closed_at.is_(None))
        .limit(COUNTED + 1)
    )
    return select(func.count()).select_from(waiting.subquery()).scalar_subquery()


def open_page(
    session: Session, clinic_id: int, kind: str | None = None, after: int | None = None
) -> WorkPage:
    """The oldest first; `after` is the id of the last item shown."""
    query = _rows().where(WorkItem.clinic_id == clinic_id, WorkItem.closed_at.is_(None))
    if kind is not None:
        query = query.where(WorkItem.kind == kind)
    last = session.get(WorkItem, after) if after is not None else None
    if last is not None:
        query = query.where(tuple_(WorkItem.opened_at, WorkItem.id) > tuple_(last.opened_at, last.id))
    return _page(session, query.order_by(WorkItem.opened_at, WorkItem.id))


def closed_page(session: Session, clinic_id: int, after: int | None = None) -> WorkPage:
    query = _rows().where(WorkItem.clinic_id == clinic_id, WorkItem.closed_at.is_not(None))
    if after is not None:
        query = query.where(WorkItem.id < after)
    return _page(session, query.order_by(WorkItem.id.desc()))


def _page(session: Session, query: Select[*tuple[Any, ...]]) -> WorkPage:
    found = [_row(tuple(row)) for row in session.execute(query.limit(PAGE + 1))]
    return WorkPage(found[:PAGE], found[PAGE - 1].item.id if len(found) > PAGE else None)


def _row(row: tuple[Any, ...]) -> WorkRow:
    item, patient, course, visit, message, inbound, hold, closed_by, request, asked_provider, moving = row
    return WorkRow(
        item,
        patient,
        course,
        visit if visit and visit.state in HELD_STATES else None,
        message,
        inbound,
        hold,
        closed_by,
        request,
        asked_provider,
        visit if request else None,
        moving,
    )


def _rows() -> Select[*tuple[Any, ...]]:
    course_id = func.coalesce(WorkItem.course_id, Appointment.course_id)
    return (
        select(
            WorkItem,
            Patient,
            Course,
            Appointment,
            Message,
            InboundMessage,
            Hold,
            User.name,
            OverrideRequest,
            Provider.name,
            _moving,
        )
        .outerjoin(Patient, Patient.id == WorkItem.patient_id)
        .outerjoin(Appointment, Appointment.id == WorkItem.appointment_id)
        .outerjoin(_moving, _moving.id == Appointment.replaces_id)
        .outerjoin(Course, Course.id == course_id)
        .outerjoin(Message, Message.id == WorkItem.message_id)
        .outerjoin(InboundMessage, InboundMessage.id == WorkItem.inbound_message_id)
        .outerjoin(Hold, Hold.id == WorkItem.hold_id)
        .outerjoin(User, User.id == WorkItem.closed_by_id)
        .outerjoin(OverrideRequest, OverrideRequest.id == WorkItem.override_request_id)
        .outerjoin(Provider, Provider.id == OverrideRequest.provider_id)
    )


def work_item_kind(session: Session, clinic_id: int, item_id: int) -> str:
    """Raises NotFound for another clinic's item."""
    return row_in_clinic(session, WorkItem, clinic_id, item_id).kind


def clinics_waiting(session: Session, kind: str) -> set[int]:
    """The clinics before which an item of this kind is."""
    waiting = select(WorkItem.clinic_id).where(WorkItem.kind == kind, WorkItem.closed_at.is_(None))
    return set(session.scalars(waiting))
