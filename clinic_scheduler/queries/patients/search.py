"""Finding patients by name however it is spelled, record number, phone, e-mail or date of birth.

What is typed becomes keys in domain/search/search_terms.py; services/patients/search_keys.py stores who has which.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.search.name_matching import name_closeness
from clinic_scheduler.domain.search.search_terms import BEGINS, NAMED, Sought, Way, read
from clinic_scheduler.models import Patient
from clinic_scheduler.models import PatientSearchKey as Key

MOST = 20
# Names are compared letter by letter only for so many; a record number's beginning may be everybody's.
_CANDIDATES = 2_000
_OF_ONE_BEGINNING = 200
# A way's base is in the hundreds of a weakness, so that the smallest number is the best of both.
_STEP = 100


def search(session: Session, clinic_id: int, text: str, limit: int = MOST) -> Sequence[Patient]:
    """The patients that fit, the best first: exact before beginnings before slips, then by name. Two queries."""
    sought = read(text)
    if not sought.ways:
        return []
    found = session.execute(_candidates(clinic_id, sought.ways))
    ranked = sorted(rank for row in found if (rank := _rank(sought, row)) is not None)
    ids = [rank[-1] for rank in ranked[:limit]]
    patients = {row.id: row for row in session.scalars(select(Patient).where(Patient.id.in_(ids)))}
    return [patients[key] for key in ids]


def _rank(sought: Sought, row: Any) -> tuple[int, int, str, str, int] | None:
    """What to sort by; None where a key is shared but the name does not fit after all."""
    base = row.weakness // _STEP
    if base < NAMED:
        return base, 0, row.family_name, row.given_name, row.id
    close = name_closeness(sought.words, row.family_name, row.given_name)
    return None if close is None else (NAMED, close, row.family_name, row.given_name, row.id)


def _candidates(clinic_id: int, ways: Sequence[Way]) -> Select[Any]:
    hits = union_all(*(_found(clinic_id, way, number) for number, way in enumerate(ways))).subquery()
    best = (
        select(hits.c.patient_id, func.min(hits.c.weakness).label("weakness"))
        .group_by(hits.c.patient_id)
        .order_by(func.min(hits.c.weakness), hits.c.patient_id)
        .limit(_CANDIDATES)
        .subquery()
    )
    return (
        select(Patient.id, Patient.family_name, Patient.given_name, best.c.weakness)
        .join(best, best.c.patient_id == Patient.id)
        .where(Patient.merged_into_id.is_(None))
    )


def _found(clinic_id: int, way: Way, number: int) -> Select[Any]:
    """(patient_id, weakness) of those stored under a key of every condition."""
    parts = [_stored(clinic_id, way, keys, f"way{number}_{at}") for at, keys in enumerate(way.conditions)]
    first, *others = parts
    weakness: ColumnElement[int] = literal(_STEP * way.base)
    for part in parts:
        weakness = weakness + part.c.weakness
    query = select(first.c.patient_id, weakness.label("weakness"))
    for part in others:
        query = query.join(part, part.c.patient_id == first.c.patient_id)
    return query


def _stored(clinic_id: int, way: Way, keys: Mapping[str, int], name: str) -> CTE:
    """Each patient once with the best sign; exact keys first, as most are typed right."""
    if way.base == BEGINS:
        query = select(Key.patient_id, literal(0).label("weakness"))
        query = query.where(Key.clinic_id == clinic_id, Key.key.in_(keys))
        return query.order_by(Key.key, Key.patient_id).limit(_OF_ONE_BEGINNING).cte(name)
    weak: ColumnElement[int] = literal(0)
    if len(keys) > 1:
        weak = case(*((Key.key == key, sign) for key, sign in keys.items() if sign < 3), else_=3)
    return (
        select(Key.patient_id, func.min(weak).label("weakness"))
        .where(Key.clinic_id == clinic_id, Key.key.in_(keys))
        .group_by(Key.patient_id)
        .cte(name)
    )
