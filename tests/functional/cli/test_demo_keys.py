"""The demo's passwords and links: long, never the same, and kept where its owner finds them."""

import json
import re
import shutil
import stat

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic_scheduler.cli.demo import load_if_empty
from clinic_scheduler.db import db
from clinic_scheduler.models import Message
from clinic_scheduler.seeding.demo.clinic_setup import STAFF
from clinic_scheduler.seeding.demo.credentials import FILE, DemoKeys, keep, kept, new_passwords
from tests.functional.cli.loaded_demo import ADDRESS, MONDAY_MORNING, opened_in


def test_passwords_are_long_and_never_the_same():
    first, second = new_passwords(), new_passwords()
    assert set(first) == {entry.email for entry in STAFF}
    assert len({*first.values(), *second.values()}) == 2 * len(STAFF)
    assert all(len(password) >= 12 for password in first.values())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"passwords": {}}', '{"surprise": 1}'])
def test_a_file_of_keys_that_is_none_of_ours_is_no_keys(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    assert kept(tmp_path) is None


def test_keys_round_trip_through_their_file(tmp_path):
    keys = DemoKeys(new_passwords(), "D1001", "one", "two")
    keep(keys, tmp_path / "new")
    assert kept(tmp_path / "new") == keys
    assert json.loads((tmp_path / "new" / FILE).read_text())["patient_mrn"] == "D1001"


def test_the_demo_is_loaded_once_with_keys_for_the_owner_alone(loaded_demo, tmp_path):
    """In a copy, since whoever signs in leaves rows behind."""
    folder = shutil.copytree(loaded_demo("weekday in the morning"), tmp_path / "demo")
    data_dir = folder / "data"
    with opened_in(folder, MONDAY_MORNING) as app:
        with app.app_context():
            assert not load_if_empty(app)
            (body,) = db.session().scalars(select(Message.body).limit(1))
            assert f"{ADDRESS}/u/" in body
        assert stat.S_IMODE((data_dir / FILE).stat().st_mode) == 0o600
        keys = kept(data_dir)
        client = app.test_client()
        assert client.get(f"/calendar/{keys.patient_token}.ics").data.startswith(b"BEGIN:VCALENDAR")
        assert client.get(f"/calendar/{keys.provider_token}.ics").status_code == 200
        for email, password in keys.passwords.items():
            assert sign_in(app, email, password), email
        assert not sign_in(app, email, "not this one")


def sign_in(app: Flask, email: str, password: str) -> FlaskClient | None:
    """A browser that has signed in, or None where it was turned away."""
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    form = {"csrf_token": token, "email": email, "password": password}
    return client if client.post("/sign-in", data=form).status_code == 302 else None
