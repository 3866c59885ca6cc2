"""Providers for the settings pages: every one of a clinic, their weekly hours, and their visits ahead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, OPEN_STATES
from clinic_scheduler.domain.visits.working_hours import Stretch
from clinic_scheduler.models import Appointment, Clinic, ProcedureLength, Provider, ProviderHours
from clinic_scheduler.queries.lookups import row_in_clinic

Week = dict[int, list[Stretch]]


def providers_of(session: Session, clinic_id: int) -> Sequence[Provider]:
    """Active ones first, then by name."""
    return session.scalars(
        select(Provider)
        .where(Provider.clinic_id == clinic_id)
        .order_by(Provider.is_active.desc(), Provider.name)
    ).all()


def provider_in_clinic(session: Session, clinic_id: int, provider_id: int) -> Provider:
    """Raises NotFound for another clinic's provider."""
    return row_in_clinic(session, Provider, clinic_id, provider_id)


def weeks_of(session: Session, clinic_id: int) -> dict[int, Week]:
    """Stretches by provider and weekday (Monday is 0), in order; weekdays off are missing."""
    rows = session.scalars(
        select(ProviderHours)
        .join(Provider, Provider.id == ProviderHours.provider_id)
        .where(Provider.clinic_id == clinic_id)
        .order_by(ProviderHours.weekday, ProviderHours.starts_at)
    )
    weeks: dict[int, Week] = {}
    for row in rows:
        week = weeks.setdefault(row.provider_id, {})
        week.setdefault(row.weekday, []).append((row.starts_at, row.ends_at))
    return weeks


def visits_ahead(session: Session, provider_id: int, now: datetime) -> Sequence[Appointment]:
    """Open visits and held times from `now` on, the next first, with patients, courses and the provider."""
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.provider_id == provider_id,
            Appointment.state.in_((*OPEN_STATES, *AWAITING_ANSWER)),
            Appointment.starts_at > now,
        )
        .order_by(Appointment.starts_at)
        .options(
            joinedload(Appointment.patient), joinedload(Appointment.course), joinedload(Appointment.provider)
        )
    ).all()


def procedure_lengths(session: Session, clinic_id: int) -> dict[str, int]:
    """Minutes of injections by indication, of other visits by kind, where the clinic has set them."""
    rows = session.scalars(select(ProcedureLength).where(ProcedureLength.clinic_id == clinic_id))
    return {row.indication or row.visit_kind: row.minutes for row in rows}


def clinic_of(session: Session, clinic_id: int) -> Clinic:
    return session.get_one(Clinic, clinic_id)
