"""Applying the rows of a clinic's log: patients, courses and treatments, each patient whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.models import Course, Patient, Provider, Treatment
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.clinics import add_provider
from clinic_scheduler.services.courses import CourseEntry, PatientEntry, add_patient, open_course
from clinic_scheduler.services.forecasting import refresh
from clinic_scheduler.services.treatments import TreatmentEntry, treatment_row

_TITLES = frozenset({"dr", "doctor", "md", "m.d", "do", "np", "pa", "prof"})


class LogRow(Protocol):
    """What a validated row of a log tells; importing reads them."""

    @property
    def line(self) -> int: ...
    @property
    def mrn(self) -> str: ...
    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def weight_kg(self) -> float | None: ...
    @property
    def indication(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def given_on(self) -> date: ...
    @property
    def units(self) -> float: ...
    @property
    def units_wasted(self) -> float | None: ...
    @property
    def lot(self) -> str | None: ...
    @property
    def lot_expires_on(self) -> date | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def provider_name(self) -> str | None: ...
    @property
    def notes(self) -> str | None: ...
    @property
    def fingerprint(self) -> str: ...


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
    touched = []
    for rows in patients:
        patient = _apply_patient(session, actor, rows, now, applied)
        if patient is not None:
            touched.append(patient.id)
    today = now.astimezone(clinic_zone(session, actor.clinic_id)).date()
    refresh(session, touched, today, now)
    return applied


def _apply_patient(
    session: Session, actor: Actor, rows: Sequence[LogRow], now: datetime, applied: Applied
) -> Patient | None:
    """One patient's rows; None where nothing was added."""
    fresh = _unknown(session, actor, rows)
    applied.known += len(rows) - len(fresh)
    if not fresh:
        return None
    patient, is_new = _patient(session, actor, rows, now)
    if patient.birth_date != rows[0].birth_date:
        reason = f"this MRN belongs to somebody born on another day than {spoken(rows[0].birth_date)}"
        applied.refused += [(row.line, reason) for row in fresh]
        return None
    applied.patients += is_new
    recorded = set() if is_new else _recorded_visits(session, patient)
    added = 0
    for row in fresh:
        if (row.given_on, row.indication, row.product) in recorded:
            reason = f"another dose or lot is already recorded for {spoken(row.given_on)}; correct it there"
            applied.refused.append((row.line, reason))
            continue
        added += 1
        provider = _provider(session, actor, row.provider_name, now, applied)
        course = _course(session, actor, patient, row, provider, now, applied)
        session.add(treatment_row(_entry(row, course, provider), course, now))
    applied.treatments += added
    record(session, actor, now, "imported", "patients", patient.id, patient_id=patient.id, treatments=added)
    return patient


def _unknown(session: Session, actor: Actor, rows: Sequence[LogRow]) -> list[LogRow]:
    known = set(
        session.scalars(
            select(Treatment.fingerprint).where(
                Treatment.clinic_id == actor.clinic_id,
                Treatment.fingerprint.in_([row.fingerprint for row in rows]),
            )
        )
    )
    return [row for row in rows if row.fingerprint not in known]


def _recorded_visits(session: Session, patient: Patient) -> set[tuple[date, str, str]]:
    """Days on which a course already has a treatment: a new row for one of them is a correction, not a visit."""
    rows = session.execute(
        select(Treatment.given_on, Course.indication, Treatment.product)
        .join(Course, Course.id == Treatment.course_id)
        .where(Treatment.patient_id == patient.id)
    )
    return {(given_on, indication, product) for given_on, indication, product in rows}


def _patient(session: Session, actor: Actor, rows: Sequence[LogRow], now: datetime) -> tuple[Patient, bool]:
    """The patient of this MRN, with blanks filled from the newest row that knows; nothing known is overwritten."""
    found = session.scalar(
        select(Patient).where(Patient.clinic_id == actor.clinic_id, Patient.mrn == rows[0].mrn)
    )
    newest_first = list(reversed(rows))
    phone = next((row.phone for row in newest_first if row.phone), None)
    email = next((row.email for row in newest_first if row.email), None)
    weighed = next((row for row in newest_first if row.weight_kg), None)
    weight = Decimal(str(weighed.weight_kg)) if weighed else None
    weighed_on = weighed.given_on if weighed else None
    if found is None:
        newest = newest_first[0]
        entry = PatientEntry(
            mrn=newest.mrn,
            family_name=newest.family_name,
            given_name=newest.given_name,
            birth_date=newest.birth_date,
            phone=phone,
            email=email,
            weight_kg=weight,
            weighed_on=weighed_on,
        )
        return add_patient(session, actor, entry, now), True
    found.phone = found.phone or phone
    found.email = found.email or email
    if weight is not None and (found.weighed_on is None or (weighed_on and weighed_on > found.weighed_on)):
        found.weight_kg, found.weighed_on = weight, weighed_on
    found.updated_at = now
    return found, False


def _course(
    session: Session,
    actor: Actor,
    patient: Patient,
    row: LogRow,
    provider: Provider | None,
    now: datetime,
    applied: Applied,
) -> Course:
    """The patient's course of this indication and product, an open one before a stopped one."""
    course = session.scalars(
        select(Course)
        .where(
            Course.patient_id == patient.id,
            Course.indication == row.indication,
            Course.product == row.product,
        )
        .order_by(Course.stopped_on.is_not(None), Course.id.desc())
    ).first()
    if course is None:
        entry = CourseEntry(patient.id, row.indication, row.product, started_on=row.given_on)
        course = open_course(session, actor, entry, now)
        applied.courses += 1
    course.started_on = min(course.started_on, row.given_on)
    if provider is not None and (course.reference_on is None or row.given_on >= course.reference_on):
        course.provider_id = provider.id
    # Left for the worker: it plans what was never planned.
    course.reminders_planned_at = None
    return course


def _provider(
    session: Session, actor: Actor, name: str | None, now: datetime, applied: Applied
) -> Provider | None:
    """The provider of that name, with or without title; a new one gets standard hours, which is said."""
    wanted = _bare_name(name or "")
    if not wanted:
        return None
    providers = session.scalars(select(Provider).where(Provider.clinic_id == actor.clinic_id))
    found = next((provider for provider in providers if _bare_name(provider.name) == wanted), None)
    if found is None:
        found = add_provider(session, actor, " ".join((name or "").split()), now)
        applied.providers.append(found.name)
    return found


def _bare_name(name: str) -> str:
    words = name.replace(",", " ").casefold().split()
    return " ".join(word for word in words if word.strip(".") not in _TITLES)


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
    )
