"""What the pages that patients open say, and the card and sentences for them, character for character."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.messaging.kinds import CHANNELS, PURPOSES
from clinic_scheduler.links import Links, OptOutLink, VisitLink
from clinic_scheduler.models import Appointment, Patient
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor
from tests.functional.web.test_patient_links import path, starts_at
from tests.functional.web.test_subscribe import token_of
from tests.patient_texts import page_text, same_as_golden


@pytest.fixture(params=["en", "es"])
def language(app: Flask, cast: factories.Cast, request: pytest.FixtureRequest) -> str:
    with app.app_context(), unit_of_work() as session:
        session.get_one(Patient, cast.patient_id).language = request.param
    spoken: str = request.param
    return spoken


def test_pages_behind_links_in_messages(
    app: Flask, client: FlaskClient, cast: factories.Cast, booked: int, clock: FrozenClock, language: str
) -> None:
    links: Links = app.extensions["clinic"].links
    visit = path(links.visit(VisitLink(booked, starts_at(app, booked))))

    def pages() -> Iterator[tuple[str, str]]:
        yield "open", client.get(visit).text
        yield "confirmed", client.post(visit, data={"answer": "confirm"}).text
        yield "asked", client.post(visit, data={"answer": "move", "note": "mornings"}).text
        for channel in CHANNELS:
            for purpose in PURPOSES:
                stop = path(links.opt_out(OptOutLink(cast.patient_id, purpose, channel)))
                yield f"{purpose} {channel} on", client.get(stop).text
                yield f"{purpose} {channel} off", client.post(stop, data={"answer": "stop"}).text
        with app.app_context(), unit_of_work() as session:
            later = session.get_one(Appointment, booked).starts_at + timedelta(hours=4)
            appointments.move(Change(session, cast.actor, clock.now()), booked, cast.provider_id, later)
        yield "moved", client.get(visit).text
        moved = path(links.visit(VisitLink(booked, later)))
        yield "afternoon", client.get(moved).text
        with app.app_context(), unit_of_work() as session:
            appointments.cancel(Change(session, cast.actor, clock.now()), booked, "patient_asked")
        yield "cancelled", client.get(moved).text
        clock.move(timedelta(days=2))
        yield "over", client.get(moved).text
        yield "cut off", client.get(visit[:-3]).text

    same_as_golden(f"link_pages.{language}.txt", ((name, page_text(html)) for name, html in pages()))


def test_pages_of_calendar_links(
    app: Flask, cast: factories.Cast, booked: int, clock: FrozenClock, desk: Visitor, language: str
) -> None:
    of_patient = token_of(app, clock, cast, patient_id=cast.patient_id)
    of_provider = token_of(app, clock, cast, provider_id=cast.provider_id)
    holder = Visitor(app.test_client())

    def pages() -> Iterator[tuple[str, str]]:
        yield "link", holder.get(f"/c/{of_patient}").text
        yield "other language", holder.get(f"/c/{of_patient}?lang={'en' if language == 'es' else 'es'}").text
        yield "provider's", holder.get(f"/c/{of_provider}?lang={language}").text
        desk.get("/patients")
        desk.post(f"/patients/{cast.patient_id}/calendar-card")
        card = desk.get(f"/patients/{cast.patient_id}/calendar-card").text
        yield (
            "card",
            '<section class="card-a6"' + card.split('<section class="card-a6"')[1].split("</main>")[0],
        )
        with app.app_context(), unit_of_work() as session:
            appointments.cancel(Change(session, cast.actor, clock.now()), booked, "patient_asked")
        yield "nothing booked", holder.get(f"/c/{of_patient}").text
        yield "stopped", holder.post(f"/c/{of_patient}/stop").text
        yield "unknown", holder.get("/c/x", headers={"Accept-Language": language}).text

    same_as_golden(f"calendar_pages.{language}.txt", ((name, page_text(html)) for name, html in pages()))


def test_sentences_for_the_phone(desk: Visitor, cast: factories.Cast, language: str) -> None:
    page = desk.get(f"/courses/{cast.course_id}/why").text
    said = page.split('<div class="say">')[1].split("</div>")[0]
    same_as_golden(f"to_say.{language}.txt", [("why", page_text(said))])
