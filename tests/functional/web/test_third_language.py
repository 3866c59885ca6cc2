"""A language of which there is one file alone is offered to staff, and spoken where patients open a page or call."""

from flask import Flask
from flask.testing import FlaskClient

from clinic_scheduler.models import Patient
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_subscribe import change, token_of
from tests.third_language import CODE, third_language

__all__ = ["third_language"]


def test_it_is_offered_and_spoken(
    third_language: None, app: Flask, clock: FrozenClock, cast: factories.Cast, booked: int, desk: Visitor
) -> None:
    assert f'<option value="{CODE}">Esperanto</option>' in desk.get(f"/patients/{cast.patient_id}/edit").text
    change(app, Patient, language=CODE)
    said = words(desk.get(f"/courses/{cast.course_id}/why"))
    assert (
        "«The earliest is lundo, la 23-a de Novembro»: «««twelve» weeks» after la 31-a de Aŭgusto»." in said
    )


def test_the_page_and_the_calendar_of_a_link(
    third_language: None,
    app: Flask,
    client: FlaskClient,
    clock: FrozenClock,
    cast: factories.Cast,
    booked: int,
) -> None:
    change(app, Patient, language=CODE)
    token = token_of(app, clock, cast, patient_id=cast.patient_id)
    page = client.get(f"/c/{token}")
    assert f'<html lang="{CODE}">' in page.text
    assert "mardo, la 24-a de Novembro 2026 10:15" in words(page)
    assert [name for name in ("English", "Español", "Esperanto") if f">{name}</a>" in page.text] == [
        "English",
        "Español",
    ]
    assert "SUMMARY:«Appointment»" in client.get(f"/calendar/{token}.ics").text
    assert "«There is no such page»" in client.get("/c/x", headers={"Accept-Language": CODE}).text
