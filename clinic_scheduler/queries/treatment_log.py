"""The log of a clinic's treatments, in the columns an import reads; for a file. What was voided is left out.

What was given elsewhere says so in Kind; there an empty cell is what nobody knows.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.elsewhere import KIND, KnownFrom
from clinic_scheduler.domain.indications import words_of
from clinic_scheduler.models import Course, Patient, Provider, Treatment

CHUNK = 500
LOG_COLUMNS = (
    "MRN",
    "Last Name",
    "First Name",
    "DOB",
    "Mobile",
    "Email",
    "Weight (kg)",
    "Diagnosis",
    "Product",
    "Date of Service",
    "Units",
    "Units Wasted",
    "Lot",
    "Expiration Date",
    "Provider",
    "Outcome",
    "Kind",
    "Notes",
    "Location",
    "About",
    "Known From",
)
_DIAGNOSIS, _ABOUT, _KNOWN_FROM = (LOG_COLUMNS.index(name) for name in ("Diagnosis", "About", "Known From"))


def treatment_log(session: Session, clinic_id: int) -> Iterator[Sequence[Any]]:
    """The header, then a row a treatment as recorded; some hundred are read at a time."""
    yield LOG_COLUMNS
    after = 0
    while rows := session.execute(_query(clinic_id).where(Treatment.id > after).limit(CHUNK)).all():
        after = rows[-1][0]
        for _, *cells in rows:
            yield _in_words(cells)


def _in_words(cells: list[Any]) -> list[Any]:
    if cells[_DIAGNOSIS] is not None:
        cells[_DIAGNOSIS] = words_of(cells[_DIAGNOSIS])
    cells[_ABOUT] = "yes" if cells[_ABOUT] else "no"
    if cells[_KNOWN_FROM] is not None:
        cells[_KNOWN_FROM] = KnownFrom(cells[_KNOWN_FROM]).label
    return cells


def _query(clinic_id: int) -> Any:
    # The weight belongs to the day on which it was taken.
    weighed_then = case((Patient.weighed_on == Treatment.given_on, Patient.weight_kg))
    return (
        select(
            Treatment.id,
            Patient.mrn,
            Patient.family_name,
            Patient.given_name,
            Patient.birth_date,
            Patient.phone,
            Patient.email,
            weighed_then,
            func.coalesce(Course.indication, Treatment.indication),
            Treatment.product,
            Treatment.given_on,
            Treatment.units,
            Treatment.units_wasted,
            Treatment.lot,
            Treatment.lot_expires_on,
            Provider.name,
            Treatment.outcome,
            case((Treatment.course_id.is_(None), KIND), else_=Treatment.kind),
            Treatment.notes,
            Treatment.given_at,
            Treatment.is_approximate,
            Treatment.known_from,
        )
        .outerjoin(Course, Course.id == Treatment.course_id)
        .join(Patient, Patient.id == Treatment.patient_id)
        .outerjoin(Provider, Provider.id == Treatment.provider_id)
        .where(Treatment.clinic_id == clinic_id, Treatment.voided_at.is_(None))
        .order_by(Treatment.id)
    )
