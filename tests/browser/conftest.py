"""A real server on this machine, a real Chromium, and a desk signed in."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.domain.messaging.kinds import EMAIL, PURPOSES
from clinic_scheduler.models import Course
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.messaging import consents
from tests import factories
from tests.conftest import FrozenClock
from tests.kept_rows import begin_with
from tests.shared import Shared

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
# No test waits this long unless it fails; a busy machine may need much of it.
MILLISECONDS = 20_000
expect.set_options(timeout=MILLISECONDS)
PEOPLE = (
    ("Harris", "Tom", 99),
    ("Lindqvist", "Maja", 85),
    ("Santos", "Beatriz", 75),
    ("Montgomery-de la Cruz", "Ana", 84),
)
OTHERWISE = {
    "phone": "+12065550166",
    "email": "maximiliana.josephine.featherstonehaugh-abernathy@mail.example.org",
    "weight_kg": Decimal("134.5"),
    "weighed_on": date(2026, 3, 4),
    "deceased_on": date(2026, 11, 20),
    "moved_on": date(2026, 11, 19),
    "preferred_channel": "sms",
    "fallback_channel": "email",
    "language": "es",
    "zone": "America/Argentina/Buenos_Aires",
    "calendar_by": "invitations",
    "do_not_contact": True,
}


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def shared_app(shared_sqlite: Shared) -> Flask:
    """One database is enough; a test that asks both says so with a fixture of this name."""
    return shared_sqlite.emptied()


@pytest.fixture
def served(app: Flask, clock: FrozenClock) -> Flask:
    """The application with a few patients, one of them booked today."""
    begin_with(app, fill, clock.now())
    return app


@pytest.fixture
def site(served: Flask) -> Iterator[str]:
    """The address of its server; afterwards no request of the test is still under way."""
    others = set(threading.enumerate())
    server = make_server("127.0.0.1", 0, served, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    for started in set(threading.enumerate()) - others:
        started.join(timeout=5)


def fill(session: Session, now: datetime) -> None:
    cast = factories.cast(session, now)
    factories.staff(session, cast.actor, now, "provider")
    factories.staff(session, cast.actor, now, "admin")
    for n, (family_name, given_name, days) in enumerate(PEOPLE):
        patient = factories.person(
            session, cast.actor, now, mrn=f"B-{n}", family_name=family_name, given_name=given_name
        )
        course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
        factories.treat(session, cast.actor, now, course, factories.local_day(now) - timedelta(days))
        if family_name == "Harris":
            day = factories.local_day(now)
            factories.book(session, cast.actor, now, course.id, cast.provider_id, day, time(11))
    moved_by_new_rules(session, course, now)
    of_another_mind(session, cast, now)


def moved_by_new_rules(session: Session, course: Course, now: datetime) -> None:
    """So that the report of new date rules has something to show."""
    course.earliest_date -= timedelta(21)
    course.rules_edition = RULES_EDITION - 1
    refresh(session, [course.patient_id], factories.local_day(now), now)


def of_another_mind(session: Session, cast: factories.Cast, now: datetime) -> None:
    """A record that differs from the cast's patient wherever two can, and at length, for the page of merging."""
    patient = factories.person(
        session,
        cast.actor,
        now,
        mrn="B-2026-000123456",
        family_name="Featherstonehaugh-Abernathy",
        given_name="Maximiliana Josephine",
        birth_date=date(1987, 3, 14),
    )
    for column, value in OTHERWISE.items():
        setattr(patient, column, value)
    consents.withdraw(Change(session, cast.actor, now), patient.id, PURPOSES, EMAIL, "paper")


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Opens signed-in pages; afterwards nothing may have gone wrong unseen, and nothing been asked elsewhere."""
    troubles: list[str] = []
    contexts = []

    def opened(*, width: int = 1360, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.on("console", lambda message: troubles.extend(_said(message)))
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("request", lambda request: troubles.extend(_elsewhere(request.url, site)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def _said(message: ConsoleMessage) -> list[str]:
    """What the console says, but for the browser's own note that a page came with a status such as 409."""
    own_note = re.search(r"responded with a status of (404|409|422)", message.text)
    return [] if own_note else [f"console {message.type}: {message.text}"]


def _elsewhere(address: str, site: str) -> list[str]:
    return [] if address.startswith((site, "data:")) else [f"asked elsewhere: {address}"]


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("provider@example.org")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/provider")
    page.goto("/due")
