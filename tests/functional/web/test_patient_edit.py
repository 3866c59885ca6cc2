"""New patients, likely duplicates, and corrections that keep what was typed."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.models import Patient
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

MARIA = {
    "family_name": "García",
    "given_name": "María",
    "birth_date": "1990-05-02",
    "mrn": "b-7",
    "phone": "(206) 555-0177",
    "email": "maria@example.org",
    "preferred_channel": "sms",
    "weight_kg": "61.5",
    "weighed_on": "",
}


def saved(app: Flask, **where: object) -> list[Patient]:
    with app.app_context(), unit_of_work() as session:
        rows = list(session.scalars(select(Patient).filter_by(**where)))
        session.expunge_all()
        return rows


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found.group(1) if found else ""


def test_a_patient_is_added_as_typed_and_found(desk: Visitor, app: Flask) -> None:
    assert "New patient" in desk.get("/patients").text
    desk.get("/patients/new")
    answer = desk.post("/patients/new", **MARIA)
    (patient,) = saved(app, mrn="B-7")
    assert answer.location == f"/patients/{patient.id}/courses/new"
    assert (patient.phone, str(patient.weight_kg), str(patient.weighed_on)) == (
        "+12065550177",
        "61.5",
        "2026-11-23",
    )
    assert patient.preferred_channel == "sms"
    assert "Patient added" in words(desk.get(answer.location))
    assert "GARCÍA, María" in words(desk.post("/patients", q="garsia"))


def test_sent_twice_it_is_added_once(desk: Visitor, app: Flask) -> None:
    first, second = desk.post("/patients/new", **MARIA), desk.post("/patients/new", **MARIA)
    assert first.location == second.location
    assert len(saved(app, mrn="B-7")) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"family_name": " "}, "Enter the family name"),
        ({"birth_date": ""}, "Enter the date of birth"),
        ({"birth_date": "78-3-1"}, "Not a valid date"),
        ({"birth_date": "2026-11-24"}, "24-Nov-2026 is in the future"),
        ({"birth_date": "0078-03-01"}, "with its full year"),
        ({"mrn": "A 100!"}, "Enter the MRN with letters and digits"),
        ({"phone": "555"}, "Enter a phone number that exists"),
        ({"email": "maria"}, "Enter one e-mail address like"),
        ({"weight_kg": "700"}, "Weight in kg lies between 1 and 500"),
        ({"weight_kg": "30.25"}, "Round this number to one decimal"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_is_kept(
    desk: Visitor, app: Flask, wrong: dict[str, str], message: str
) -> None:
    answer = desk.post("/patients/new", **(MARIA | wrong))
    assert answer.status_code == 422
    assert "<title>Error: New patient" in answer.text
    assert "There is a problem" in answer.text
    assert message in words(answer)
    assert 'value="María"' in answer.text
    assert saved(app, given_name="María") == []


def test_a_likely_match_is_shown_first(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    typed = MARIA | {"family_name": "Okonkow", "given_name": "Adaeze", "birth_date": "1978-03-14"}
    answer = desk.post("/patients/new", **typed)
    assert answer.status_code == 409
    assert "OKONKWO, Adaeze 14-Mar-1978 A-100 Same date of birth and a similar name" in words(answer)
    assert f'href="/patients/{cast.patient_id}"' in answer.text
    assert 'value="Okonkow"' in answer.text
    assert saved(app, mrn="B-7") == []
    again = desk.post("/patients/new", **typed, seen=hidden(answer.text, "seen"))
    assert again.status_code == 302
    assert len(saved(app, mrn="B-7")) == 1


def test_create_anyway_is_said_of_those_shown_and_of_nobody_else(desk: Visitor, cast: factories.Cast) -> None:
    typed = MARIA | {"family_name": "Okonkow", "given_name": "Adaeze", "birth_date": "1978-03-14"}
    assert desk.post("/patients/new", **typed, seen="998,999").status_code == 409


def test_an_mrn_that_is_somebodys_cannot_be_created_anyway(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    answer = desk.post("/patients/new", **(MARIA | {"mrn": "a-100"}))
    assert answer.status_code == 409
    assert "Same MRN" in words(answer)
    assert "Create anyway" not in answer.text
    again = desk.post("/patients/new", **(MARIA | {"mrn": "A-100"}), seen=hidden(answer.text, "seen"))
    assert again.status_code == 422
    assert "MRN A-100 belongs to another patient. Nothing was added." in words(again)


def test_a_record_is_corrected(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    form = desk.get(f"/patients/{cast.patient_id}/edit")
    assert 'value="Okonkwo"' in form.text
    assert 'value="1978-03-14"' in form.text
    answer = desk.post(f"/patients/{cast.patient_id}/edit", **as_shown(form.text, family_name="Eze"))
    assert answer.location == f"/patients/{cast.patient_id}"
    page = words(desk.get(answer.location))
    assert "Record saved" in page
    assert "EZE, Adaeze" in page
    assert "Front desk: edited patients" in page
    assert (saved(app)[0].phone, saved(app)[0].email) == ("+12065550123", "adaeze.a-100@example.org")


def as_shown(page: str, **changes: str) -> dict[str, str]:
    names = (
        "family_name",
        "given_name",
        "birth_date",
        "mrn",
        "phone",
        "email",
        "weight_kg",
        "weighed_on",
        "version",
    )
    shown = {name: value_of(page, name) for name in names}
    return {"preferred_channel": "email", **shown, **changes}


def value_of(page: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', tag.group()) if tag else None
    return value.group(1) if value else ""


def test_a_change_meanwhile_is_shown_and_what_was_typed_stays(
    desk: Visitor, provider: Visitor, cast: factories.Cast, clock: FrozenClock, app: Flask
) -> None:
    address = f"/patients/{cast.patient_id}/edit"
    mine, theirs = desk.get(address).text, provider.get(address).text
    clock.move(timedelta(minutes=1))
    assert provider.post(address, **as_shown(theirs, phone="(206) 555-0199")).status_code == 302
    clock.move(timedelta(minutes=1))
    answer = desk.post(address, **as_shown(mine, given_name="Ada"))
    assert answer.status_code == 409
    assert "Somebody else changed this record after you opened it. Your changes were not saved." in words(
        answer
    )
    assert "Phone +12065550199 +12065550123" in words(answer)
    assert 'value="Ada"' in answer.text
    assert saved(app)[0].given_name == "Adaeze"
    again = desk.post(address, **as_shown(answer.text, phone="(206) 555-0199"))
    assert again.status_code == 302
    assert (saved(app)[0].given_name, saved(app)[0].phone) == ("Ada", "+12065550199")


def test_a_version_that_is_none_saves_nothing(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    shown = as_shown(desk.get(f"/patients/{cast.patient_id}/edit").text, given_name="Ada")
    for version in ("", "yesterday", "2026-11-23T17:00:00"):
        assert (
            desk.post(f"/patients/{cast.patient_id}/edit", **(shown | {"version": version})).status_code
            == 400
        )
    assert saved(app)[0].given_name == "Adaeze"


def test_read_only_may_not_write_and_others_clinics_are_not_found(
    visitor: Visitor, desk: Visitor, other_cast: factories.Cast, app: Flask
) -> None:
    for address in (f"/patients/{other_cast.patient_id}/edit", f"/patients/{other_cast.patient_id}/merge"):
        assert desk.get(address).status_code == 404
        assert desk.post(address, **MARIA, version="x").status_code == 404
    reader = Visitor(app.test_client())
    reader.sign_in("read_only")
    pages = (
        "/patients/new",
        "/patients/1/edit",
        "/patients/1/deceased",
        "/patients/1/merge",
        "/courses/1/plan",
    )
    for address in pages:
        assert reader.get(address).status_code == 403, address
        assert reader.post(address).status_code == 403, address
    assert "/edit" not in reader.get("/patients/1").text


def test_without_its_token_nothing_is_written(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    desk.token = "forged"
    assert desk.post("/patients/new", **MARIA).status_code == 400
    assert desk.post(f"/patients/{cast.patient_id}/deceased", on="2026-11-23").status_code == 400
    with app.app_context(), unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 1


def test_how_visits_reach_the_calendar_is_chosen_and_said_on_the_patients_page(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    address = f"/patients/{cast.patient_id}"
    assert "Calendar entries: By subscribed link." in words(desk.get(address))
    form = desk.get(f"{address}/edit").text
    said = (
        "Calendar entries Invitations need an e-mail address, and go out for visits booked already. With both"
    )
    assert said in words(desk.get(f"{address}/edit"))
    chosen = as_shown(form, calendar_by="invitations", email="")
    assert desk.post(f"{address}/edit", **chosen).status_code == 302
    assert saved(app)[0].calendar_by == "invitations"
    page = words(desk.get(address))
    assert "Calendar entries: By invitation e-mail. There is no e-mail address, so none are sent." in page
    wrong = as_shown(desk.get(f"{address}/edit").text, calendar_by="pigeon")
    assert desk.post(f"{address}/edit", **wrong).status_code == 422


def test_entries_of_earlier_invitations_are_owned_up_to(
    desk: Visitor, cast: factories.Cast, booked: int, app: Flask, clock: FrozenClock
) -> None:
    address = f"/patients/{cast.patient_id}"
    desk.post(f"{address}/edit", **as_shown(desk.get(f"{address}/edit").text, calendar_by="both"))
    assert "With both, visits may show twice." in words(desk.get(address))
    clock.move(timedelta(minutes=5))
    with app.app_context():
        dispatch(tools_of(app))
    desk.post(f"{address}/edit", **as_shown(desk.get(f"{address}/edit").text, calendar_by="feed"))
    assert "Entries made by earlier invitations stay in the patient’s calendar." in words(desk.get(address))
