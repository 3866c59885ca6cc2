"""One day of the clinic: each active provider's visits and the closures that cover the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.models import Appointment, Closure, Provider

NOT_SHOWN = ("entered-in-error", "proposed", "waitlist")


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """`visits` in order of time, cancelled ones too: a desk asked about one must find it."""

    provider: Provider
    closures: list[Closure]
    visits: list[Appointment]


def day_schedule(session: Session, clinic_id: int, day: date) -> list[ProviderDay]:
    """Active providers, and any others who have visits that day, by name."""
    visits = _visits(session, clinic_id, day)
    busy = {visit.provider_id for visit in visits}
    providers = session.scalars(
        select(Provider)
        .where(Provider.clinic_id == clinic_id, Provider.is_active | Provider.id.in_(busy))
        .order_by(Provider.name)
    )
    closures = session.scalars(
        select(Closure).where(
            Closure.clinic_id == clinic_id, Closure.starts_on <= day, Closure.ends_on >= day
        )
    ).all()
    return [
        ProviderDay(
            provider,
            [closure for closure in closures if closure.provider_id in (None, provider.id)],
            [visit for visit in visits if visit.provider_id == provider.id],
        )
        for provider in providers
    ]


def _visits(session: Session, clinic_id: int, day: date) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.clinic_id == clinic_id,
            Appointment.local_date == day,
            Appointment.state.not_in(NOT_SHOWN),
        )
        .options(joinedload(Appointment.patient), joinedload(Appointment.course))
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
