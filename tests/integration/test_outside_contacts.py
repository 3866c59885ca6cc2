"""Phones and addresses as a record system tells them: filled and changed, never cleared, never over a newer word."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic_scheduler.domain.record_system import OutsideContact
from clinic_scheduler.models import Patient
from clinic_scheduler.queries.messaging.consents import consent_standing
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.phone_and_email import apply_contacts
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.services.patients import records
from tests.integration.house import House

PHONE, EMAIL = "+12065550177", "ada@example.org"
ROW = OutsideContact(2, "A-100", PHONE, EMAIL)


@pytest.fixture
def house(house: House) -> House:
    """An hour after the patient was added: a file written since then knows of it."""
    house.later(hours=1)
    return house


def tell(house: House, *rows: OutsideContact, written_at: datetime | None = None) -> dict[str, int]:
    actor, when = Actor("import folder", house.cast.clinic_id), written_at or house.now
    return house.change(lambda s: dict(apply_contacts(Change(s, actor, house.now), rows, when).counts))


def reach(house: House) -> tuple[str | None, str | None]:
    row = house.row(Patient, house.cast.patient_id)
    return row["phone"], row["email"]


def by_staff(house: House, **changed: Any) -> None:
    def work(session: Session) -> None:
        patient = session.get_one(Patient, house.cast.patient_id)
        entry = replace(records.entry_of(patient), **changed)
        records.edit_patient(
            Change(session, house.cast.actor, house.now), patient.id, entry, patient.updated_at
        )

    house.change(work)


def found(house: House, text: str) -> list[int]:
    return house.look(lambda s: [row.id for row in search(s, house.cast.clinic_id, text)])


def edits(house: House) -> list[list[str]]:
    return [details["fields"] for action, details in house.audit("patients") if action == "edited"]


def test_what_is_new_is_kept_found_by_and_written_down_once(house: House) -> None:
    assert tell(house, ROW) == {"changed": 1}
    assert reach(house) == (PHONE, EMAIL)
    assert found(house, "206 555 0177") == [house.cast.patient_id]
    assert tell(house, ROW) == {"known": 1}
    assert edits(house) == [["phone", "email"]]


def test_an_empty_cell_takes_nothing_away(house: House) -> None:
    before = reach(house)
    assert tell(house, replace(ROW, phone=None)) == {"changed": 1}
    assert reach(house) == (before[0], EMAIL)


def test_nobody_is_added(house: House) -> None:
    assert tell(house, replace(ROW, mrn="Z-9")) == {"unknown": 1}
    assert found(house, PHONE) == []


def test_what_staff_changed_after_the_file_was_written_stays(house: House) -> None:
    written_at = house.now
    house.later(hours=1)
    by_staff(house, phone="+12065550188")
    assert tell(house, ROW, written_at=written_at) == {"changed": 1}
    assert reach(house) == ("+12065550188", EMAIL)
    assert tell(house, replace(ROW, email=None), written_at=written_at) == {"newer_here": 1}
    assert tell(house, ROW, written_at=house.now + timedelta(minutes=1)) == {"changed": 1}
    assert reach(house) == (PHONE, EMAIL)


def test_what_the_last_file_changed_is_no_word_of_staff(house: House) -> None:
    tell(house, ROW)
    assert tell(house, replace(ROW, email="a@example.org"), written_at=house.now) == {"changed": 1}


def test_whoever_opted_out_stays_so_under_a_new_number(house: House) -> None:
    stop = (house.cast.patient_id, ("visits",), "sms", "desk")
    house.change(lambda s: consents.withdraw(Change(s, house.cast.actor, house.now), *stop))
    before = house.look(lambda s: consent_standing(s, house.cast.patient_id)["visits", "sms"])
    tell(house, ROW)
    after = house.look(lambda s: consent_standing(s, house.cast.patient_id)["visits", "sms"])
    assert after is not None
    assert not after.given
    assert before == after


def test_a_record_that_cannot_be_saved_is_reported_and_the_others_go_on(house: House) -> None:
    house.another_course()
    house.set(Patient, house.cast.patient_id, language="xx")
    rows = [ROW, replace(ROW, line=3, mrn="A-200", email=None)]
    actor = Actor("import folder", house.cast.clinic_id)
    later = house.now + timedelta(minutes=1)
    applied = house.change(lambda s: apply_contacts(Change(s, actor, house.now), rows, later))
    assert applied.counts == {"changed": 1}
    assert [line for line, _ in applied.refused] == [2]
    assert reach(house)[0] != PHONE
