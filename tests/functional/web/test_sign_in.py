"""Signing in, being locked out, staying signed in, signing out, and the first administrator."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password

from clinic_scheduler import create_app
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic
from clinic_scheduler.services.practice.staff import setup_token
from clinic_scheduler.web.limits import limiter
from clinic_scheduler.web.sign_in import REFUSED, own_page
from config import Config
from tests import databases, factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


def test_a_wrong_password_and_an_unknown_address_are_told_alike(visitor: Visitor) -> None:
    wrong = visitor.sign_in("front_desk", "not the password")
    unknown = visitor.sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert REFUSED in words(wrong)
    assert REFUSED in words(unknown)
    assert "<title>Error: Sign in" in wrong.text
    assert 'value="front_desk@example.org"' in wrong.text


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
    visitor: Visitor, clock: FrozenClock
) -> None:
    for _ in range(5):
        assert visitor.sign_in("front_desk", "guess").status_code == 401
    locked = visitor.sign_in("front_desk")
    assert locked.status_code == 401
    assert REFUSED in words(locked)
    assert visitor.sign_in("admin").status_code == 302  # others are not locked
    clock.move(timedelta(minutes=16))
    other = Visitor(visitor.client.application.test_client())
    assert other.sign_in("front_desk").status_code == 302


def test_a_success_forgets_earlier_failures(visitor: Visitor) -> None:
    for _ in range(2):
        for _ in range(4):
            visitor.sign_in("front_desk", "guess")
        other = Visitor(visitor.client.application.test_client())
        assert other.sign_in("front_desk").status_code == 302


def test_too_many_tries_from_one_address_are_slowed(visitor: Visitor, app: Flask) -> None:
    limiter.enabled = True
    try:
        codes = [visitor.sign_in("nobody", "guess").status_code for _ in range(21)]
    finally:
        limiter.enabled = False
        with app.app_context():
            limiter.reset()
    assert codes == [401] * 20 + [429]


def test_a_post_without_its_token_is_refused(desk: Visitor) -> None:
    desk.token = ""
    answer = desk.post("/courses/1/book", provider=1, day="2026-11-24", at="09:00")
    assert answer.status_code == 400
    assert "Nothing was changed" in words(answer)


@pytest.fixture
def sqlite_app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    with databases.opened(sqlite_url, tmp_path / "one") as app:
        yield app


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "/\\evil.example.org",
        "/\t/evil.example.org",
        "javascript:alert(1)",
        "due",
        "http:/due",
        "//[",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(sqlite_app: Flask, target: str) -> None:
    with sqlite_app.test_request_context():
        assert own_page(target) == "/"


def test_after_signing_in_the_page_asked_for_is_shown(visitor: Visitor) -> None:
    asked = visitor.get("/due?tab=lapsed&page=2")
    page = visitor.get(asked.location)
    assert 'name="next" type="hidden" value="/due?tab=lapsed&amp;page=2"' in page.text
    answer = visitor.post(
        "/sign-in", email="ADMIN@example.org ", password=factories.PASSWORD, next="/due?tab=lapsed&page=2"
    )
    assert answer.location == "/due?tab=lapsed&page=2"


def test_signing_out_ends_the_session_everywhere(desk: Visitor) -> None:
    stolen = desk.client.get_cookie("session")
    assert stolen is not None
    assert desk.client.get("/sign-out").status_code == 405
    assert desk.post("/sign-out").status_code == 302
    assert desk.get("/due").status_code == 302
    thief = desk.client.application.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/due").status_code == 302


def test_an_idle_session_ends(desk: Visitor, clock: FrozenClock) -> None:
    clock.move(timedelta(minutes=29))
    assert desk.get("/due").status_code == 200
    clock.move(timedelta(minutes=29))
    assert desk.get("/due").status_code == 200
    clock.move(timedelta(minutes=31))
    assert desk.get("/due").status_code == 302


def test_no_session_lasts_past_twelve_hours(desk: Visitor, clock: FrozenClock) -> None:
    for _ in range(28):
        clock.move(timedelta(minutes=25))
        assert desk.get("/due").status_code == 200
    clock.move(timedelta(minutes=25))
    assert desk.get("/due").status_code == 302


@pytest.fixture
def link(app: Flask, clock: FrozenClock) -> str:
    """A set-up link's path for a clinic without accounts."""
    with app.app_context(), unit_of_work() as session:
        clinic = open_clinic(
            session,
            "test",
            ClinicEntry("New Clinic", "America/Chicago", "+13125550100", "a@example.org"),
            clock.now(),
        )
        return "/setup/" + setup_token(app.config["SECRET_KEY"], clinic.id, clock.now())


ADMIN = {"name": "Ada Admin", "email": "ada@example.org", "password": "a long pass phrase"}


def test_the_setup_link_makes_one_administrator_once(app: Flask, link: str) -> None:
    first, second = Visitor(app.test_client()), Visitor(app.test_client())
    assert "New Clinic" in words(first.get(link))
    second.get(link)
    assert first.post(link, **ADMIN, again=ADMIN["password"]).status_code == 302
    assert "Ada Admin" in words(first.get("/due"))
    assert second.post(link, **ADMIN, again=ADMIN["password"]).status_code == 404
    assert second.get(link).status_code == 404


def test_a_setup_link_runs_out_and_cannot_be_forged(app: Flask, link: str, clock: FrozenClock) -> None:
    visitor = Visitor(app.test_client())
    assert visitor.get(link + "x").status_code == 404
    assert visitor.get("/setup/anything").status_code == 404
    clock.move(timedelta(hours=25))
    assert visitor.get(link).status_code == 404


def test_the_first_password_is_long_and_typed_twice(app: Flask, link: str) -> None:
    visitor = Visitor(app.test_client())
    visitor.get(link)
    short = visitor.post(link, **{**ADMIN, "password": "short"}, again="short")
    assert short.status_code == 422
    assert "at least 12 characters" in words(short)
    assert 'value="Ada Admin"' in short.text
    assert "a long pass" not in short.text
    differing = visitor.post(link, **ADMIN, again="another phrase")
    assert "The two passwords differ" in words(differing)


def test_where_no_test_runs_a_hash_is_as_costly_as_argon2_recommends(sqlite_url: str, tmp_path: Path) -> None:
    app = create_app(Config.for_tests(sqlite_url, tmp_path, testing=False))
    with app.app_context():
        _, kind, _, cost, *_ = hash_password(factories.PASSWORD).split("$")
    assert (kind, cost) == ("argon2id", "m=65536,t=3,p=4")
