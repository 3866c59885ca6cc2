"""The demo's passwords and links: long, never the same, and kept where its owner finds them."""

import json

import pytest

from clinic_scheduler.seeding.demo.clinic_setup import STAFF
from clinic_scheduler.seeding.demo.credentials import FILE, DemoKeys, keep, kept, new_passwords


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
