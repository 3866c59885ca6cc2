"""What the other record alone knows is the survivor’s once merged, column by column; undone, every row is as before."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from clinic_scheduler.domain.patients.merge_rules import RULES
from clinic_scheduler.models import Patient
from clinic_scheduler.services.patients.records import bring_in_line
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.integration.house import House
from tests.integration.merging import dump

# What the other record says, one case after the other; the record kept says what every record begins with.
KNOWN: Mapping[str, Any] = {
    "phone": "+12065550166",
    "email": "ada@example.org",
    "weight_kg": Decimal("34.5"),
    "weighed_on": date(2026, 3, 4),
    "deceased_on": date(2026, 11, 20),
    "moved_on": date(2026, 11, 20),
    "fallback_channel": "sms",
    "zone": "America/Denver",
    "preferred_channel": "sms",
    "language": "es",
    "calendar_by": "invitations",
    "do_not_contact": True,
}
BEGINS_WITH = {"preferred_channel": "email", "language": "en", "calendar_by": "feed", "do_not_contact": False}


@pytest.fixture
def house(app: Flask, cast: factories.Cast, clock: FrozenClock) -> House:
    return House(app, clock, cast)


@pytest.fixture
def other(house: House) -> int:
    """A second record of the cast's patient, with a course of its own."""

    def work(session: Any) -> int:
        patient = factories.person(session, house.cast.actor, house.now, mrn="A-999", given_name="Ada")
        factories.migraine(session, house.cast.actor, house.now, patient)
        return patient.id

    return house.change(work)


def say(house: House, patient_id: int, **values: Any) -> None:
    """Set columns bare, and let dates and reminders follow."""

    def work(session: Any) -> None:
        row = session.get_one(Patient, patient_id)
        for name, value in values.items():
            setattr(row, name, value)
        bring_in_line(session, row, house.now, "patient_edited")

    house.change(work)


def test_every_column_that_may_be_empty_has_a_case() -> None:
    merged = {name for name, rule in RULES.items() if rule.settle}
    empty = {column.name for column in Patient.__table__.columns if column.nullable} & merged
    assert empty <= set(KNOWN)


@pytest.mark.parametrize("column", KNOWN)
def test_what_only_the_other_record_knows_is_the_survivors_and_undone_it_is_not(
    desk: Visitor, house: House, other: int, column: str
) -> None:
    keep = house.cast.patient_id
    say(house, keep, **{column: BEGINS_WITH.get(column)})
    say(house, other, **{column: KNOWN[column]})
    before = dump(house)
    house.later(minutes=7)
    address = f"/patients/{keep}/merge"
    assert "Merge the records" in words(desk.get(f"{address}/{other}"))
    assert desk.post(f"{address}/{other}").status_code == 302
    assert house.row(Patient, keep)[column] == KNOWN[column]
    assert house.row(Patient, other)["merged_into_id"] == keep
    house.later(minutes=7)
    assert desk.post(f"{address}/{other}/undo").status_code == 302
    after = dump(house)
    for table, rows in before.items():
        assert after[table] == rows, table


def test_the_page_says_which_value_stays_and_whose_it_is(desk: Visitor, house: House, other: int) -> None:
    keep = house.cast.patient_id
    say(house, other, language="es", phone="+12065550166", given_name="Ada Ngozi", zone="America/Denver")
    look = desk.get(f"/patients/{keep}/merge/{other}")
    page = words(look)
    assert "Messages in Español A-999, the other record English" in page
    assert "Phone +12065550123 A-100, the record kept +12065550166" in page
    assert "Given name Adaeze A-100, the record kept Ada Ngozi" in page
    assert "Time zone America/Denver A-999, the other record The clinic’s" in page
    assert "Reminders by" not in page  # they agree
    # The other way round each has its own.
    assert "Messages in Español A-999, the record kept English" in words(
        desk.get(f"/patients/{other}/merge/{keep}")
    )


def test_a_language_set_by_hand_stays(desk: Visitor, house: House, other: int) -> None:
    """English that somebody changed the record to is no mere default."""
    keep = house.cast.patient_id
    say(house, other, language="es")
    say(house, keep, language="es")
    form = desk.get(f"/patients/{keep}/edit")
    fields = {
        "family_name": "Okonkwo", "given_name": "Adaeze", "birth_date": "1978-03-14", "mrn": "A-100",
        "phone": "+12065550123", "email": "", "preferred_channel": "email", "fallback_channel": "",
        "language": "en", "zone": "", "calendar_by": "feed", "weight_kg": "", "weighed_on": "",
        "version": _hidden(form.text, "version"),
    }  # fmt: skip
    assert desk.post(f"/patients/{keep}/edit", **fields).status_code == 302
    desk.post(f"/patients/{keep}/merge/{other}")
    assert house.row(Patient, keep)["language"] == "en"


def test_what_was_not_shown_is_not_merged(desk: Visitor, house: House, other: int) -> None:
    address = f"/patients/{house.cast.patient_id}/merge/{other}"
    version = _hidden(desk.get(address).text, "version")
    say(house, other, language="es")
    answer = desk.post(address, version=version)
    assert answer.status_code == 409
    assert "Somebody changed one of the two records" in words(answer)
    assert "Messages in Español" in words(answer)
    assert house.row(Patient, other)["merged_into_id"] is None
    assert desk.post(address, version=_hidden(answer.text, "version")).status_code == 302


def test_two_desks_merge_the_two_into_each_other_at_once(app: Flask, house: House, other: int) -> None:
    """One of them is first; the other is told that a record was merged before, or finds nothing left to do."""
    keep = house.cast.patient_id
    begin = threading.Barrier(2)

    def merges(into: int, given_up: int) -> int:
        browser = Visitor(app.test_client())
        assert browser.sign_in().status_code == 302
        begin.wait(60)
        return browser.post(f"/patients/{into}/merge/{given_up}").status_code

    with ThreadPoolExecutor(2) as desks:
        both = [desks.submit(merges, keep, other), desks.submit(merges, other, keep)]
        answers = sorted(each.result() for each in both)
    assert answers == [302, 409]
    signposts = [house.row(Patient, patient_id)["merged_into_id"] for patient_id in (keep, other)]
    assert signposts in ([None, keep], [other, None])


def _hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]
