"""Pages behind patients' links: confirming, asking for another time, stopping messages; nothing by looking."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.messaging.kinds import PURPOSES
from clinic_scheduler.links import Links, OptOutLink, VisitLink
from clinic_scheduler.models import Appointment, AuditEvent, Consent, InboundMessage, Patient, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.web.limits import limiter
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import words

SAID = {
    "confirmed": "Thank you. You have confirmed this appointment.",
    "asked": "Thank you. The clinic has your request and will contact you.",
    "moved": "This link is for an earlier time of your appointment. It has been moved since.",
    "cancelled": "This appointment has been cancelled. To book another one, call the clinic.",
    "over": "This link has run out, because the time of the appointment has come.",
}


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def starts_at(app: Flask, visit: int) -> datetime:
    with app.app_context():
        return db.session().scalars(select(Appointment.starts_at).where(Appointment.id == visit)).one()


@pytest.fixture
def links(app: Flask) -> Links:
    made: Links = app.extensions["clinic"].links
    return made


@pytest.fixture
def link(app: Flask, booked: int, links: Links) -> str:
    return path(links.visit(VisitLink(booked, starts_at(app, booked))))


@pytest.fixture
def stop(cast: factories.Cast, links: Links) -> str:
    return path(links.opt_out(OptOutLink(cast.patient_id, "visits", "email")))


def one(app: Flask, statement):  # type: ignore[no-untyped-def]
    with app.app_context():
        return db.session().execute(statement).all()


def change(app: Flask, statement) -> None:  # type: ignore[no-untyped-def]
    with app.app_context(), unit_of_work() as session:
        session.execute(statement)


def test_looking_changes_nothing_and_names_nobody(
    client: FlaskClient, app: Flask, link: str, stop: str
) -> None:
    before = one(app, select(AuditEvent.id))
    for address in (link, stop):
        assert client.head(address).status_code == 200
        answer = client.get(address)
        assert answer.status_code == 200
        assert "kwo" not in answer.text.lower()
        assert "Adaeze" not in answer.text
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert one(app, select(AuditEvent.id)) == before
    assert one(app, select(Appointment.confirmed_at)) == [(None,)]
    assert one(app, select(Consent.id)) == []


def test_a_patient_confirms_once_and_staff_see_it(
    client: FlaskClient, app: Flask, link: str, desk: object, clock: FrozenClock
) -> None:
    page = words(client.get(link))
    assert "Tuesday 24 November at 10:15 am" in page
    assert "Harbor Neurology" in page
    for _ in range(2):
        assert SAID["confirmed"] in words(client.post(link, data={"answer": "confirm"}))
    assert one(app, select(Appointment.confirmed_at, Appointment.confirmed_by)) == [(clock.now(), "link")]
    assert len(one(app, select(AuditEvent.id).where(AuditEvent.action == "confirmed"))) == 1
    for address in ("/patients/1", "/schedule?day=2026-11-24", "/schedule?visit=1"):
        assert "Confirmed" in desk.get(address).text, address  # type: ignore[attr-defined]


def test_another_time_is_asked_for_once_with_a_note(client: FlaskClient, app: Flask, link: str) -> None:
    client.post(link, data={"answer": "confirm"})
    for _ in range(2):
        answer = client.post(link, data={"answer": "move", "note": "  mornings\n" + "x" * 400})
        assert SAID["asked"] in words(answer)
    assert SAID["asked"] in words(client.get(link))
    ((body,),) = one(app, select(InboundMessage.body))
    assert (body[:9], len(body)) == ("mornings ", 300)
    ((kind, visit),) = one(app, select(WorkItem.kind, WorkItem.appointment_id))
    assert (kind, visit) == ("asks_to_move", 1)
    assert one(app, select(Appointment.state, Appointment.confirmed_at)) == [("booked", None)]
    assert SAID["confirmed"] in words(client.post(link, data={"answer": "confirm"}))


@pytest.mark.parametrize("standing", ["moved", "cancelled", "over"])
def test_a_link_out_of_date_says_so_and_gives_the_clinics_number(
    client: FlaskClient, app: Flask, link: str, cast: factories.Cast, clock: FrozenClock, standing: str
) -> None:
    with app.app_context(), unit_of_work() as session:
        if standing == "moved":
            later = session.get_one(Appointment, 1).starts_at + timedelta(hours=3)
            appointments.move(Change(session, cast.actor, clock.now()), 1, cast.provider_id, later)
        if standing == "cancelled":
            appointments.cancel(Change(session, cast.actor, clock.now()), 1, "patient_asked")
    if standing == "over":
        clock.move(timedelta(days=2))
    for answer in (client.get(link), client.post(link, data={"answer": "confirm"})):
        assert SAID[standing] in words(answer)
        assert "+12065550100" in answer.text
        assert 'value="confirm"' not in answer.text
    assert one(app, select(Appointment.confirmed_at)) == [(None,)]


def test_pages_are_in_the_patients_language(client: FlaskClient, app: Flask, link: str, stop: str) -> None:
    change(app, update(Patient).values(language="es"))
    page = client.get(link)
    assert '<html lang="es">' in page.text
    assert "martes 24 de noviembre, 10:15 a. m." in words(page)
    assert "Gracias. Ha confirmado esta cita." in words(client.post(link, data={"answer": "confirm"}))
    assert "¿Dejar de recibir recordatorios de sus citas por correo electrónico?" in words(client.get(stop))


def test_links_cut_off_or_made_up_are_not_found(client: FlaskClient, link: str, stop: str) -> None:
    for address in (
        link[:-3],
        stop[:-3],
        "/v/x",
        "/u/x",
        link.replace("/v/", "/u/"),
        stop.replace("/u/", "/v/"),
    ):
        for answer in (client.get(address), client.post(address, data={"answer": "stop"})):
            assert answer.status_code == 404, address
            assert "Nothing was changed" in words(answer)


def given(app: Flask) -> list[tuple[str, bool]]:
    rows = one(app, select(Consent.purpose, Consent.given).order_by(Consent.id))
    return [(purpose, said) for purpose, said in rows]


def test_a_mailboxes_one_click_stops_such_messages(client: FlaskClient, app: Flask, stop: str) -> None:
    for _ in range(2):
        answer = client.post(
            stop, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert given(app) == [("visits", False)]
    ((how, channel),) = one(app, select(Consent.how, Consent.channel))
    assert (how, channel) == ("unsubscribe_link", "email")


def test_one_kind_or_all_are_stopped_and_turned_on_again(client: FlaskClient, app: Flask, stop: str) -> None:
    assert "Done." in words(client.post(stop, data={"answer": "stop"}))
    assert "Turn them on again" in client.get(stop).text
    client.post(stop, data={"answer": "again"})
    assert "Stop these messages" in client.get(stop).text
    client.post(stop, data={"answer": "stop_all"})
    assert given(app) == [("visits", False), ("visits", True), *((p, False) for p in sorted(PURPOSES))]
    assert client.post(stop, data={"answer": "what"}).status_code == 200
    assert len(given(app)) == 5


def test_a_link_is_not_tried_without_end(client: FlaskClient, link: str) -> None:
    limiter.enabled = True
    try:
        codes = [client.get(link).status_code for _ in range(21)]
    finally:
        limiter.enabled = False
        limiter.reset()
    assert (codes[0], codes[-1]) == (200, 429)
