"""Finding a patient, the patient's page, calendar links and the record of who looked."""

import re

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import AuditEvent
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

FITTING = [
    "okon",
    "OKONKWO, ada",
    "adaeze okonkwo",
    "a-100",
    "14-Mar-1978",
    "1978-03-14",
    "3/14/1978",
    " Okonkwo ",
]
UNFITTING = ["", "nobody", "%", "_", "okonkwo tom", "1978-03-15", "\\"]


def test_a_patient_is_found(desk: Visitor, cast: factories.Cast) -> None:
    for sought in FITTING:
        found = words(desk.post("/patients", q=sought))
        assert "OKONKWO, Adaeze" in found, sought
        assert "14-Mar-1978 (48y)" in found, sought


def test_nobody_is_found_by_what_does_not_fit(desk: Visitor, cast: factories.Cast) -> None:
    for sought in UNFITTING:
        found = desk.post("/patients", q=sought)
        assert found.status_code == 200, sought
        assert "OKONKWO" not in found.text, sought


def test_names_beyond_ascii_are_found_in_any_case(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        factories.person(
            session, cast.actor, clock.now(), mrn="A-7", family_name="Åström-Øster", given_name="Éva"
        )
    for sought in ("åström", "ÅSTRÖM", "øster", "éva å"):
        assert "ÅSTRÖM-ØSTER, Éva" in desk.post("/patients", q=sought).text, sought


def test_the_patients_page_tells_the_whole_story(desk: Visitor, cast: factories.Cast) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-24", at="09:00")
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "OKONKWO, Adaeze Born 14-Mar-1978 (48y) MRN A-100" in page
    assert "Chronic migraine, Botox (onabotulinumtoxinA) Booked 24-Nov-2026" in page
    assert "Next visit Tue 24-Nov-2026 09:00" in page
    assert "31-Aug-2026 155 U" in page
    assert "Front desk: booked appointments" in page
    assert "Front desk: viewed patients" in page
    assert "Weight Not known" in page


def test_looking_at_a_patient_is_recorded(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    desk.get(f"/patients/{cast.patient_id}")
    desk.get("/patients/999")
    with app.app_context(), unit_of_work() as session:
        looks = session.query(AuditEvent).filter_by(action="viewed").all()
        assert [(look.patient_id, look.actor) for look in looks] == [(cast.patient_id, "Front desk")]


def test_a_calendar_link_is_shown_on_its_own_page_works_and_is_revoked(
    desk: Visitor, cast: factories.Cast
) -> None:
    made = desk.post(
        f"/patients/{cast.patient_id}/calendar-links", name="Phone", reveal="neutral", cycles_ahead="0"
    )
    issued = desk.get(made.location)
    link = re.search(r"http://localhost(/calendar/[\w-]{43}\.ics)", issued.text)
    assert link
    assert issued.headers["Cache-Control"] == "no-store"
    page = desk.get(f"/patients/{cast.patient_id}")
    assert link.group(1) not in page.text
    stranger = desk.client.application.test_client()
    assert stranger.get(link.group(1)).mimetype == "text/calendar"
    assert desk.post("/calendar-links/1/revoke").location == f"/patients/{cast.patient_id}#calendar"
    assert "revoked 23-Nov-2026" in words(desk.get(f"/patients/{cast.patient_id}"))
    assert "stopped" in stranger.get(link.group(1)).text


def test_what_was_given_moves_the_dates_and_offers_the_next_times(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-23", at="09:15")
    form = desk.get(f"/courses/{cast.course_id}/treatments/new")
    assert 'value="2026-11-23"' in form.text
    assert 'value="155"' in form.text
    fields = {
        "given_on": "2026-11-23",
        "units": "150",
        "units_wasted": "50",
        "product": factories.ONABOT,
        "vials-0-lot": "C777",
        "vials-0-expires_on": "2027-06-30",
        "outcome": "complete",
        "kind": "cycle",
        "provider": cast.provider_id,
        "key": desk.key,
    }
    for _ in range(2):  # sent twice, kept once
        answer = desk.post(f"/courses/{cast.course_id}/treatments", **fields)
        assert answer.location == f"/courses/{cast.course_id}/next?treatment=2"
    page = words(desk.get(answer.location))
    assert "Treatment recorded" in page
    assert "Earliest date 15-Feb-2027" in page
    assert page.count("Mon 15-Feb-2027 09:") == 2  # a time of each provider
    patient = words(desk.get(f"/patients/{cast.patient_id}"))
    assert patient.count("Lot C777, expires 30-Jun-2027") == 1
    assert "Mon 23-Nov-2026 09:15 Injection Dr Amara Reid Treated" in patient


IMPOSSIBLE = [
    ({"units": ""}, "Enter the units injected, 0 if none"),
    ({"units": "-1"}, "Units lie between 0 and 20000"),
    ({"units": "NaN"}, "Enter a number"),
    ({"given_on": "2026-11-24"}, "24-Nov-2026 is in the future"),
    ({"given_on": "1900-01-01"}, "before the patient was born"),
    ({"product": "water"}, "Not a valid choice"),
]


def test_a_treatment_that_cannot_be_is_not_recorded(desk: Visitor, cast: factories.Cast) -> None:
    fields = {
        "given_on": "2026-11-23",
        "units": "150",
        "product": factories.ONABOT,
        "outcome": "complete",
        "kind": "cycle",
        "provider": cast.provider_id,
        "key": "k",
    }
    for wrong, message in IMPOSSIBLE:
        answer = desk.post(f"/courses/{cast.course_id}/treatments", **{**fields, **wrong})
        assert answer.status_code == 422, wrong
        assert message in words(answer), wrong
    assert "Due now" in words(desk.get("/due"))
