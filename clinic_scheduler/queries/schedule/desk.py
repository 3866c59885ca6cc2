"""What every press at the desk needs of its clinic before it is looked at: zone, providers, overdue questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import UNKNOWN_ZONE, known_zone
from clinic_scheduler.domain.visits.override_requests import RequestState
from clinic_scheduler.models import Clinic, OverrideRequest, Provider


class ProviderName(NamedTuple):
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`providers` are those who take bookings, by name; `is_overdue`: a question to one of them is past its day."""

    zone: ZoneInfo
    is_overdue: bool
    providers: Sequence[ProviderName]


# Built once: every press asks it.
_DESK = (
    select(
        Clinic.zone,
        exists(
            select(OverrideRequest.id).where(
                OverrideRequest.clinic_id == Clinic.id,
                OverrideRequest.state == RequestState.WAITING.value,
                OverrideRequest.expires_at <= bindparam("now"),
            )
        ),
        Provider.id,
        Provider.name,
    )
    .outerjoin(Provider, and_(Provider.clinic_id == Clinic.id, Provider.is_active))
    .where(Clinic.id == bindparam("clinic"))
    .order_by(Provider.name)
)


def desk_of(session: Session, clinic_id: int, now: datetime) -> Desk:
    """The clinic's, in one statement."""
    rows = session.execute(_DESK, {"clinic": clinic_id, "now": now}).all()
    providers = [ProviderName(key, name) for _zone, _overdue, key, name in rows if key is not None]
    return Desk(known_zone(rows[0][0]) or UNKNOWN_ZONE, bool(rows[0][1]), providers)
