"""Headers on every answer, error pages, assets and /healthz."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, abort

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.models import JobRun
from clinic_scheduler.web.policies import public
from tests import databases, factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.shared import Shared


@pytest.fixture
def shared_app(shared_sqlite: Shared) -> Flask:
    """One database is enough: nothing here depends on which."""
    return shared_sqlite.emptied()


@pytest.mark.parametrize(
    "address", ["/sign-in", "/due", "/no-such-page", "/healthz", "/patients/999", "/sign-out"]
)
def test_every_answer_is_hardened(desk: Visitor, address: str) -> None:
    headers = desk.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers  # the tests' BASE_URL is http


def test_https_brings_hsts_and_host_cookies(sqlite_url: str, tmp_path: Path, clock: FrozenClock) -> None:
    from clinic_scheduler import create_app
    from config import Config

    settings = Config.for_tests(sqlite_url, tmp_path, base_url="https://localhost")
    app = create_app(settings, clock=clock)
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 503])
def test_error_pages_are_own_and_plain(visitor: Visitor, app: Flask, status: int) -> None:
    app.view_functions["due.home"] = public(lambda: abort(status, "inside: SELECT * FROM patients"))
    answer = visitor.get("/")
    assert answer.status_code == status
    assert "Go to the start page" in words(answer)
    assert "inside" not in answer.text


def test_an_unexpected_error_leaks_nothing(
    visitor: Visitor, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    name = "OKONKWO"

    def fail() -> str:
        raise RuntimeError(f"{name} was being saved")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["due.home"] = public(fail)
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "Something went wrong here" in words(answer)
    assert name not in answer.text
    assert "RuntimeError at due.home" in caplog.text
    assert "in fail" in caplog.text  # where, for whoever mends it
    assert name not in caplog.text


def test_a_host_that_is_not_ours_gets_a_plain_refusal(visitor: Visitor) -> None:
    answer = visitor.get("/sign-in", headers={"Host": "evil.example.org"})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_database_out_of_order_is_a_503_that_says_so(
    empty_sqlite_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    with databases.opened(empty_sqlite_url, tmp_path, clock=clock) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False
        visitor = Visitor(app.test_client())
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", email="a@example.org", password="guess")
    assert answer.status_code == 503
    assert "busy or out of order" in words(answer)


def test_a_wrong_method_says_which_are_right(desk: Visitor) -> None:
    answer = desk.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_pages_have_no_inline_script_or_style_and_nothing_from_elsewhere(
    desk: Visitor, cast: factories.Cast
) -> None:
    for address in ("/due", "/schedule", "/patients", "/patients/1", "/courses/1/book", "/courses/1/why"):
        page = desk.get(address).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page), address
        assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page), address


def test_assets_are_compressed_and_kept_for_ever_under_their_content(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    addresses = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(addresses) == 4
    weight = len(page)
    for address in addresses:
        zipped = visitor.get(address, headers={"Accept-Encoding": "br, gzip"})
        plain = visitor.get(address, headers={"Accept-Encoding": "identity"})
        assert gzip.decompress(zipped.data) == plain.data
        assert zipped.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in zipped.headers["Vary"]
        weight += len(zipped.data)
    assert weight < 150_000
    assert visitor.get(re.sub(r"/assets/\w+/", "/assets/0000/", addresses[0])).status_code == 404
    assert visitor.get("/assets/0000/other.css").status_code == 404


@pytest.mark.parametrize("address", ["/sign-in", "/no-such-page"])
def test_pages_show_the_name_beside_a_mark_that_is_not_read_out(visitor: Visitor, address: str) -> None:
    page = visitor.get(address).text
    assert re.search(rf"<title>[^<]+ – {SHOWN_NAME}</title>", page)
    (brand,) = re.findall(r'<p class="brand">(.*?)</p>', page, re.DOTALL)
    assert re.fullmatch(rf'<svg [^>]*aria-hidden="true".*</svg> {SHOWN_NAME}', brand, re.DOTALL)


def test_the_mark_stands_in_the_browsers_tab(visitor: Visitor) -> None:
    (address,) = re.findall(r'<link rel="icon" [^>]*href="([^"]+)"', visitor.get("/sign-in").text)
    mark = visitor.get(address)
    assert mark.content_type.startswith("image/svg+xml")
    assert "currentColor" in mark.text


def test_healthz_says_that_all_is_well(visitor: Visitor) -> None:
    answer = visitor.get("/healthz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ok"
    assert answer.json["database"] == "ok"


def test_healthz_tells_a_silent_worker(visitor: Visitor, app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), unit_of_work() as session:
        session.add(
            JobRun(job="dispatch", worker="w1", started_at=clock.now(), finished_at=clock.now(), outcome="ok")
        )
    assert visitor.get("/healthz").status_code == 200
    clock.move(timedelta(minutes=5))
    assert visitor.get("/healthz").status_code == 200
    clock.move(timedelta(seconds=1))
    answer = visitor.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problems"] == ["the worker is silent"]
    assert answer.json["jobs"]["dispatch"] == {
        "age_seconds": 301.0,
        "finished_at": "2026-11-23T17:00:00+00:00",
        "outcome": "ok",
    }


def test_healthz_tells_reminders_that_wait(
    visitor: Visitor, cast: factories.Cast, clock: FrozenClock
) -> None:
    clock.move(timedelta(hours=1, minutes=15))  # the cast's patient was to be told at 10:00
    assert visitor.get("/healthz").status_code == 200
    clock.move(timedelta(hours=1, minutes=45))
    answer = visitor.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["oldest_unsent_age_seconds"] == 2 * 3600
    assert answer.json["backlog"] == 1
    assert "OKONKWO" not in answer.text.upper()


def test_healthz_tells_a_database_out_of_order(
    empty_sqlite_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    with databases.opened(empty_sqlite_url, tmp_path, clock=clock) as app:
        answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "failing"


@pytest.mark.parametrize("key", [2**31, 10**20])
def test_a_number_beyond_any_row_is_not_found(desk: Visitor, key: int) -> None:
    answer = desk.get(f"/patients/{key}")
    assert answer.status_code == 404
    assert "There is no such page or record" in words(answer)


def test_what_no_text_column_keeps_is_refused_on_either_database(desk: Visitor) -> None:
    answer = desk.post(
        "/patients/new", mrn="Z-1", family_name="A\0B", given_name="C", birth_date="1980-01-01"
    )
    assert answer.status_code == 400
    assert "Nothing was changed" in words(answer)
