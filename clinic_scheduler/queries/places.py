"""Places by name: the clinic's own, and those at which toxin is known to have been given."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Clinic, Treatment


def places_of(session: Session, clinic_id: int) -> list[str]:
    """The clinic itself first, then by name."""
    own = session.get_one(Clinic, clinic_id).name
    told = session.scalars(
        select(Treatment.given_at)
        .where(Treatment.clinic_id == clinic_id, Treatment.given_at.is_not(None))
        .distinct()
        .order_by(Treatment.given_at)
    )
    return list(dict.fromkeys([own, *(place for place in told if place)]))
