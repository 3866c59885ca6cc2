"""Calendar links on staff's pages: sent in two presses, chosen, shown again, replaced, and who may do it."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, CalendarFeed, Course, JobRun, Patient, Reminder, User
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

ADDRESS = re.compile(r"http://localhost(/calendar/[\w-]{43}\.ics)")
NEUTRAL = {"reveal": "neutral", "cycles_ahead": "0"}


def rows(app: Flask, statement: object) -> list[tuple[object, ...]]:
    with app.app_context():
        return [tuple(row) for row in db.session().execute(statement)]


@pytest.fixture
def admin(app: Flask, cast: factories.Cast) -> Visitor:
    visitor = Visitor(app.test_client())
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def address_on(page: str) -> str:
    found = ADDRESS.search(page)
    assert found, "the page shows no address"
    return found.group(1)


def test_a_link_is_sent_with_one_press_after_opening_and_taken_back(desk: Visitor, app: Flask) -> None:
    page = desk.get("/patients/1")
    assert 'action="/patients/1/calendar-link/email"' in page.text
    assert desk.post("/patients/1/calendar-link/email").location == "/patients/1"
    desk.post("/patients/1/calendar-link/email")  # pressed twice
    after = desk.get("/patients/1")
    assert "Calendar link goes out by e-mail" in words(after)
    planned = select(Reminder.state, Reminder.channel).where(Reminder.kind == "calendar_link")
    assert rows(app, planned) == [("pending", "email")]
    (undo,) = set(re.findall(r'action="(/calendar-link-messages/\d+/take-back)"', after.text))
    assert desk.post(undo, follow_redirects=True).status_code == 200
    assert rows(app, planned) == [("suppressed", "email")]
    assert "Sent to the patient" in words(desk.get("/patients/1"))


def test_what_has_left_cannot_be_taken_back(desk: Visitor, app: Flask) -> None:
    desk.post("/patients/1/calendar-link/sms")
    with app.app_context(), unit_of_work() as session:
        reminder = session.scalars(select(Reminder).where(Reminder.kind == "calendar_link")).one()
        reminder.state, key = "sent", reminder.id
    answer = desk.post(f"/calendar-link-messages/{key}/take-back")
    assert answer.status_code == 409
    assert "It has left already" in words(answer)


def test_where_nothing_may_be_sent_the_card_is_offered(desk: Visitor, app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        session.get_one(Patient, 1).email = None
    assert desk.post("/patients/1/calendar-link/email").status_code == 409
    with app.app_context(), unit_of_work() as session:
        session.get_one(Patient, 1).do_not_contact = True
    page = desk.get("/patients/1")
    assert "calendar-link/" not in page.text
    assert "A card can be handed over" in words(page)


def test_choices_are_kept_and_the_consequence_stands_beside_them(desk: Visitor, app: Flask) -> None:
    assert "locked screen" in words(desk.get("/patients/1/calendar-links"))
    wrong = desk.post("/patients/1/calendar-links", name=" ", **NEUTRAL)
    assert wrong.status_code == 422
    assert "Enter a name" in words(wrong)
    made = desk.post(
        "/patients/1/calendar-links", name="Family", reveal="full", cycles_ahead="2", alarms="yes"
    )
    page = desk.get(made.location)
    assert "Fuller titles, 2 planned cycles, alarm the day before" in words(page)
    body = app.test_client().get(address_on(page.text)).text
    assert body.count("Injection visit planned around these days") == 2
    changed = desk.post(f"{made.location}/change", name="Ours", cycles_ahead="0")
    assert changed.location == made.location
    assert "planned around" not in app.test_client().get(address_on(page.text)).text
    listed = words(desk.get("/patients/1"))
    assert "Ours" in listed
    assert "by Front desk" in listed


def test_a_patients_calendar_is_in_their_language_unless_chosen_otherwise_and_stays_so(
    desk: Visitor, app: Flask
) -> None:
    def name_of(address: str) -> str:
        body = app.test_client().get(address).text
        return body.partition("X-WR-CALNAME:")[2].partition("\r\n")[0]

    def speak(language: str) -> None:
        with app.app_context(), unit_of_work() as session:
            session.get_one(Patient, 1).language = language

    speak("es-MX")
    assert '<option selected value="es">' in desk.get("/patients/1/calendar-links").text
    made = desk.post("/patients/1/calendar-links", name="Phone", **NEUTRAL).location
    page = desk.get(made)
    assert "Neutral titles, in Spanish" in words(page)
    address = address_on(page.text)
    assert name_of(address) == "Mis citas"
    subscribing = app.test_client().get(address.replace("/calendar/", "/c/").removesuffix(".ics")).text
    assert "name=Mis%20citas" in subscribing
    speak("en")
    assert name_of(address) == "Mis citas", "a subscriber would not see a change"
    replaced = desk.post(f"{made}/replace", reveal="neutral", alarms="").location
    assert name_of(address_on(desk.get(replaced).text)) == "Mis citas"
    replaced = desk.post(f"{replaced}/replace", reveal="neutral", alarms="", language="en").location
    assert name_of(address_on(desk.get(replaced).text)) == "My appointments"
    notice = app.test_client().get(address).text
    assert "SUMMARY:Este enlace de calendario se ha detenido" in notice
    assert desk.post(f"{replaced}/replace", reveal="neutral", language="fr").status_code == 422


def test_the_link_that_is_sent_or_printed_speaks_the_patients_language(desk: Visitor, app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        session.get_one(Patient, 1).language = "es"
    desk.post("/patients/1/calendar-link/email")
    assert rows(app, select(CalendarFeed.language)) == [("es",)]


def test_showing_a_link_again_is_on_record(desk: Visitor, app: Flask) -> None:
    made = desk.post("/patients/1/calendar-links", name="Phone", **NEUTRAL)
    first, second = (address_on(desk.get(made.location).text) for _ in range(2))
    assert first == second
    shown = select(AuditEvent.actor, AuditEvent.patient_id).where(AuditEvent.action == "shown")
    assert rows(app, shown) == [("Front desk", 1)] * 2


def test_a_link_without_its_key_says_so_and_is_replaced(desk: Visitor, app: Flask) -> None:
    made = desk.post("/patients/1/calendar-links", name="Phone", **NEUTRAL)
    with app.app_context(), unit_of_work() as session:
        session.get_one(CalendarFeed, 1).uid = None  # as links were made before
    page = desk.get(made.location)
    assert "can’t be shown again" in words(page)
    new = desk.post(f"{made.location}/replace", reveal="neutral", alarms="")
    assert new.location == "/calendar-links/2"
    assert address_on(desk.get(new.location).text)
    assert "Revoked 23-Nov-2026" in words(desk.get(made.location))


def test_a_providers_links_are_their_own_or_an_administrators(
    app: Flask, desk: Visitor, provider: Visitor, admin: Visitor
) -> None:
    address = "/providers/1/calendar-links"
    assert desk.post(address, name="Phone", **NEUTRAL).status_code == 403
    assert provider.post(address, name="Phone", **NEUTRAL).status_code == 403
    with app.app_context(), unit_of_work() as session:
        session.scalars(select(User).where(User.email == "provider@example.org")).one().provider_id = 1
    made = provider.post(address, name="Phone", all_clinics="yes", **NEUTRAL)
    assert made.location == "/calendar-links/1"
    assert "all clinics" in words(provider.get("/providers/1/calendars"))
    assert "/providers/1/calendars" in provider.get("/provider").text
    assert desk.get(made.location).status_code == 403
    assert desk.post(f"{made.location}/revoke").status_code == 403
    assert "Phone" in words(admin.get("/providers/1/calendars"))
    assert admin.post(f"{made.location}/revoke").location == "/providers/1/calendars"


def test_the_clinics_own_links_are_made_in_its_settings(
    app: Flask, admin: Visitor, desk: Visitor, booked: int, clock: FrozenClock
) -> None:
    assert desk.get("/settings/calendars").status_code == 403
    for kind, name in (("clinic_day", "Clinic day"), ("due_windows", "Visits to book")):
        form = admin.get(f"/settings/calendars/{kind}")
        assert form.status_code == 200
        assert ("Alarm the day before" in words(form)) is (kind == "clinic_day"), "windows have none"
        assert "Calendar in" not in words(form), "staff's calendars are in English"
        made = admin.post(f"/settings/calendars/{kind}", name="Front desk", reveal="neutral", alarms="")
        body = app.test_client().get(address_on(admin.get(made.location).text)).text
        assert f"X-WR-CALNAME:{name}" in body
        for word in ("okonkwo", "adaeze", "botox", "migraine", "a-100", "555"):
            assert word not in body.lower()
    with app.app_context(), unit_of_work() as session:
        at = clock.now() - timedelta(minutes=5)
        session.add(
            JobRun(
                job="export_calendars", worker="w", started_at=at, finished_at=at, outcome="failed=1 same=2"
            )
        )
    page = words(admin.get("/settings/calendars"))
    assert "The clinic’s day" in page
    assert "Something failed failed 1 same 2" in page


def test_a_card_has_no_name_unless_ticked(desk: Visitor) -> None:
    assert "no link that can be printed" in words(desk.get("/patients/1/calendar-card"))
    assert desk.post("/patients/1/calendar-card").location == "/patients/1/calendar-card"
    card = desk.get("/patients/1/calendar-card").text.partition('class="card-a6"')[2]
    assert "Harbor Neurology" in card
    assert "<svg" in card
    assert re.search(r"http://localhost/c/[\w-]{43}", card)
    assert "Okonkwo" not in card
    assert "Adaeze Okonkwo" in desk.get("/patients/1/calendar-card?named=yes").text


def test_a_reference_out_of_a_staff_calendar_finds_its_patient(
    desk: Visitor, app: Flask, other_cast: factories.Cast
) -> None:
    uids = dict(rows(app, select(Course.patient_id, Course.uid)))
    assert "OKONKWO, Adaeze" in words(desk.post("/patients", q=str(uids[1])[:8]))
    assert "Nobody was found" in words(desk.post("/patients", q=str(uids[other_cast.patient_id])[:8]))


def test_another_clinics_links_are_not_found(desk: Visitor, app: Flask, other_cast: factories.Cast) -> None:
    theirs = other_cast.patient_id
    for address in (
        f"/patients/{theirs}/calendar-links",
        f"/patients/{theirs}/calendar-link/email",
        f"/patients/{theirs}/calendar-card",
        "/calendar-links/99/replace",
        "/calendar-links/99/revoke",
        "/calendar-link-messages/99/take-back",
    ):
        assert desk.post(address, name="Phone", **NEUTRAL).status_code == 404, address
    assert rows(app, select(CalendarFeed.id)) == []
