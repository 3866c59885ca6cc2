"""Adding patients and correcting records: once, in step with the search, never over somebody else's change."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, func, select

from clinic_scheduler.db import db
from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput, NotFound
from clinic_scheduler.models import AuditEvent, Patient
from clinic_scheduler.queries.patients.possible_duplicates import possible_duplicates
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.patients.records import PatientEntry, entry_of
from tests import factories
from tests.integration.house import TODAY, House, utc

NEW = PatientEntry(
    "B-7", "García-López", "María", date(1990, 5, 2), phone="+12065550177", email="maria@example.org"
)


def add(house: House, entry: PatientEntry) -> int:
    return house.change(lambda s: records.add_patient(Change(s, house.cast.actor, house.now), entry).id)


def edit(house: House, patient_id: int, expected: datetime, **changes: object) -> None:
    def work(session) -> None:
        entry = replace(entry_of(session.get_one(Patient, patient_id)), **changes)
        records.edit_patient(Change(session, house.cast.actor, house.now), patient_id, entry, expected)

    house.change(work)


def found(house: House, text: str) -> list[int]:
    return house.look(lambda s: [row.id for row in search(s, house.cast.clinic_id, text)])


def duplicates(house: House, entry: PatientEntry, but: int | None = None) -> list[tuple[int, str]]:
    return house.look(
        lambda s: [(row.id, why) for row, why in possible_duplicates(s, house.cast.clinic_id, entry, but=but)]
    )


def updated_at(house: House) -> datetime:
    return house.row(Patient, house.cast.patient_id)["updated_at"]


@pytest.mark.parametrize(
    "text",
    [
        "garcia", "GARCÍA LÓPEZ", "lopez maria", "garcialopez", "garsia", "mraia", "gar", "María G",
        "B-7", "b7", "206-555-0177", "5550177", "5/2/1990", "2-May-1990", "maria 5/2/1990", "maria@example.org",
    ],
)  # fmt: skip
def test_a_patient_just_added_is_found(house: House, text: str) -> None:
    new = add(house, NEW)
    assert found(house, text) == [new]


@pytest.mark.parametrize(
    "text", ["", "%", "garcia tom", "B-8", "5550178", "5/3/1990", "okonkwo 5/2/1990", "zz"]
)
def test_nobody_is_found_by_what_does_not_fit(house: House, text: str) -> None:
    add(house, NEW)
    assert found(house, text) == []


def test_exact_comes_before_beginnings_before_slips(house: House) -> None:
    people = {
        name: add(house, replace(NEW, mrn=f"C-{name}", family_name=name, given_name="Ana"))
        for name in ("Martinez", "Martin", "Marten", "Martinelli")
    }
    assert found(house, "martin") == [people[n] for n in ("Martin", "Martinelli", "Martinez", "Marten")]


def test_another_clinics_patients_are_not_found(house: House) -> None:
    house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E").clinic_id)
    assert found(house, "okonkwo") == [house.cast.patient_id]
    assert duplicates(house, replace(NEW, mrn="EA-100")) == []


def test_the_same_entry_sent_twice_is_one_patient(house: House) -> None:
    assert add(house, NEW) == add(house, NEW)
    with pytest.raises(InvalidInput, match="belongs to another"):
        add(house, replace(NEW, given_name="Marta"))
    assert house.rows(select(func.count()).select_from(Patient)) == [(2,)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mrn": " "}, "needs an MRN"),
        ({"given_name": ""}, "needs a given name"),
        ({"birth_date": date(2026, 11, 24)}, "in the future"),
        ({"weight_kg": Decimal(70), "weighed_on": date(1990, 5, 1)}, "no day on which"),
        ({"preferred_channel": "fax"}, "prefers one of email, sms"),
    ],
)
def test_what_no_person_can_be_is_refused(house: House, wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        add(house, replace(NEW, **wrong))
    assert house.rows(select(func.count()).select_from(Patient)) == [(1,)]


def test_a_corrected_name_is_found_and_the_old_one_is_not(house: House) -> None:
    house.later(minutes=5)
    edit(house, house.cast.patient_id, updated_at(house), family_name="Eze", mrn="A-101", phone=None)
    assert found(house, "eze") == found(house, "A-101") == [house.cast.patient_id]
    assert found(house, "okonkwo") == found(house, "A-100") == found(house, "2065550123") == []
    (details,) = house.rows(select(AuditEvent.details).where(AuditEvent.action == "edited"))
    assert details[0] == {"fields": ["mrn", "family_name", "phone"]}


def test_a_record_saved_meanwhile_is_not_written_over(house: House) -> None:
    opened = updated_at(house)
    house.later(minutes=1)
    edit(house, house.cast.patient_id, opened, phone="+12065550199")
    with pytest.raises(ChangedMeanwhile, match="Somebody else changed"):
        edit(house, house.cast.patient_id, opened, given_name="Ada")
    row = house.row(Patient, house.cast.patient_id)
    assert (row["given_name"], row["phone"]) == ("Adaeze", "+12065550199")


def test_the_same_correction_sent_twice_is_one(house: House) -> None:
    opened = updated_at(house)
    house.later(minutes=1)
    for _ in range(2):
        edit(house, house.cast.patient_id, opened, given_name="Ada")
    assert len(house.rows(select(AuditEvent.id).where(AuditEvent.action == "edited"))) == 1


def test_an_mrn_of_another_and_a_birth_after_a_treatment_are_refused(house: House) -> None:
    add(house, NEW)
    with pytest.raises(InvalidInput, match="B-7 belongs to another"):
        edit(house, house.cast.patient_id, updated_at(house), mrn="B-7")
    with pytest.raises(InvalidInput, match="treatment was given on 31-Aug-2026"):
        edit(house, house.cast.patient_id, updated_at(house), birth_date=date(2026, 9, 1))
    with pytest.raises(NotFound):
        edit_elsewhere(house)


def edit_elsewhere(house: House) -> None:
    other = house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E").patient_id)
    edit(house, other, updated_at(house), given_name="Eve")


def test_another_way_to_be_reached_plans_the_reminders_anew(house: House) -> None:
    assert [state for _, state, _ in house.reminders()] == ["pending"]
    edit(house, house.cast.patient_id, updated_at(house), preferred_channel="sms")
    assert sorted(house.reminders(), key=str) == [
        ("time_to_book", "pending", None),
        ("time_to_book", "suppressed", "patient_edited"),
    ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"mrn": "b 7", "family_name": "Else"}, "same_mrn"),
        ({"family_name": "Garcia", "email": None, "phone": None}, "same_birth_date"),
        ({"given_name": "Mraía"}, "same_birth_date"),
        ({"family_name": "María", "given_name": "García"}, "swapped_names"),
        ({"birth_date": date(1990, 2, 5)}, "swapped_birth_date"),
        ({"birth_date": date(1991, 1, 1), "email": None}, "same_phone"),
        ({"birth_date": date(1991, 1, 1), "phone": None, "email": "Maria@Example.org"}, "same_email"),
        ({"family_name": "Else"}, None),
        ({"birth_date": date(1991, 1, 1), "phone": None, "email": None}, None),
    ],
)
def test_likely_duplicates_are_found(house: House, typed: dict[str, object], why: str | None) -> None:
    new = add(house, NEW)
    entry = replace(NEW, **({"mrn": "X-1"} | typed))
    assert duplicates(house, entry) == ([(new, why)] if why else [])
    assert duplicates(house, entry, but=new) == []


def test_a_search_asks_the_database_twice_at_most(house: House) -> None:
    add(house, NEW)
    for text in ("garcia", "B-7", "maria 5/2/1990", "5550177", "mary ann lee smith"):
        assert queries(house, text) <= 2, text


def queries(house: House, text: str) -> int:
    seen: list[str] = []

    def listener(*said: Any) -> None:
        seen.append(said[2])

    with house.app.app_context():
        event.listen(db.engine, "before_cursor_execute", listener)
        search(db.session(), house.cast.clinic_id, text)
        event.remove(db.engine, "before_cursor_execute", listener)
    return len([statement for statement in seen if "BEGIN" not in statement])


def test_who_is_born_and_weighed_today_is_fine(house: House) -> None:
    baby = replace(NEW, birth_date=TODAY, weight_kg=Decimal("3.4"), weighed_on=TODAY)
    assert house.row(Patient, add(house, baby))["weight_kg"] == Decimal("3.4")
    assert house.row(Patient, house.cast.patient_id)["created_at"] == utc(2026, 11, 23, 17)
