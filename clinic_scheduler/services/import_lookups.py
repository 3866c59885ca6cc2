"""What the database knows already of a log's rows, read once for many patients; nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course, Patient, ProtocolVersion, Provider, Treatment
from clinic_scheduler.queries.possible_duplicates import Person

_TITLES = frozenset({"dr", "doctor", "md", "m.d", "do", "np", "pa", "prof"})
CourseKey = tuple[int, str, str]


class LogRow(Person, Protocol):
    """What a validated row of a log tells of a person and one treatment; importing reads them."""

    @property
    def line(self) -> int: ...
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
class Known:
    """Rows by what a log calls them; an import adds its own. Courses: patient's id, indication, product.

    `visits` are a course's key and a day on which it already has a treatment: a new row for one of them is a
    correction, not a visit.
    """

    fingerprints: set[str]
    patients: dict[str, Patient]
    courses: dict[CourseKey, Course]
    visits: set[tuple[CourseKey, date]]
    providers: dict[str, Provider]
    protocols: dict[str, ProtocolVersion]


def known_rows(session: Session, clinic_id: int, rows: Sequence[LogRow]) -> Known:
    """Everything that is there of these rows, in one query a table; patients found are locked."""
    patients = _patients(session, clinic_id, {row.mrn for row in rows})
    ids = [patient.id for patient in patients.values()]
    return Known(
        fingerprints=_fingerprints(session, clinic_id, [row.fingerprint for row in rows]),
        patients=patients,
        courses=_courses(session, ids),
        visits=_visits(session, ids),
        providers=_providers(session, clinic_id),
        protocols=_protocols(session, clinic_id),
    )


def bare_name(name: str) -> str:
    """A provider's name without titles and capitals, to find one however a log writes it."""
    words = name.replace(",", " ").casefold().split()
    return " ".join(word for word in words if word.strip(".") not in _TITLES)


def _fingerprints(session: Session, clinic_id: int, wanted: Sequence[str]) -> set[str]:
    return set(
        session.scalars(
            select(Treatment.fingerprint).where(
                Treatment.clinic_id == clinic_id, Treatment.fingerprint.in_(wanted)
            )
        )
    )


def _patients(session: Session, clinic_id: int, mrns: Iterable[str]) -> dict[str, Patient]:
    rows = session.scalars(
        select(Patient)
        .where(Patient.clinic_id == clinic_id, Patient.mrn.in_(mrns))
        .order_by(Patient.id)
        .with_for_update(key_share=True)
    )
    found = {row.mrn: row for row in rows}
    return found | _kept(session, found)


def _kept(session: Session, found: Mapping[str, Patient]) -> dict[str, Patient]:
    """By the number of a record merged into another: that other one."""
    merged = {mrn: row.merged_into_id for mrn, row in found.items() if row.merged_into_id is not None}
    if not merged:
        return {}
    rows = session.scalars(
        select(Patient)
        .where(Patient.id.in_(merged.values()))
        .order_by(Patient.id)
        .with_for_update(key_share=True)
    )
    kept = {row.id: row for row in rows}
    return {mrn: kept[keep_id] for mrn, keep_id in merged.items()}


def _courses(session: Session, patient_ids: Sequence[int]) -> dict[CourseKey, Course]:
    """An open course before a stopped one, else the newest."""
    rows = session.scalars(
        select(Course)
        .where(Course.patient_id.in_(patient_ids))
        .order_by(Course.stopped_on.is_not(None), Course.id.desc())
    )
    courses: dict[CourseKey, Course] = {}
    for row in rows:
        courses.setdefault((row.patient_id, row.indication, row.product), row)
    return courses


def _visits(session: Session, patient_ids: Sequence[int]) -> set[tuple[CourseKey, date]]:
    rows = session.execute(
        select(Treatment.patient_id, Course.indication, Treatment.product, Treatment.given_on)
        .join(Course, Course.id == Treatment.course_id)
        .where(Treatment.patient_id.in_(patient_ids), Treatment.voided_at.is_(None))
    )
    return {((row.patient_id, row.indication, row.product), row.given_on) for row in rows}


def _providers(session: Session, clinic_id: int) -> dict[str, Provider]:
    rows = session.scalars(
        select(Provider).where(Provider.clinic_id == clinic_id).order_by(Provider.id.desc())
    )
    return {bare_name(row.name): row for row in rows}


def _protocols(session: Session, clinic_id: int) -> dict[str, ProtocolVersion]:
    """Each indication's newest edition."""
    rows = session.scalars(
        select(ProtocolVersion)
        .where(ProtocolVersion.clinic_id == clinic_id)
        .order_by(ProtocolVersion.version)
    )
    return {row.indication: row for row in rows}
