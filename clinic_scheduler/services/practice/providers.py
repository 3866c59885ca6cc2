"""Changing providers: name, address, visit length, weekly hours, and whether they take bookings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.typed_text import require_address, require_one_line
from clinic_scheduler.models import Provider, ProviderHours
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_clinic, lock_providers
from clinic_scheduler.services.practice.clinics import add_provider

Hours = tuple[int, time, time]


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """`hours` are (weekday, from, until), Monday is 0; stretches of a day do not overlap."""

    name: str
    email: str | None
    visit_minutes: int
    hours: tuple[Hours, ...]
    is_active: bool = True


def add(change: Change, entry: ProviderEntry) -> Provider:
    """Raises InvalidInput where the name is taken."""
    _require_name_free(change, entry.name)
    return add_provider(
        change, entry.name, hours=entry.hours, visit_minutes=entry.visit_minutes, email=entry.email
    )


def edit(change: Change, provider_id: int, entry: ProviderEntry) -> Provider:
    """What is booked stays as it is. Raises NotFound, InvalidInput where the name is taken."""
    session = change.session
    require_one_line(entry.name, "the provider's name", "name")
    require_address(entry.email, "the provider's e-mail", "email")
    provider = row_in_clinic(session, Provider, change.clinic_id, provider_id)
    lock_clinic(session, change.clinic_id)
    lock_providers(session, [provider.id])
    session.refresh(provider)
    _require_name_free(change, entry.name, but=provider.id)
    values = {name: getattr(entry, name) for name in ("name", "email", "visit_minutes", "is_active")}
    changed = [name for name, value in values.items() if getattr(provider, name) != value]
    for name in changed:
        setattr(provider, name, values[name])
    if _set_hours(session, provider.id, entry.hours):
        changed.append("hours")
    if "name" in changed:
        raise_revision(session, change.clinic_id, change.now)
    if changed:
        record(change, "edited", "providers", provider.id, fields=changed)
    return provider


def _set_hours(session: Session, provider_id: int, hours: Iterable[Hours]) -> bool:
    """Whether they were others before."""
    rows = session.scalars(select(ProviderHours).where(ProviderHours.provider_id == provider_id))
    if {(row.weekday, row.starts_at, row.ends_at) for row in rows} == set(hours):
        return False
    session.execute(delete(ProviderHours).where(ProviderHours.provider_id == provider_id))
    session.add_all(
        ProviderHours(provider_id=provider_id, weekday=weekday, starts_at=start, ends_at=end)
        for weekday, start, end in hours
    )
    return True


def _require_name_free(change: Change, name: str, but: int | None = None) -> None:
    taken = change.session.scalar(
        select(Provider.id).where(Provider.clinic_id == change.clinic_id, Provider.name == name)
    )
    if taken not in (None, but):
        raise InvalidInput("there is a provider of this name already")
