"""The page behind a calendar link, as the patient or anyone else who holds it sees it."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.calendars.links import Shown
from clinic_scheduler.models import AuditEvent, Clinic, Patient
from tests import databases, factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_calendar_feed import issued


@pytest.fixture
def token(app: Flask, clock: FrozenClock, cast: factories.Cast) -> str:
    return token_of(app, clock, cast, patient_id=cast.patient_id)


def token_of(app: Flask, clock: FrozenClock, cast: factories.Cast, **whose: Any) -> str:
    return issued(app, clock, cast, **whose).removeprefix("/calendar/").removesuffix(".ics")


def change(app: Flask, table: Any, **values: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(table, 1)
        for name, value in values.items():
            setattr(row, name, value)


def test_it_tells_the_next_visit_and_helps_to_subscribe(client: FlaskClient, token: str, booked: int) -> None:
    answer = client.get(f"/c/{token}")
    page = words(answer)
    assert "Tuesday 24 November 2026 10:15 am" in page
    assert "call +12065550100" in page
    for address in (
        f'href="webcal://localhost/calendar/{token}.ics"',
        'href="https://calendar.google.com/calendar/r/settings/addbyurl"',
        f"addfromweb?url=http%3A%2F%2Flocalhost%2Fcalendar%2F{token}.ics&amp;name=My%20appointments",
    ):
        assert address in answer.text
    assert f"http://localhost/calendar/{token}.ics" in page
    assert "<svg" in answer.text
    assert "style=" not in answer.text
    assert (
        answer.headers["Cache-Control"],
        answer.headers["X-Robots-Tag"],
        answer.headers["Referrer-Policy"],
    ) == (
        "no-store",
        "noindex",
        "no-referrer",
    )


def test_it_names_no_person_clinic_drug_or_diagnosis_unless_the_link_does(
    app: Flask, client: FlaskClient, clock: FrozenClock, cast: factories.Cast, token: str, booked: int
) -> None:
    told = client.get(f"/c/{token}").text.lower()
    for word in ("okonkwo", "adaeze", "1978", "botox", "onabot", "migraine", "neurology", "reid", "inject"):
        assert word not in told, word
    change(app, Clinic, text_name="Harbor")
    assert "Harbor" in client.get(f"/c/{token}").text
    full = token_of(app, clock, cast, patient_id=cast.patient_id, shown=Shown("full"))
    assert "Harbor Neurology" in client.get(f"/c/{full}").text


def test_it_speaks_the_patients_language_or_the_one_asked_for(
    app: Flask, client: FlaskClient, token: str, booked: int
) -> None:
    change(app, Patient, language="es")
    page = client.get(f"/c/{token}")
    assert '<html lang="es">' in page.text
    assert words(page).count("Copiar el enlace") == 2
    assert "martes 24 de noviembre de 2026 10:15 a. m." in words(page)
    assert '<html lang="en">' in client.get(f"/c/{token}?lang=en").text
    assert '<html lang="es">' in client.get(f"/c/{token}?lang=xx").text


def test_whoever_holds_a_link_can_stop_it_and_calendars_then_show_a_notice(
    app: Flask, token: str, booked: int
) -> None:
    holder = Visitor(app.test_client())
    holder.get(f"/c/{token}")
    for _ in range(2):  # pressed twice it says the same again
        stopped = holder.post(f"/c/{token}/stop?lang=en")
        assert "For a new link, call +12065550100" in words(stopped)
    feed = holder.client.get(f"/calendar/{token}.ics")
    assert feed.text.count("BEGIN:VEVENT") == 1
    assert "This calendar link was stopped" in feed.text
    with app.app_context():
        told = select(AuditEvent.actor, AuditEvent.action).where(AuditEvent.subject == "calendar_feeds")
        assert [tuple(row) for row in db.session().execute(told)][1:] == [("holder of the link", "revoked")]


def test_looking_changes_nothing_and_stopping_needs_the_page(
    client: FlaskClient, app: Flask, token: str
) -> None:
    assert client.get(f"/c/{token}/stop").status_code == 405
    assert client.post(f"/c/{token}/stop").status_code == 400
    assert client.get(f"/c/{token}").status_code == 200


def test_unknown_malformed_and_stopped_links_get_the_same_page(app: Flask, token: str) -> None:
    holder = Visitor(app.test_client())
    holder.get(f"/c/{token}")
    holder.post(f"/c/{token}/stop")
    answers = [holder.client.get(f"/c/{one}") for one in (token, "A" * 43, "x", "%00")]
    assert {(answer.status_code, answer.mimetype) for answer in answers} == {(404, "text/html")}
    assert len({answer.text for answer in answers}) == 1
    spanish = holder.client.get("/c/x", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert "Esta página no existe" in words(spanish)


def test_a_providers_link_has_the_how_to_alone(
    app: Flask, client: FlaskClient, clock: FrozenClock, cast: factories.Cast, booked: int
) -> None:
    token = token_of(app, clock, cast, provider_id=cast.provider_id)
    page = client.get(f"/c/{token}")
    assert "webcal://" in page.text
    assert "Next appointment" not in page.text
    assert "/stop" not in page.text
    visitor = Visitor(client)
    visitor.get("/sign-in")
    assert visitor.post(f"/c/{token}/stop").status_code == 404


@pytest.mark.parametrize("place", ["c", "v", "u"])
def test_patients_links_stay_out_of_access_logs(place: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="werkzeug"):
        logging.getLogger("werkzeug").info('127.0.0.1 "%s" 200', f"GET /{place}/secret/stop?lang=es HTTP/1.1")
    assert "secret" not in caplog.text
    assert re.search(rf"GET /{place}/…", caplog.text)


def test_a_feed_is_plain_text_also_where_the_database_is_gone(tmp_path: Any, clock: FrozenClock) -> None:
    nowhere = databases.sqlite_address(tmp_path / "no" / "such" / "folder.sqlite")
    with databases.opened(nowhere, tmp_path / "data", clock=clock) as app:
        answer = app.test_client().get(f"/calendar/{'A' * 43}.ics")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.headers["Retry-After"] == "300"
    assert "<" not in answer.text
