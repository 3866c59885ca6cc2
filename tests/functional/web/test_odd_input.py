"""Odd input is refused in words, by whoever it is sent: no answer of 500, and nothing odd is kept."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Clinic, InboundMessage, Patient
from tests import factories
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.odd_input.walk import routes_of, unsound, walk
from tests.functional.web.odd_input.world import ROLES
from tests.functional.web.test_hooks import by_gateway, hooks
from tests.shared import Shared

__all__ = ["hooks"]
# Enough for every route to be asked by every role; `make fuzz` asks twenty times as much.
SHARE = 1_250
PRESSED = ("visits.no_show", "visits.arrived", "visits.undo", "holds.keep", "holds.release", "contacts.undo")


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    visitor.sign_in("admin")
    return visitor


@pytest.fixture
def empty(request: pytest.FixtureRequest, app: Flask) -> Any:
    """Takes all rows out of the database the application is on."""
    shared: list[Shared] = [request.getfixturevalue(f"shared_{app_on(app)}")]
    return shared[0].emptied


def app_on(app: Flask) -> str:
    return "sqlite" if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "postgresql"


# A file of which a body breaks off half-way is closed by nobody; it goes when it is forgotten.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <function SpooledTemporaryFile")
@pytest.mark.thorough
def test_every_route_by_every_role_answers_odd_input(app: Flask, empty: Any) -> None:
    tally = walk(app, empty, SHARE, seed=84)
    assert tally.faults == []
    asked = {(rule.endpoint, method, role) for rule, method in routes_of(app) for role in ROLES}
    assert asked - tally.met == set()
    assert tally.statuses[200] > SHARE / 20  # it is not turned away at the door, whatever it asks
    assert tally.statuses[422] > 0


@pytest.mark.filterwarnings("ignore:Exception ignored in. <function SpooledTemporaryFile")
def test_the_walk_finds_what_breaks(app: Flask, empty: Any) -> None:
    def broken(**_keys: int) -> str:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")

    broken.clinic_policy = frozenset()  # type: ignore[attr-defined]
    app.view_functions |= dict.fromkeys(PRESSED, broken)
    (fault, *_) = walk(app, empty, SHARE // 4, seed=1).faults
    assert "UnicodeEncodeError" in fault
    assert re.search(r"^\w+: \w+ b'/", fault)


def test_what_should_not_be_kept_is_found(app: Flask, cast: factories.Cast) -> None:
    assert unsound(app) == []
    with app.app_context(), unit_of_work() as session:
        session.get_one(Clinic, cast.clinic_id).name = "Harbor\r\nBcc: x@example.org"
    assert unsound(app) == ["clinics.name holds 'Harbor\\r\\nBcc: x@example.org'"]


# --- ids --------------------------------------------------------------------------------------------------

TOO_LARGE = [str(2**31), str(10**20), "9" * 400, "9" * 5000]


@pytest.mark.parametrize("key", TOO_LARGE)
def test_a_number_no_row_can_have_leads_nowhere(admin: Visitor, key: str) -> None:
    for address in (
        f"/patients/{key}",
        f"/courses/{key}/why",
        f"/clinic/{key}/switch",
        f"/settings/staff/{key}",
    ):
        answer = admin.post(address) if address.endswith("switch") else admin.get(address)
        assert answer.status_code == 404, address


@pytest.mark.parametrize("key", [*TOO_LARGE, "-1", "x", "٣"])
def test_in_a_query_it_asks_for_nothing(admin: Visitor, key: str) -> None:
    for address in (
        *(f"/due?provider={key}", f"/messages?patient={key}", f"/rule-changes?older_than={key}"),
        *(f"/settings/audit?person={key}&patient={key}&older_than={key}", f"/provider?provider={key}"),
        *(f"/schedule?visit={key}", f"/schedule/week?provider={key}", f"/work-list?tab=closed&after={key}"),
    ):
        assert admin.get(address).status_code == 200, address
    assert admin.get(f"/schedule?slot={key}_2026-11-24_10:15").status_code == 404


# --- what no database keeps -------------------------------------------------------------------------------

HALF_A_PAIR = "%ED%A0%80"


def test_a_nul_is_refused_wherever_it_comes(admin: Visitor, client: FlaskClient) -> None:
    for address in ("/settings/messages/%00/email/en", "/calendar/%00.ics", "/set-password/%00", "/%00"):
        assert client.get(address).status_code == 404, address
    assert admin.get("/patients?q=%00").status_code == 400
    signed_out = Visitor(client)
    signed_out.get("/sign-in")
    answer = signed_out.post("/sign-in", email="desk\0@example.org", password="x")
    assert answer.status_code == 400
    assert "Nothing was changed" in words(answer)


def test_half_a_surrogate_pair_does_no_harm(admin: Visitor, app: Flask) -> None:
    for address in (f"/patients?q={HALF_A_PAIR}", f"/messages/{HALF_A_PAIR}", f"/schedule?day={HALF_A_PAIR}"):
        assert admin.get(address).status_code in (200, 404), address
    admin.get("/patients/new")
    body = f"csrf_token={admin.token}&family_name={HALF_A_PAIR}&given_name=B&mrn=Z-1&birth_date=1980-01-01"
    kind = "application/x-www-form-urlencoded"
    answer = admin.client.post("/patients/new", data=body.encode(), content_type=kind)
    assert answer.status_code in (302, 400, 422)
    assert unsound(app) == []


def test_half_a_pair_in_a_reply_leaves_the_rest_of_it(hooks: FlaskClient, app: Flask, clock: Any) -> None:
    said = {"type": "reply", "id": "8", "from": "+16025550123", "text": "Later \ud83d please"}
    assert hooks.post("/hooks/sms", **by_gateway(clock, said)).status_code == 204
    with app.app_context(), unit_of_work() as session:
        assert [row.body for row in session.query(InboundMessage)] == ["Later  please"]


# --- numbers and days -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["sNaN", "NaN", "Infinity", "9" * 400, "1e400"])
def test_a_number_that_is_none_is_said_at_its_field(
    admin: Visitor, desk: Visitor, cast: factories.Cast, number: str
) -> None:
    admin.get("/patients/1/edit")
    weight = {
        "family_name": "A",
        "given_name": "B",
        "mrn": "Z-1",
        "birth_date": "1980-01-01",
        "weight_kg": number,
    }
    said = words(admin.post("/patients/new", **weight))
    assert "Enter a number, such as 155 or 12.5" in said or "Weight in kg lies between 1 and 500" in said
    admin.get("/courses/1/treatments/new")
    answer = admin.post("/courses/1/treatments", given_on="2026-11-23", units=number, key="k")
    assert answer.status_code == 422
    assert "Enter a number, such as 155 or 12.5" in words(answer) or "Units lie between" in words(answer)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "10000-01-01", "2200-01-01"])
def test_a_day_out_of_reach_is_said_or_moves_nobody(admin: Visitor, day: str) -> None:
    assert admin.get(f"/schedule?day={day}").status_code == 200
    assert admin.get(f"/schedule/week?day={day}").status_code == 200
    admin.get("/closures")
    assert admin.post("/closures", starts_on=day, provider="0", reason="Leave").status_code == 422
    admin.get("/courses/1/stop")
    assert admin.post("/courses/1/stop", stopped_on=day, reason="x").status_code == 422


# --- one line, one address --------------------------------------------------------------------------------

REFUSED_ADDRESSES = [
    "a@b.example\r\nBcc: x@example.org",
    "a@b,c@d",
    "a@example.org,c@example.org",
    "a@example.org c",
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_two_addresses_are_none(admin: Visitor, app: Flask, address: str) -> None:
    admin.get("/patients/1/edit")
    version = re.search(r'name="version"[^>]*value="([^"]+)"', admin.client.get("/patients/1/edit").text)
    kept = {"family_name": "Okonkwo", "given_name": "Adaeze", "mrn": "A-100", "birth_date": "1978-03-14"}
    answer = admin.post("/patients/1/edit", **kept, email=address, version=version[1] if version else "")
    assert answer.status_code == 422
    assert "Enter one e-mail address" in words(answer)
    admin.get("/settings")
    clinic = {"name": "Harbor", "zone": "America/Los_Angeles", "phone": "+12065550100", "email": address}
    assert "Enter one e-mail address" in words(admin.post("/settings", **clinic))
    with app.app_context(), unit_of_work() as session:
        assert session.get_one(Patient, 1).email == "adaeze.a-100@example.org"
        assert session.get_one(Clinic, 1).email == "desk@example.org"


def test_a_line_break_in_one_line_is_refused_and_said(admin: Visitor, app: Flask) -> None:
    admin.get("/settings")
    clinic = {"zone": "America/Los_Angeles", "phone": "+12065550100", "email": "desk@example.org"}
    answer = admin.post("/settings", name="Harbor\r\nBcc: x@example.org", **clinic)
    assert answer.status_code == 422
    assert "Clinic's name has a line break or a control character in it; write it in one line" in words(
        answer
    )
    admin.get("/closures")
    assert admin.post("/closures", starts_on="2026-12-24", provider="0", reason="A\nB").status_code == 422
    assert unsound(app) == []
