"""A record system's list of phones and addresses, applied to patients who are known; nobody is added.

An empty cell takes nothing away, and what a patient agreed to or took back is not touched: whoever opted out of
texts stays so under a new number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.record_system import OutsideContact
from clinic_scheduler.models import AuditEvent, Patient
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.imports.diary import OutsideApplied
from clinic_scheduler.services.imports.lookups import patients_by_mrn
from clinic_scheduler.services.patients.records import edit_patient, entry_of

_REACH = ("phone", "email")


def apply_contacts(
    session: Session, actor: Actor, rows: Sequence[OutsideContact], written_at: datetime, now: datetime
) -> OutsideApplied:
    """Bring how these patients are reached to what a file says that was written at `written_at`.

    What staff have changed since then stays.
    """
    applied = OutsideApplied()
    patients = patients_by_mrn(session, actor.clinic_id, {row.mrn for row in rows})
    for row in rows:
        patient = patients.get(row.mrn)
        if patient is None:
            applied.counts["unknown"] += 1  # a record system knows many people who are never treated here
            continue
        try:
            with session.begin_nested():
                applied.counts[_apply(session, actor, patient, row, written_at, now)] += 1
        except InvalidInput as error:
            applied.refused.append((row.line, f"the patient's record cannot be saved: {error}"))
        except (DataError, IntegrityError) as error:
            first = str(error.orig).splitlines()[0]
            applied.refused.append((row.line, f"the database does not take this: {first}"))
    return applied


def _apply(
    session: Session, actor: Actor, patient: Patient, row: OutsideContact, written_at: datetime, now: datetime
) -> str:
    told = {name: getattr(row, name) for name in _REACH}
    new = {name: value for name, value in told.items() if value and value != getattr(patient, name)}
    if not new:
        return "known"
    newer = _changed_since(session, actor, patient, written_at)
    new = {name: value for name, value in new.items() if name not in newer}
    if not new:
        return "newer_here"
    edit_patient(session, actor, patient.id, replace(entry_of(patient), **new), now, patient.updated_at)
    return "changed"


def _changed_since(session: Session, actor: Actor, patient: Patient, written_at: datetime) -> set[str]:
    """The fields that somebody else than this actor has written here since."""
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.patient_id == patient.id,
            AuditEvent.subject == "patients",
            AuditEvent.action.in_(("added", "edited")),
            AuditEvent.at >= written_at,
            AuditEvent.actor != actor.name,
        )
    )
    return {
        name for event in events for name in (event.details or {}).get("fields", _REACH) if name in _REACH
    }
