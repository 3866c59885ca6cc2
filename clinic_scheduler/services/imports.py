"""Applying the rows of a clinic's log: patients, courses and treatments, each patient whole or not at all.

What is there already is looked up in import_lookups.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.domain.recording import ACCEPTS_ALL
from clinic_scheduler.models import Course, Patient, Provider
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.services import search_keys
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.clinics import add_provider
from clinic_scheduler.services.courses import CourseEntry, course_row
from clinic_scheduler.services.forecasting import refresh
from clinic_scheduler.services.import_lookups import Known, LogRow, bare_name, known_rows
from clinic_scheduler.services.patients import PatientEntry, patient_row
from clinic_scheduler.services.treatments import TreatmentEntry, treatment_row

__all__ = ["Applied", "LogRow", "apply", "batches", "by_patient"]


@dataclass(slots=True)
class Applied:
    """What an import added; `known` counts rows that were there before. `refused` is (line, reason)."""

    patients: int = 0
    courses: int = 0
    treatments: int = 0
    known: int = 0
    providers: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Applied") -> None:
        self.patients += other.patients
        self.courses += other.courses
        self.treatments += other.treatments
        self.known += other.known
        self.providers += other.providers
        self.refused += other.refused


def by_patient(rows: Iterable[LogRow]) -> list[list[LogRow]]:
    """Rows gathered per MRN, each patient's in order of date, patients in order of first appearance."""
    gathered: dict[str, list[LogRow]] = {}
    for row in rows:
        gathered.setdefault(row.mrn, []).append(row)
    return [sorted(own, key=lambda row: (row.given_on, row.line)) for own in gathered.values()]


def batches(rows: Iterable[LogRow], patients: int) -> Iterator[list[list[LogRow]]]:
    """So many patients at a time, to commit between."""
    gathered = by_patient(rows)
    for start in range(0, len(gathered), patients):
        yield gathered[start : start + patients]


def apply(session: Session, actor: Actor, patients: Sequence[Sequence[LogRow]], now: datetime) -> Applied:
    """Add what is not there yet. Reminders are left to the worker's planning, so that a file of any size is quick."""
    applied = Applied()
    known = known_rows(session, actor.clinic_id, [row for rows in patients for row in rows])
    fresh = fresh_rows(patients, known, applied)
    _add_patients(session, actor, patients, fresh, known, now, applied)
    _add_courses(session, actor, fresh, known, now, applied)
    _add_treatments(session, actor, fresh, known, now, applied)
    touched = [known.patients[mrn].id for mrn in fresh]
    refresh(session, touched, now.astimezone(clinic_zone(session, actor.clinic_id)).date(), now)
    return applied


def fresh_rows(
    patients: Sequence[Sequence[LogRow]], known: Known, applied: Applied
) -> dict[str, list[LogRow]]:
    """Rows to add, by MRN; those there already are counted, those that cannot be right are refused."""
    fresh: dict[str, list[LogRow]] = {}
    for rows in patients:
        for row in rows:
            if row.fingerprint in known.fingerprints:
                applied.known += 1
            elif reason := _refusal(row, known):
                applied.refused.append((row.line, reason))
            else:
                fresh.setdefault(row.mrn, []).append(row)
    return fresh


def _refusal(row: LogRow, known: Known) -> str | None:
    patient = known.patients.get(row.mrn)
    if patient is None:
        return None
    if patient.birth_date != row.birth_date:
        return f"this MRN belongs to somebody born on another day than {spoken(row.birth_date)}"
    if ((patient.id, row.indication, row.product), row.given_on) in known.visits:
        return f"another dose or lot is already recorded for {spoken(row.given_on)}; correct it there"
    return None


def _add_patients(
    session: Session,
    actor: Actor,
    patients: Sequence[Sequence[LogRow]],
    fresh: dict[str, list[LogRow]],
    known: Known,
    now: datetime,
    applied: Applied,
) -> None:
    """New patients, flushed together; of patients known, blanks are filled and nothing is overwritten."""
    new, reached = [], []
    for rows in patients:
        if rows[0].mrn not in fresh:
            continue
        entry = _newest_known(rows)
        patient = known.patients.get(entry.mrn)
        if patient is not None:
            reach = (patient.phone, patient.email)
            _fill_blanks(patient, entry, now)
            if reach != (patient.phone, patient.email):
                reached.append(patient)
        else:
            known.patients[entry.mrn] = patient_row(entry, actor.clinic_id, now)
            new.append(known.patients[entry.mrn])
    session.add_all(new)
    session.flush()
    search_keys.index_new(session, new)
    search_keys.index(session, reached)
    for patient in new:
        record(session, actor, now, "added", "patients", patient.id, patient_id=patient.id)
    applied.patients = len(new)


def _newest_known(rows: Sequence[LogRow]) -> PatientEntry:
    """The person as the newest row that says so knows them; `rows` are one patient's, by date."""
    newest_first = list(reversed(rows))
    newest = newest_first[0]
    weighed = next((row for row in newest_first if row.weight_kg), None)
    return PatientEntry(
        mrn=newest.mrn,
        family_name=newest.family_name,
        given_name=newest.given_name,
        birth_date=newest.birth_date,
        phone=next((row.phone for row in newest_first if row.phone), None),
        email=next((row.email for row in newest_first if row.email), None),
        weight_kg=Decimal(str(weighed.weight_kg)) if weighed else None,
        weighed_on=weighed.given_on if weighed else None,
    )


def _fill_blanks(patient: Patient, entry: PatientEntry, now: datetime) -> None:
    patient.phone = patient.phone or entry.phone
    patient.email = patient.email or entry.email
    if entry.weighed_on and (patient.weighed_on is None or entry.weighed_on > patient.weighed_on):
        patient.weight_kg, patient.weighed_on = entry.weight_kg, entry.weighed_on
    patient.updated_at = now


def _add_courses(
    session: Session,
    actor: Actor,
    fresh: dict[str, list[LogRow]],
    known: Known,
    now: datetime,
    applied: Applied,
) -> None:
    """New courses of patient, indication and product, flushed together; each starts with its first treatment."""
    new = []
    for mrn, rows in fresh.items():
        patient = known.patients[mrn]
        for row in rows:
            key = (patient.id, row.indication, row.product)
            if key not in known.courses:
                entry = CourseEntry(*key, started_on=row.given_on)
                known.courses[key] = course_row(entry, known.protocols[row.indication], now)
                new.append(known.courses[key])
    session.add_all(new)
    session.flush()
    for course in new:
        record(session, actor, now, "opened", "courses", course.id, patient_id=course.patient_id)
    applied.courses = len(new)


def _add_treatments(
    session: Session,
    actor: Actor,
    fresh: dict[str, list[LogRow]],
    known: Known,
    now: datetime,
    applied: Applied,
) -> None:
    for mrn, rows in fresh.items():
        patient = known.patients[mrn]
        for row in rows:
            provider = _provider(session, actor, row.provider_name, known, now, applied)
            course = known.courses[patient.id, row.indication, row.product]
            _extend(course, row, provider)
            session.add(treatment_row(_entry(row, course, provider), course, actor.user_id, now))
        record(
            session,
            actor,
            now,
            "imported",
            "patients",
            patient.id,
            patient_id=patient.id,
            treatments=len(rows),
        )
        applied.treatments += len(rows)


def _extend(course: Course, row: LogRow, provider: Provider | None) -> None:
    """The course reaches back to its first treatment and is its latest provider's."""
    course.started_on = min(course.started_on, row.given_on)
    if provider is not None and (course.reference_on is None or row.given_on >= course.reference_on):
        course.provider_id = provider.id
    # Left for the worker: it plans what was never planned.
    course.reminders_planned_at = None


def _provider(
    session: Session, actor: Actor, name: str | None, known: Known, now: datetime, applied: Applied
) -> Provider | None:
    """The provider of that name, with or without title; a new one gets standard hours, which is said."""
    wanted = bare_name(name or "")
    if not wanted:
        return None
    if wanted not in known.providers:
        known.providers[wanted] = add_provider(session, actor, " ".join((name or "").split()), now)
        applied.providers.append(known.providers[wanted].name)
    return known.providers[wanted]


def _entry(row: LogRow, course: Course, provider: Provider | None) -> TreatmentEntry:
    return TreatmentEntry(
        course_id=course.id,
        given_on=row.given_on,
        units=Decimal(str(row.units)),
        product=row.product,
        fingerprint=row.fingerprint,
        provider_id=provider.id if provider else None,
        units_wasted=None if row.units_wasted is None else Decimal(str(row.units_wasted)),
        lot=row.lot,
        lot_expires_on=row.lot_expires_on,
        outcome=row.outcome,
        kind=row.kind,
        notes=row.notes,
        seen=ACCEPTS_ALL,
    )
