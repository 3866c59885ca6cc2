"""Standing decisions on the patient's page: made and ended by a provider, seen by everybody."""

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def address(app: Flask, cast: factories.Cast, clock: FrozenClock) -> str:
    """Where to decide about a Dysport course of a patient who had Botox 84 days ago."""
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        entry = CourseEntry(
            cast.patient_id, "spasticity_upper_limb", "abobotulinumtoxinA", factories.local_day(now)
        )
        course = courses.start_course(Change(session, cast.actor, now), entry)
        return f"/courses/{course.id}/decisions/other_toxin_review"


def test_a_provider_decides_and_ends_it_and_the_desk_looks_on(
    desk: Visitor, provider: Visitor, address: str
) -> None:
    assert address in provider.get("/patients/1").text
    page = provider.get(address)
    assert "Botox, 155 U, was given on" in words(page)
    assert 'value="12/21/2026"' in page.text or 'value="2026-12-21"' in page.text
    answer = provider.post(address, until="2027-01-18", reason="product_switched", note="Agreed")
    assert answer.location == "/patients/1"
    for visitor in (provider, desk):
        shown = words(visitor.get("/patients/1"))
        assert "Another toxin was given: decided through 18-Jan-2027" in shown
        assert "The product was switched on purpose. Agreed (Provider," in shown
    assert "/decisions/1/end" not in desk.get("/patients/1").text
    assert desk.get(address).status_code == 403
    desk.get("/patients/1")
    assert desk.post("/decisions/1/end").status_code == 403
    provider.get("/patients/1")
    assert provider.post("/decisions/1/end").location == "/patients/1"
    assert "decided through" not in words(desk.get("/patients/1"))


def test_what_is_missing_is_said_at_its_field(provider: Visitor, address: str) -> None:
    provider.get(address)
    assert "Choose a reason" in words(provider.post(address, until="2027-01-18"))
    bare = provider.post(address, until="2027-01-18", reason="other", note="")
    assert bare.status_code == 422
    assert "Write the other reason in your own words. Nothing was changed." in words(bare)
    assert "in the past" in words(provider.post(address, until="2026-11-01", reason="small_dose"))
    assert provider.get(address.replace("other_toxin_review", "on_hold")).status_code == 404
