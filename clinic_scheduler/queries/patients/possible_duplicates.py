"""Existing patients who may be the person just typed, with the reasons."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.search.name_matching import similar_parts
from clinic_scheduler.domain.search.search_terms import birth_key, email_key, mrn_key, phone_keys
from clinic_scheduler.models import Patient, PatientSearchKey

# Why, from what says most to what says least.
WHY = {
    "same_mrn": "Same MRN",
    "swapped_names": "Same date of birth, family and given name the other way round",
    "same_birth_date": "Same date of birth and a similar name",
    "swapped_birth_date": "Similar name, day and month of birth the other way round",
    "same_phone": "Same phone number and a similar name",
    "same_email": "Same e-mail address and a similar name",
}
_CANDIDATES = 500


class Person(Protocol):
    """What is typed of somebody; services' PatientEntry and a patient's row are such."""

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


def possible_duplicates(
    session: Session, clinic_id: int, person: Person, *, but: int | None = None
) -> list[tuple[Patient, str]]:
    """(patient, one of WHY), the likeliest first; `but` leaves the person's own record out. One query."""
    ids = (
        select(PatientSearchKey.patient_id)
        .where(PatientSearchKey.clinic_id == clinic_id, PatientSearchKey.key.in_(_keys(person)))
        .distinct()
        .limit(_CANDIDATES)
    )
    rows = session.scalars(
        select(Patient).where(Patient.id.in_(ids), Patient.merged_into_id.is_(None), Patient.id != (but or 0))
    )
    found = [(row, why) for row in rows if (why := _why(person, row)) is not None]
    order = list(WHY)
    return sorted(found, key=lambda pair: (order.index(pair[1]), pair[0].family_name, pair[0].id))


def _keys(person: Person) -> set[str]:
    keys = {mrn_key(person.mrn), *(birth_key(day) for day in _birth_dates(person.birth_date))}
    if person.phone:
        keys |= phone_keys(person.phone)
    if person.email:
        keys.add(email_key(person.email))
    return keys


def _birth_dates(day: date) -> Iterable[date]:
    """The date, and the one it is with day and month mistaken for each other."""
    yield day
    if day.day <= 12:
        yield day.replace(month=day.day, day=day.month)


def _why(person: Person, row: Patient) -> str | None:
    same_day = row.birth_date == person.birth_date
    alike = _alike(person.family_name, person.given_name, row)
    if mrn_key(row.mrn) == mrn_key(person.mrn):
        return "same_mrn"
    if not alike:
        return "swapped_names" if same_day and _alike(person.given_name, person.family_name, row) else None
    if same_day:
        return "same_birth_date"
    if row.birth_date in _birth_dates(person.birth_date):
        return "swapped_birth_date"
    if person.phone and row.phone == person.phone:
        return "same_phone"
    if person.email and (row.email or "").casefold() == person.email.casefold():
        return "same_email"
    return None


def _alike(family: str, given: str, row: Patient) -> bool:
    return similar_parts(family, row.family_name) and similar_parts(given, row.given_name)
