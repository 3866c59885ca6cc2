"""Patients who come with a log: found like those who are typed, also under the number of a record since merged."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from clinic_scheduler.importing.spool import by_patient
from clinic_scheduler.models import Patient, PatientSearchKey, Treatment
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports import applying
from clinic_scheduler.services.patients import merging
from tests import factories
from tests.integration.house import House

BLANK = dict.fromkeys(
    (
        *("phone", "email", "weight_kg", "units_wasted", "lot", "lot_expires_on", "provider_name", "notes"),
        *("location", "site"),
    )
)


def row(mrn: str, **more: Any) -> Any:
    told = {
        "line": 2,
        "mrn": mrn,
        "family_name": "García",
        "given_name": "María",
        "birth_date": date(1990, 5, 2),
        "indication": factories.MIGRAINE,
        "product": factories.ONABOT,
        "given_on": date(2026, 9, 1),
        "units": 155.0,
        "outcome": "complete",
        "kind": "cycle",
        "needs": "",
        "elsewhere": False,
        "is_approximate": False,
        "known_from": None,
        "aliases": (),
        "fingerprint": f"{mrn}:{more.get('given_on', '')}",
    }
    return SimpleNamespace(**(BLANK | told | more))


def bring_in(house: House, *rows: Any) -> applying.Applied:
    return house.change(
        lambda s: applying.apply(Change(s, house.cast.actor, house.now), list(by_patient(rows)))
    )


def found(house: House, text: str) -> list[str]:
    return house.look(lambda s: [p.mrn for p in search(s, house.cast.clinic_id, text)])


def test_imported_patients_are_found(house: House) -> None:
    applied = bring_in(house, *(row(f"L-{n}", given_name=f"Maria{n}") for n in range(3)))
    assert applied.patients == 3
    assert found(house, "garcai") == ["L-0", "L-1", "L-2"]
    assert found(house, "l2") == ["L-2"]


def test_a_number_that_a_later_log_tells_finds_the_patient(house: House) -> None:
    bring_in(house, row("L-1"))
    keys = house.rows(select(func.count()).select_from(PatientSearchKey))
    bring_in(house, row("L-1", given_on=date(2026, 6, 1), phone="+12065550144"))
    assert found(house, "555-0144") == ["L-1"]
    assert house.rows(select(func.count()).select_from(PatientSearchKey)) == [(keys[0][0] + 2,)]


def test_a_log_with_the_number_of_a_merged_record_adds_to_the_one_kept(house: House) -> None:
    bring_in(house, row("L-1"), row("L-2", given_on=date(2026, 6, 1)))
    ids = dict(house.rows(select(Patient.mrn, Patient.id)))
    house.change(lambda s: merging.merge(Change(s, house.cast.actor, house.now), ids["L-1"], ids["L-2"]).id)
    applied = bring_in(house, row("L-2", given_on=date(2026, 3, 2)), row("L-1", given_on=date(2025, 12, 1)))
    assert (applied.patients, applied.courses, applied.treatments, applied.refused) == (0, 0, 2, [])
    owners = select(Treatment.patient_id, func.count()).where(Treatment.patient_id != house.cast.patient_id)
    assert house.rows(owners.group_by(Treatment.patient_id)) == [(ids["L-1"], 4)]
