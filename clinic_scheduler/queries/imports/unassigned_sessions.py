"""Imported sessions that belong to no course yet, because nobody could tell which or the clinic did not offer it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.models import Treatment


def kept_sessions(session: Session, patient_id: int) -> Sequence[Treatment]:
    """Those that a course may take over: of a known day, product and dose; in order of days."""
    return session.scalars(
        select(Treatment)
        .where(
            Treatment.patient_id == patient_id,
            Treatment.course_id.is_(None),
            Treatment.known_from == KnownFrom.IMPORT.value,
            Treatment.voided_at.is_(None),
            Treatment.is_approximate.is_(False),
            Treatment.product.is_not(None),
            Treatment.units.is_not(None),
        )
        .order_by(Treatment.given_on, Treatment.id)
    ).all()


def fitting(kept: Sequence[Treatment], indication: str, product: str) -> list[Treatment]:
    """Of the product, and for the indication or for nobody knows what."""
    return [row for row in kept if row.product == product and row.indication in (None, indication)]
