"""Changing the days a clinic or a provider is away; services/practice/clinics.py adds them. No visit is moved here."""

from datetime import date

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import Closure, Provider
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.closed_days import closure_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_diaries
from clinic_scheduler.services.practice.clinics import add_closure


def close_days(
    change: Change, starts_on: date, ends_on: date, reason: str, *, provider_id: int | None = None
) -> Closure:
    """Close from `starts_on` through `ends_on`, for one of the clinic's providers or for all. Raises InvalidInput.

    A booking under way is waited for, and stands on the list of visits to move; one that comes later finds the day
    closed.
    """
    if ends_on < starts_on:
        raise InvalidInput("the last day is before the first")
    if provider_id is not None:
        row_in_clinic(change.session, Provider, change.clinic_id, provider_id)
    lock_diaries(change.session, change.clinic_id, provider_id)
    return add_closure(change, starts_on, ends_on, reason, provider_id=provider_id)


def remove_closure(change: Change, closure_id: int) -> None:
    """Open those days again; the audit row keeps what was closed."""
    closure = closure_in_clinic(change.session, change.clinic_id, closure_id)
    record(
        change,
        "removed",
        "closures",
        closure.id,
        starts_on=closure.starts_on.isoformat(),
        ends_on=closure.ends_on.isoformat(),
        provider_id=closure.provider_id,
    )
    change.session.delete(closure)
