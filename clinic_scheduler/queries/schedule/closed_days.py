"""Closures and the visits that stand on closed days, times held for a provider's answer among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, OPEN_STATES
from clinic_scheduler.models import Appointment, Closure, Provider


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """`provider_name` is none where the whole clinic is closed; `visits` are those booked or held in it."""

    closure: Closure
    provider_name: str | None
    visits: int


def closures_from(session: Session, clinic_id: int, today: date) -> list[ClosureRow]:
    """Those not over yet, the soonest first."""
    rows = session.execute(
        select(Closure, Provider.name)
        .outerjoin(Provider, Closure.provider_id == Provider.id)
        .where(Closure.clinic_id == clinic_id, Closure.ends_on >= today)
        .order_by(Closure.starts_on, Closure.id)
    ).all()
    hit = _counts(session, clinic_id, today)
    return [ClosureRow(closure, name, hit.get(closure.id, 0)) for closure, name in rows]


def closure_in_clinic(session: Session, clinic_id: int, closure_id: int) -> Closure:
    """Raises NotFound for another clinic's closure."""
    closure = session.get(Closure, closure_id)
    if closure is None or closure.clinic_id != clinic_id:
        raise NotFound("no such closure")
    return closure


def visits_on_closed_days(
    session: Session, clinic_id: int, today: date, *, closure_id: int | None = None
) -> Sequence[tuple[Appointment, Closure]]:
    """Open visits and held times from today on, each with a closure that covers it, by time; of one if named."""
    query = _standing(select(Appointment, Closure), clinic_id, today)
    if closure_id is not None:
        query = query.where(Closure.id == closure_id)
    rows = session.execute(
        query.options(
            joinedload(Appointment.patient), joinedload(Appointment.course), joinedload(Appointment.provider)
        ).order_by(Appointment.starts_at, Appointment.id, Closure.id)
    )
    once: dict[int, tuple[Appointment, Closure]] = {}
    for visit, closure in rows:
        once.setdefault(visit.id, (visit, closure))
    return list(once.values())


def count_on_closed_days(session: Session, clinic_id: int, today: date) -> int:
    query = _standing(select(func.count(func.distinct(Appointment.id))), clinic_id, today)
    number: int = session.scalars(query).one()
    return number


def _counts(session: Session, clinic_id: int, today: date) -> dict[int, int]:
    query = _standing(select(Closure.id, func.count().label("visits")), clinic_id, today).group_by(Closure.id)
    return {row.id: row.visits for row in session.execute(query)}


def _standing(query: Select, clinic_id: int, today: date) -> Select:  # type: ignore[type-arg]
    """Open visits and held times of the clinic, with the closures of their provider, or of all, that cover them."""
    covers = and_(
        Closure.clinic_id == Appointment.clinic_id,
        Closure.starts_on <= Appointment.local_date,
        Closure.ends_on >= Appointment.local_date,
        or_(Closure.provider_id.is_(None), Closure.provider_id == Appointment.provider_id),
    )
    return (
        query.select_from(Appointment)
        .join(Closure, covers)
        .where(
            Appointment.clinic_id == clinic_id,
            Appointment.local_date >= today,
            Appointment.state.in_((*OPEN_STATES, *AWAITING_ANSWER)),
        )
    )
