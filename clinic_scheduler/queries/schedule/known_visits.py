"""All visits of one patient as plain values, in one statement: what a change to one of them has to know."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES
from clinic_scheduler.models import Appointment, VisitOverride


class KnownVisit(NamedTuple):
    """`overridden` are the names of what was overridden for it, in the order in which it was."""

    id: int
    patient_id: int
    course_id: int
    kind: str
    state: str
    local_date: date
    local_time: time
    starts_at: datetime
    updated_at: datetime
    cancel_reason: str | None
    replaces_id: int | None
    idempotency_key: str
    overridden: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        return self.state in HELD_STATES


_FIELDS = KnownVisit._fields[:-1]
# Built once: every booking asks it, and building a statement costs more than running it.
_VISITS = (
    select(*(getattr(Appointment, name) for name in _FIELDS), VisitOverride.name)
    .outerjoin(VisitOverride, VisitOverride.appointment_id == Appointment.id)
    .where(
        or_(
            Appointment.patient_id == bindparam("patient"),
            Appointment.idempotency_key == bindparam("key"),
        )
    )
    .order_by(Appointment.id, VisitOverride.id)
)


def known_visits(session: Session, patient_id: int, key: str | None = None) -> list[KnownVisit]:
    """Every visit of the patient, whatever became of it; and the one that was booked with `key`, whosever it is."""
    found: dict[int, KnownVisit] = {}
    # No visit has an empty key.
    for row in session.execute(_VISITS, {"patient": patient_id, "key": key or ""}):
        *values, name = row
        visit = found.get(values[0]) or KnownVisit._make((*values, ()))
        found[visit.id] = visit._replace(overridden=(*visit.overridden, name)) if name else visit
    return list(found.values())


def known_visit(row: Appointment) -> KnownVisit:
    """The same of a visit at hand, whose overrides are."""
    names = tuple(override.name for override in row.overrides)
    return KnownVisit._make((*(getattr(row, field) for field in _FIELDS), names))


def with_known(visits: Iterable[KnownVisit], visit: KnownVisit) -> tuple[KnownVisit, ...]:
    """The visits with this one as it is now."""
    return (*(each for each in visits if each.id != visit.id), visit)


def with_row(visits: Iterable[KnownVisit], row: Appointment) -> tuple[KnownVisit, ...]:
    """The visits with what became of this one, whose time and overrides stayed."""
    return tuple(
        visit._replace(state=row.state, updated_at=row.updated_at) if visit.id == row.id else visit
        for visit in visits
    )
