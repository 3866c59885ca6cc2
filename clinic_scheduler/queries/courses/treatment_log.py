"""The log of a clinic's treatments, in the columns an import reads; for a file. What was voided is left out.

A treatment of several vials has a row for each, with its number: read back, they are one visit again. What was given
elsewhere says so in Kind; there an empty cell is what nobody knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.elsewhere import KIND, KnownFrom
from clinic_scheduler.domain.log_columns import LOG_COLUMNS
from clinic_scheduler.domain.protocols.indications import words_of
from clinic_scheduler.models import Course, Patient, Provider, Treatment, TreatmentVial

CHUNK = 500
_DIAGNOSIS, _ABOUT, _KNOWN_FROM = (LOG_COLUMNS.index(name) for name in ("Diagnosis", "About", "Known From"))
# Where a vial's own figures stand in a row, and what only the first of a visit's rows says.
_OF_VIAL = tuple(LOG_COLUMNS.index(name) for name in ("Units", "Units Wasted", "Lot", "Expiration Date"))
_SITES = LOG_COLUMNS.index("Injection Sites")


def treatment_log(session: Session, clinic_id: int) -> Iterator[Sequence[Any]]:
    """The header, then a row a treatment as recorded; some hundred are read at a time."""
    yield LOG_COLUMNS
    after = 0
    while rows := session.execute(_query(clinic_id).where(Treatment.id > after).limit(CHUNK)).all():
        after = rows[-1][0]
        vials = _vials(session, [row[0] for row in rows])
        for treatment_id, *cells in rows:
            yield from _lines(_in_words(cells), vials.get(treatment_id, []))


def _in_words(cells: list[Any]) -> list[Any]:
    if cells[_DIAGNOSIS] is not None:
        cells[_DIAGNOSIS] = words_of(cells[_DIAGNOSIS])
    cells[_ABOUT] = "yes" if cells[_ABOUT] else "no"
    if cells[_KNOWN_FROM] is not None:
        cells[_KNOWN_FROM] = KnownFrom(cells[_KNOWN_FROM]).label
    return cells


def _vials(session: Session, treatment_ids: Sequence[int]) -> Mapping[int, list[TreatmentVial]]:
    gathered: dict[int, list[TreatmentVial]] = {}
    asked = select(TreatmentVial).where(TreatmentVial.treatment_id.in_(treatment_ids))
    for vial in session.scalars(asked.order_by(TreatmentVial.id)):
        gathered.setdefault(vial.treatment_id, []).append(vial)
    return gathered


def _lines(cells: list[Any], vials: Sequence[TreatmentVial]) -> Iterator[Sequence[Any]]:
    """One row, or one a vial where they add up to what was given."""
    if not vials or sum((vial.units for vial in vials), Decimal(0)) != cells[_OF_VIAL[0]]:
        yield [*cells, None]
        return
    for number, vial in enumerate(vials, 1):
        line = [*cells, number]
        own = (vial.units, vial.units_wasted, vial.lot, vial.expires_on)
        for position, value in zip(_OF_VIAL, own, strict=True):
            line[position] = value
        if number > 1:
            line[_SITES] = None
        yield line


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
            Treatment.sites,
        )
        .outerjoin(Course, Course.id == Treatment.course_id)
        .join(Patient, Patient.id == Treatment.patient_id)
        .outerjoin(Provider, Provider.id == Treatment.provider_id)
        .where(Treatment.clinic_id == clinic_id, Treatment.voided_at.is_(None))
        .order_by(Treatment.id)
    )
