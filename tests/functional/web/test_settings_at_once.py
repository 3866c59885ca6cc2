"""Two people with one settings form open: the second is shown both values, and nothing is lost unseen."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Clinic
from clinic_scheduler.queries.providers import procedure_lengths
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff import actor_of
from clinic_scheduler.services.practice.staff_clinics import join_clinic
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_clinics import account

INPUT = re.compile(r"<input([^>]*)>|<option selected value=\"([^\"]*)\"|<select[^>]* name=\"([^\"]*)\"")
NAMED = re.compile(r'(name|value)="([^"]*)"')


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def opened(visitor: Visitor, address: str) -> dict[str, str]:
    """The form's fields as a browser would send them back unchanged."""
    page = visitor.get(address).text.partition("<main")[2].partition('action="/patients')[2]
    fields, select = {}, ""
    for attributes, option, name in INPUT.findall(page):
        found = dict(NAMED.findall(attributes))
        if "name" in found:
            fields[found["name"]] = unescape(found.get("value", ""))
        elif name:
            select = name
        elif select:
            fields[select] = unescape(option)
    return {key: value for key, value in fields.items() if key not in ("q", "csrf_token")}


@pytest.mark.parametrize(
    ("address", "theirs", "mine", "told"),
    [
        (
            "/settings",
            {"phone": "+12065550177"},
            {"email": "us@example.org"},
            [
                "Phone: now +12065550177, yours +12065550100",
                "E-mail address: now desk@example.org, yours us@",
            ],
        ),
        (
            "/settings/providers/1",
            {"day_0": "10:00-12:00", "bookings": ""},
            {"visit_minutes": "45"},
            [
                "Monday: now 10:00-12:00, yours 09:00-12:00, 13:00-17:00",
                "Takes bookings: now No, inactive, yours Yes",
            ],
        ),
        (
            "/settings/visit-lengths",
            {"chronic_migraine": "20"},
            {"spasticity_upper_limb": "15"},
            ["now 20, yours nothing", "now nothing, yours 15"],
        ),
    ],
)
def test_the_second_to_save_is_shown_both_values_and_may_then_decide(
    admin: Visitor, address: str, theirs: dict[str, str], mine: dict[str, str], told: list[str]
) -> None:
    form = opened(admin, address)
    assert form["seen"]
    assert admin.post(address, **form | theirs).status_code == 302
    answer = admin.post(address, **form | mine)
    assert answer.status_code == 409
    for said in ["Somebody changed this since you opened it. Nothing was saved", *told]:
        assert said in words(answer), words(answer)
    (name, typed), stored = next(iter(mine.items())), opened(admin, address)
    assert f'value="{typed}"' in answer.text
    assert stored[name] != typed
    again = re.search(r'name="seen"[^>]*value="([^"]+)"', answer.text)
    assert again is not None
    assert admin.post(address, **form | mine | {"seen": again[1]}).status_code == 302
    assert opened(admin, address)[name] == typed


def test_who_saves_the_same_is_not_troubled(admin: Visitor) -> None:
    form = opened(admin, "/settings") | {"phone": "+12065550177"}
    for _ in range(2):
        assert admin.post("/settings", **form).status_code == 302


def test_a_form_of_the_clinic_left_is_not_saved_into_the_one_entered(
    app: Flask, admin: Visitor, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        there = session.get_one(Clinic, other_cast.clinic_id)
        join_clinic(Change(session, actor_of(account(session, "admin")), clock.now()), there)
    form: dict[str, Any] = opened(admin, "/settings/visit-lengths")
    admin.post(f"/clinic/{other_cast.clinic_id}/switch")
    assert admin.post("/settings/visit-lengths", **form | {"chronic_migraine": "20"}).status_code == 409
    with app.app_context():
        assert procedure_lengths(db.session(), other_cast.clinic_id) == {}
