"""A desk to sit at: the cast in the database, and a visitor who fills in forms as a browser would."""

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import User
from tests import factories
from tests.conftest import FrozenClock
from tests.kept_rows import begin_with

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
KEY = re.compile(r'name="key"[^>]*value="([^"]+)"')
STOOD = re.compile(r'name="stood"[^>]*value="([^"]+)"')


class Visitor:
    """One browser. `post` sends the CSRF token of the page last shown, and what that said stands against a day."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""
        self.key = ""
        self.stood = ""

    def get(self, address: str, **more: Any) -> TestResponse:
        return self._seen(self.client.get(address, **more))

    def post(self, address: str, /, follow_redirects: bool = False, **fields: Any) -> TestResponse:
        data = {"csrf_token": self.token, "stood": self.stood, **fields}
        return self._seen(self.client.post(address, data=data, follow_redirects=follow_redirects))

    def sign_in(self, role: str = "front_desk", password: str = factories.PASSWORD) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", email=f"{role}@example.org", password=password)
        if answer.status_code == 302:
            self.get("/patients")  # the token of the new session
        return answer

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            self.token = _first(CSRF, answer.text) or self.token
            self.key = _first(KEY, answer.text) or self.key
            self.stood = _first(STOOD, answer.text)
        return answer


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return unescape(found.group(1)) if found else ""


def words(answer: TestResponse) -> str:
    """A page's text without its markup, spaces made single."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def cast(app: Flask, clock: FrozenClock) -> factories.Cast:
    """The cast, with one account for each role."""
    return begin_with(app, cast_with_accounts, clock.now())


@pytest.fixture
def other_cast(app: Flask, clock: FrozenClock, cast: factories.Cast) -> factories.Cast:
    """Another clinic in the same database."""
    with app.app_context(), unit_of_work() as session:
        return factories.cast(session, clock.now(), clinic="Elsewhere Clinic", prefix="E")


@pytest.fixture
def booked(app: Flask, cast: factories.Cast, clock: FrozenClock) -> int:
    """A visit of the cast's patient: Tuesday, the day after, at 10:15 with Dr Reid."""
    with app.app_context(), unit_of_work() as session:
        day = factories.local_day(clock.now()) + timedelta(1)
        return factories.book(
            session, cast.actor, clock.now(), cast.course_id, cast.provider_id, day, time(10, 15)
        ).id


@pytest.fixture
def early(app: Flask, cast: factories.Cast, clock: FrozenClock) -> int:
    """GARRIDO's course, which may not be booked before the end of January; Dr Reid has an account."""
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        session.query(User).filter_by(email="provider@example.org").one().provider_id = cast.provider_id
        patient = factories.person(
            session, cast.actor, now, mrn="D1038", family_name="Garrido", given_name="Lucia"
        )
        course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
        factories.treat(session, cast.actor, now, course, date(2026, 11, 2))
        return course.id


@pytest.fixture
def visitor(client: FlaskClient, cast: factories.Cast) -> Visitor:
    return Visitor(client)


@pytest.fixture
def desk(visitor: Visitor) -> Visitor:
    """Signed in as the front desk."""
    assert visitor.sign_in().status_code == 302
    return visitor


@pytest.fixture
def provider(app: Flask, cast: factories.Cast) -> Visitor:
    """Signed in as a provider, in a browser of its own."""
    visitor = Visitor(app.test_client())
    assert visitor.sign_in("provider").status_code == 302
    return visitor


def cast_with_accounts(session: Session, now: datetime) -> factories.Cast:
    cast = factories.cast(session, now)
    for role in ("front_desk", "provider", "admin", "read_only"):
        factories.staff(session, cast.actor, now, role)
    return cast
