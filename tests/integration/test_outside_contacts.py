"""Phones and addresses as a record system tells them: filled and changed, never cleared, never over a newer word."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.outside import OutsideContact
from clinic_scheduler.models import Patient
from clinic_scheduler.queries.consents import consent_standing
from clinic_scheduler.queries.patient_search import find_patients
from clinic_scheduler.services import consents, patients
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.import_contacts import apply_contacts
from tests.integration.house import House

PHONE, EMAIL = "+12065550177", "ada@example.org"
ROW = OutsideContact(2, "A-100", PHONE, EMAIL)


def tell(house: House, *rows: OutsideContact, written_at: datetime | None = None) -> dict[str, int]:
    actor, when = Actor("import folder", house.cast.clinic_id), written_at or house.now
    return house.change(lambda s: dict(apply_contacts(s, actor, rows, when, house.now).counts))


def reach(house: House) -> tuple[str | None, str | None]:
    row = house.row(Patient, house.cast.patient_id)
    return row["phone"], row["email"]


def by_staff(house: House, **changed: Any) -> None:
    def work(session: Session) -> None:
        patient = session.get_one(Patient, house.cast.patient_id)
        entry = patients.replace(patients.entry_of(patient), **changed)
        patients.edit_patient(session, house.cast.actor, patient.id, entry, house.now, patient.updated_at)

    house.change(work)
