"""Toxin given elsewhere on its pages: entered in as much as is known, what it changed, taken out and back."""

import csv
import io
from datetime import date

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.importing import read_log
from clinic_scheduler.models import Treatment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

DYSPORT = "abobotulinumtoxinA"


@pytest.fixture
def address(cast: factories.Cast) -> str:
    return f"/patients/{cast.patient_id}/given-elsewhere"


def filled(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {"day": "1", "month": "11", "year": "2026", "known_from": "patient"}
    return (
        fields | {"product": "", "units": "", "indication": "", "given_at": "", "key": "one-form"} | changes
    )


def kept(app: Flask) -> list[Treatment]:
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Treatment).filter(Treatment.course_id.is_(None)).order_by(Treatment.id).all()
        session.expunge_all()
        return rows


def test_from_the_patients_page_to_what_it_changed(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str, booked: int
) -> None:
    page = desk.get(f"/patients/{cast.patient_id}")
    assert f'href="{address}"' in page.text
    assert "Given elsewhere" not in words(page)
    form = desk.get(address)
    assert "Leave the day empty if only the month is known" in words(form)
    known = filled(
        product=factories.ONABOT, units="155", indication=factories.MIGRAINE, given_at="Bay Clinic"
    )
    answer = desk.post(address, **known | {"key": desk.key})
    assert answer.status_code == 302, words(answer)
    shown = words(desk.get(answer.location))
    assert "Toxin given elsewhere is kept" in shown
    assert "Given 01-Nov-2026 Product Botox (onabotulinumtoxinA) Units 155 U For Chronic migraine" in shown
    assert "Where Bay Clinic Known from The patient said so" in shown
    assert "Earliest date Chronic migraine, Botox (onabotulinumtoxinA) 23-Nov-2026 24-Jan-2027" in shown
    assert "This visit stands under Booking problems. Nothing was moved or cancelled." in shown
    assert "Tue 24-Nov-2026 10:15, Dr Amara Reid Booked too early" in shown
    assert "Entered in error" not in shown  # a provider's word
    (row,) = kept(app)
    assert (row.given_on, row.is_approximate, row.given_at) == (date(2026, 11, 1), False, "Bay Clinic")


def test_what_nobody_knows_is_said_to_be_unknown(
    desk: Visitor, cast: factories.Cast, app: Flask, address: str
) -> None:
    answer = desk.post(address, **filled(day="", month="10"))
    shown = words(desk.get(answer.location))
    assert "Given About, by 31-Oct-2026 Product Not known Units Not known For Not known" in shown
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Given elsewhere Toxin given elsewhere Given Units" in page
    assert "About, by 31-Oct-2026 Units not known Product not known Not known Given elsewhere" in page
    assert "Diamond: given elsewhere (?: units not known)" in page
    assert "an unknown dose elsewhere by 31-Oct-2026" in page
    (row,) = kept(app)
    assert (row.given_on, row.is_approximate, row.units, row.product) == (
        date(2026, 10, 31),
        True,
        None,
        None,
    )


def test_what_was_cosmetic_is_said_to_be_something_else(
    desk: Visitor, cast: factories.Cast, address: str
) -> None:
    answer = desk.post(address, **filled(product=DYSPORT, indication="other", given_at="<b>Skin</b> Studio"))
    shown = words(desk.get(answer.location))
    assert "No date of a course changes by it." in shown
    assert "How the courses stand now Chronic migraine, Botox (onabotulinumtoxinA) Due now" in shown
    assert "Other toxin given" in shown
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Dysport (abobotulinumtoxinA) Something else Given elsewhere (<b>Skin</b> Studio)" in page
    assert "Other toxin given" in page


def test_sent_twice_it_is_kept_once(desk: Visitor, app: Flask, address: str) -> None:
    where = {desk.post(address, **filled()).location for _ in range(2)}
    assert len(where) == len(kept(app)) == 1


@pytest.mark.parametrize("altered", [{"day": "2"}, {"units": "300"}, {"product": DYSPORT}])
def test_a_used_form_with_something_else_in_it_is_refused(
    desk: Visitor, app: Flask, address: str, altered: dict[str, str]
) -> None:
    assert desk.post(address, **filled(units="100")).status_code == 302
    answer = desk.post(address, **filled(units="100") | altered)
    assert answer.status_code == 409
    assert "This page was used already, and what it recorded stands: 100 U on 01-Nov-2026" in words(answer)
    assert len(kept(app)) == 1


WRONG = [
    ({"year": ""}, "Enter the year, even if nothing more is known"),
    ({"year": "last"}, "Enter the year in digits"),
    ({"day": "x"}, "Enter the day in digits"),
    ({"day": "32"}, "A day lies between 1 and 31"),
    ({"day": "31"}, "There is no such day; check day, month and year. Nothing was recorded."),
    ({"month": ""}, "A day needs its month"),
    ({"day": "24"}, "24-Nov-2026 is in the future"),
    ({"day": "", "month": "12"}, "31-Dec-2026 is in the future"),
    ({"year": "1026"}, "check the year. Nothing was recorded."),
    ({"known_from": ""}, "Choose how it is known"),
    ({"units": "0"}, "Leave the units empty if nobody knows them"),
    ({"units": "-5"}, "Units lie between 0 and 20000"),
    ({"units": "1e20"}, "Units lie between 0 and 20000"),
    ({"units": "100,5"}, "Enter a number, such as 155 or 12.5"),
    ({"units": "sNaN"}, "Enter a number, such as 155 or 12.5"),
    ({"units": "0.001"}, "Round this number to two decimals"),
    ({"product": "water"}, "Not a valid choice"),
    ({"given_at": "x" * 121}, "Where may have at most 120 characters"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_a_slip_is_told_and_what_was_typed_stays(
    desk: Visitor, app: Flask, address: str, changes: dict[str, str], said: str
) -> None:
    answer = desk.post(
        address, **filled(**{"notes": "Told on the phone", "given_at": "Bay Clinic"} | changes)
    )
    assert answer.status_code == 422
    page = words(answer)
    assert page.count(said) == 2  # in the summary and at its field
    assert "Told on the phone" in page
    if "given_at" not in changes:
        assert 'value="Bay Clinic"' in answer.text
    assert 'value="one-form"' in answer.text
    assert kept(app) == []


def test_a_provider_takes_it_out_and_back(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, address: str, booked: int
) -> None:
    desk.post(address, **filled(units="155"))
    (row,) = kept(app)
    ask = f"/given-elsewhere/{row.id}/void"
    assert desk.get(ask).status_code == 403
    assert desk.post(f"{ask}/undo").status_code == 403
    asked = provider.get(ask)
    assert "It stays on record and counts for nothing" in words(asked)
    assert "Recorded under the wrong course" not in words(asked)
    refused = provider.post(ask, reason="")
    assert refused.status_code == 422
    assert words(refused).count("Choose why it is taken out") == 2
    answer = provider.post(ask, reason="wrong_patient")
    shown = words(provider.get(answer.location))
    assert "Taken out" in shown
    assert "Earliest date Chronic migraine, Botox (onabotulinumtoxinA) 24-Jan-2027 23-Nov-2026" in shown
    assert "No visit of the patient stands under Booking problems" in shown
    assert "It is taken out already" in words(provider.get(ask))
    page = words(provider.get(f"/patients/{cast.patient_id}"))
    assert "01-Nov-2026, 155 U, given elsewhere : recorded for the wrong patient" in page
    answer = provider.post(f"{ask}/undo")
    assert "It counts again" in words(provider.get(answer.location))
    assert kept(app)[0].voided_at is None


def test_who_may_and_whose_it_is(
    desk: Visitor, app: Flask, cast: factories.Cast, other_cast: factories.Cast, address: str
) -> None:
    theirs = f"/patients/{other_cast.patient_id}/given-elsewhere"
    assert desk.get(theirs).status_code == 404
    assert desk.post(theirs, **filled()).status_code == 404
    assert desk.get("/given-elsewhere/1").status_code == 404  # that one was given here
    location = desk.post(address, **filled()).location
    reader = Visitor(app.test_client())
    reader.sign_in("read_only")
    assert reader.get(location).status_code == 200
    assert reader.get(address).status_code == 403
    assert "Add toxin given elsewhere" not in words(reader.get(f"/patients/{cast.patient_id}"))


def test_the_export_has_it(desk: Visitor, visitor: Visitor, app: Flask, address: str) -> None:
    desk.post(
        address, **filled(day="", product=DYSPORT, indication="other", given_at="=Skin", notes="Forehead")
    )
    admin = Visitor(app.test_client())
    admin.sign_in("admin")
    text = admin.get("/exports/treatments.csv").data.decode("utf-8-sig")
    here, elsewhere = csv.DictReader(io.StringIO(text))
    assert (here["Kind"], here["About"], here["Known From"]) == ("cycle", "no", "")
    wanted = ("Diagnosis", "Product", "Date of Service", "Units", "Kind", "Location", "About", "Known From")
    assert [elsewhere[name] for name in wanted] == [
        *("Something else", DYSPORT, "2026-11-23", "", "Given elsewhere", "'=Skin", "yes"),
        "The patient said so",
    ]


def test_the_export_reads_back_to_the_letter(
    desk: Visitor, app: Flask, address: str, clock: FrozenClock
) -> None:
    told = [("patient", "=1+1"), ("clinic", "'=1+1"), ("pharmacy", "-5 U; @home"), ("patient", "'tis so")]
    for number, (source, notes) in enumerate(told, 1):
        desk.post(address, **filled(day=str(number), known_from=source, notes=notes, key=f"form-{number}"))
    admin = Visitor(app.test_client())
    admin.sign_in("admin")
    export = admin.get("/exports/treatments.csv").data
    assert b",'=1+1," in export
    assert b",''=1+1," in export
    reading = read_log(export, as_of=clock.now().date())
    assert [(row.known_from, row.notes) for row in reading.rows if row.elsewhere] == told


def test_other_pages_stand_an_unknown_dose(
    desk: Visitor, cast: factories.Cast, provider: Visitor, address: str, clock: FrozenClock
) -> None:
    desk.post(address, **filled())
    for page in (
        f"/patients/{cast.patient_id}",
        f"/courses/{cast.course_id}/why",
        f"/courses/{cast.course_id}/book",
        f"/courses/{cast.course_id}/treatments/new",
        f"/courses/{cast.course_id}/next",
        f"/patients/{cast.patient_id}/edit",
        "/due?tab=all",
    ):
        assert desk.get(page).status_code == 200, page
    assert provider.get("/provider?provider=1").status_code == 200
