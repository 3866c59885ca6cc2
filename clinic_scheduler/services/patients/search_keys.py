"""Keeping what patients are found by in step with their records. Finding them is queries/patients/search.py's."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.search.search_terms import mrn_keys, record_keys
from clinic_scheduler.models import Patient, PatientSearchKey

_TABLE = cast(Table, PatientSearchKey.__table__)


def index(session: Session, patients: Sequence[Patient]) -> None:
    """Write the keys of these saved patients, whatever was there before; a merged record has none of its own.

    Its record number finds whom it was merged into.
    """
    if not patients:
        return
    ids = [patient.id for patient in patients]
    session.execute(delete(PatientSearchKey).where(PatientSearchKey.patient_id.in_(ids)))
    index_new(session, [patient for patient in patients if patient.merged_into_id is None])
    merged = select(Patient).where(Patient.merged_into_id.in_(ids))
    _insert(session, ((row, row.merged_into_id, mrn_keys(row.mrn)) for row in session.scalars(merged)))


def index_new(session: Session, patients: Sequence[Patient]) -> None:
    """Write the keys of patients just added, in one statement however many they are."""
    _insert(session, ((patient, patient.id, _keys(patient)) for patient in patients))


def _keys(patient: Patient) -> set[str]:
    return record_keys(
        patient.mrn,
        patient.family_name,
        patient.given_name,
        patient.birth_date,
        patient.phone,
        patient.email,
    )


def _insert(session: Session, keys: Iterable[tuple[Patient, int | None, set[str]]]) -> None:
    rows = [
        {"clinic_id": patient.clinic_id, "patient_id": owner, "key": key}
        for patient, owner, own in keys
        for key in sorted(own)
    ]
    if rows:
        # The bare table: an object for each of a file's ten thousand keys would cost more than the keys.
        session.execute(_TABLE.insert(), rows)
