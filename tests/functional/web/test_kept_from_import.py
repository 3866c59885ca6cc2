"""Opening a course for a patient of whom an import kept sessions under none: they are shown, and join if wanted."""

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db
from clinic_scheduler.models import Patient, Treatment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.integration.house import TODAY, House
from tests.integration.log_rows import bring_in, row

UNCLEAR = {"Diagnosis": "Spasticity", "icd10": "G81.11"}
COURSE = {
    "indication": "spasticity_upper_limb",
    "product": factories.ONABOT,
    "started_on": TODAY.isoformat(),
    "provider": "0",
    "authorization_required": "",
}


@pytest.fixture
def address(app: Flask, clock: FrozenClock, cast: factories.Cast) -> str:
    bring_in(
        House(app, clock, cast), *(row(day, units="300", **UNCLEAR) for day in ("2026-03-19", "2026-06-25"))
    )
    with app.app_context():
        patient_id = db.session.scalars(select(Patient.id).where(Patient.mrn == "L-1")).one()
    return f"/patients/{patient_id}/courses/new"


def without_course(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Treatment.id).where(Treatment.course_id.is_(None))).all())


def test_sessions_of_an_import_join_the_course_and_it_is_said(
    visitor: Visitor, app: Flask, address: str
) -> None:
    visitor.sign_in()
    assert "Kept from an import, under no course" in words(visitor.get(address))
    answer = visitor.post(address, follow_redirects=True, **COURSE, join="y")
    assert "2 sessions from the import joined this course" in words(answer)
    assert without_course(app) == 0
    assert "Kept from an import" not in words(visitor.get(address))


def test_they_stay_where_they_are_if_that_is_not_wanted(visitor: Visitor, app: Flask, address: str) -> None:
    visitor.sign_in()
    visitor.get(address)
    answer = visitor.post(address, follow_redirects=True, **COURSE)
    assert "joined" not in words(answer)
    assert without_course(app) == 2
