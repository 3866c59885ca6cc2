"""What the due list says of visits beside each row's own: other kinds of visits, and what providers are asked about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, OTHER_KINDS
from clinic_scheduler.domain.visits.override_requests import RequestState
from clinic_scheduler.models import Appointment, OverrideRequest, Provider
from clinic_scheduler.queries.schedule.override_requests import Waiting, waiting_of


@dataclass(frozen=True, slots=True)
class VisitsBeside:
    """`others` by course, the next first; `waiting` by visit. Courses and visits without any are missing."""

    others: Mapping[int, Sequence[Appointment]]
    waiting: Mapping[int, Waiting]


def visits_beside(session: Session, course_ids: Collection[int]) -> VisitsBeside:
    """In one query however many courses."""
    if not course_ids:
        return VisitsBeside({}, {})
    is_other = and_(Appointment.kind.in_(OTHER_KINDS), Appointment.state.in_(HELD_STATES))
    rows = session.execute(
        select(OverrideRequest.id, Provider.name, OverrideRequest.expires_at, Appointment, is_other)
        .select_from(Appointment)
        .outerjoin(
            OverrideRequest,
            and_(
                OverrideRequest.appointment_id == Appointment.id,
                OverrideRequest.state == RequestState.WAITING,
            ),
        )
        .outerjoin(Provider, Provider.id == OverrideRequest.provider_id)
        .where(Appointment.course_id.in_(course_ids), or_(is_other, OverrideRequest.id.is_not(None)))
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    others: dict[int, list[Appointment]] = {}
    for *_, visit, shown in rows:
        if shown:
            others.setdefault(visit.course_id, []).append(visit)
    return VisitsBeside(others, waiting_of(row[:4] for row in rows if row[0] is not None))
