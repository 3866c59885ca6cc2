"""A record system's list of phones and addresses, applied to patients who are known; nobody is added.

An empty cell takes nothing away, and what a patient agreed to or took back is not touched: whoever opted out of
texts stays so under a new number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.record_system import OutsideContact
from clinic_scheduler.models import AuditEvent, Patient
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.diary import OutsideApplied
from clinic_scheduler.services.imports.lookups import patients_by_mrn
from clinic_scheduler.services.patients.records import edit_patient, entry_of

_REACH = ("phone", "email")


def apply_contacts(change: Change, rows: Sequence[OutsideContact], written_at: datetime) -> OutsideApplied:
    """Bring how these patients are reached to what a file says that was written at `written_at`.

    What staff have changed since then stays.
    """
    applied = OutsideApplied()
    patients = patients_by_mrn(change.session, change.clinic_id, {row.mrn for row in rows})
    for row in rows:
        patient = patients.get(row.mrn)
        if patient is None:
            applied.counts["unknown"] += 1  # a record system knows many people who are never treated here
            continue
        try:
            with change.session.begin_nested():
                applied.counts[_apply(change, patient, row, written_at)] += 1
        except InvalidInput as error:
            applied.refused.append((row.line, f"the patient's record cannot be saved: {error}"))
        except (DataError, IntegrityError) as error:
            first = str(error.orig).splitlines()[0]
            applied.refused.append((row.line, f"the database does not take this: {first}"))
    return applied


def _apply(change: Change, patient: Patient, row: OutsideContact, written_at: datetime) -> str:
    told = {name: getattr(row, name) for name in _REACH}
    new = {name: value for name, value in told.items() if value and value != getattr(patient, name)}
    if not new:
        return "known"
    newer = _changed_since(change, patient, written_at)
    new = {name: value for name, value in new.items() if name not in newer}
    if not new:
        return "newer_here"
    edit_patient(change, patient.id, replace(entry_of(patient), **new), patient.updated_at)
    return "changed"


def _changed_since(change: Change, patient: Patient, written_at: datetime) -> set[str]:
    """The fields that somebody else than this actor has written here since."""
    events = change.session.scalars(
        select(AuditEvent).where(
            AuditEvent.patient_id == patient.id,
            AuditEvent.subject == "patients",
            AuditEvent.action.in_(("added", "edited")),
            AuditEvent.at >= written_at,
            AuditEvent.actor != change.actor.name,
        )
    )
    return {
        name for event in events for name in (event.details or {}).get("fields", _REACH) if name in _REACH
    }
