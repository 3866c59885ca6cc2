"""What the database knows already of a log's rows, read once for many patients; nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Clinic, Course, Patient, ProtocolVersion, Provider, Treatment
from clinic_scheduler.queries.patients.possible_duplicates import Person

Owned = TypeVar("Owned", Course, Treatment)
# Databases take so many values in one statement, and no more.
ASKED_AT_ONCE = 5_000
_TITLES = frozenset({"dr", "doctor", "md", "m.d", "do", "np", "pa", "prof"})


class LogRow(Person, Protocol):
    """What a validated row of a log tells of a person and what was given; importing reads them."""

    @property
    def line(self) -> int: ...
    @property
    def weight_kg(self) -> float | None: ...
    @property
    def indication(self) -> str | None: ...
    @property
    def product(self) -> str | None: ...
    @property
    def given_on(self) -> date: ...
    @property
    def units(self) -> float | None: ...
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
    def location(self) -> str | None: ...
    @property
    def site(self) -> str | None: ...
    @property
    def needs(self) -> str: ...
    @property
    def elsewhere(self) -> bool: ...
    @property
    def is_approximate(self) -> bool: ...
    @property
    def known_from(self) -> str | None: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


@dataclass(slots=True)
class Known:
    """Rows by what a log calls them; an import adds its own.

    `treatments` are those with a fingerprint of the log's, whose ever; `given` and `courses` are by the patient's
    id, `given` without what was entered in error. `offered` are the indications that a course may be opened for.
    """

    treatments: dict[str, Treatment]
    patients: dict[str, Patient]
    courses: dict[int, list[Course]]
    given: dict[int, list[Treatment]]
    providers: dict[str, Provider]
    protocols: dict[str, ProtocolVersion]
    offered: frozenset[str]

    def indication_of(self, treatment: Treatment) -> str | None:
        """What it was for: its course's, or its own."""
        if treatment.course_id is None:
            return treatment.indication
        own = self.courses.get(treatment.patient_id, [])
        return next((course.indication for course in own if course.id == treatment.course_id), None)


def known_rows(
    session: Session, clinic_id: int, rows: Sequence[LogRow], fingerprints: Iterable[str]
) -> Known:
    """Everything that is there of these rows, in one query a table; patients found are locked."""
    patients = patients_by_mrn(session, clinic_id, {row.mrn for row in rows})
    ids = [patient.id for patient in patients.values()]
    clinic = session.get_one(Clinic, clinic_id)
    return Known(
        treatments=_treatments(session, clinic_id, sorted(fingerprints)),
        patients=patients,
        courses=_by_patient(session.scalars(select(Course).where(Course.patient_id.in_(ids)))),
        given=_by_patient(
            session.scalars(
                select(Treatment).where(Treatment.patient_id.in_(ids), Treatment.voided_at.is_(None))
            )
        ),
        providers=providers_by_name(session, clinic_id),
        protocols=_protocols(session, clinic_id),
        offered=frozenset(clinic.indications),
    )


def bare_name(name: str) -> str:
    """A provider's name without titles and capitals, to find one however a log writes it."""
    words = name.replace(",", " ").casefold().split()
    return " ".join(word for word in words if word.strip(".") not in _TITLES)


def _treatments(session: Session, clinic_id: int, wanted: Sequence[str]) -> dict[str, Treatment]:
    """Also of those entered in error: what was taken back does not come again with the next file."""
    found: dict[str, Treatment] = {}
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        rows = session.scalars(
            select(Treatment).where(
                Treatment.clinic_id == clinic_id,
                Treatment.fingerprint.in_(wanted[start : start + ASKED_AT_ONCE]),
            )
        )
        found |= {row.fingerprint: row for row in rows}
    return found


def patients_by_mrn(session: Session, clinic_id: int, mrns: Iterable[str]) -> dict[str, Patient]:
    """Locked; under the number of a record merged into another is that other one."""
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


def _by_patient(rows: Iterable[Owned]) -> dict[int, list[Owned]]:
    gathered: dict[int, list[Owned]] = {}
    for row in rows:
        gathered.setdefault(row.patient_id, []).append(row)
    return gathered


def providers_by_name(session: Session, clinic_id: int) -> dict[str, Provider]:
    """By bare name."""
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
