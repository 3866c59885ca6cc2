"""Finding patients by name, medical record number or date of birth."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from clinic_scheduler.models import Patient

MOST = 50


def find_patients(
    session: Session, clinic_id: int, text: str, born_on: date | None, limit: int = MOST
) -> Sequence[Patient]:
    """Patients born on `born_on`, else with this MRN, or with names that begin with every word of `text`."""
    query = select(Patient).where(Patient.clinic_id == clinic_id)
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if born_on is not None:
        query = query.where(Patient.birth_date == born_on)
    elif words:
        query = query.where(or_(Patient.mrn.ilike(_escaped(text.strip()), escape="\\"), _named(words)))
    else:
        return []
    return session.scalars(
        query.order_by(Patient.family_name, Patient.given_name, Patient.id).limit(limit)
    ).all()


def _named(words: Sequence[str]) -> ColumnElement[bool]:
    matches = (_begins(Patient.family_name, word) | _begins(Patient.given_name, word) for word in words)
    first = next(matches)
    for match in matches:
        first = first & match
    return first


def _begins(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """A part of the name begins so, in any case; SQLite folds only ASCII, so each case is spelled out."""
    spellings = {word, word.lower(), word.upper(), word.title()}
    starts = (
        f"{before}{_escaped(spelling)}%" for spelling in sorted(spellings) for before in ("", "% ", "%-")
    )
    return or_(*(column.ilike(start, escape="\\") for start in starts))


def _escaped(text: str) -> str:
    """Typed percent signs and underscores mean themselves."""
    return re.sub(r"([\\%_])", r"\\\1", text)
