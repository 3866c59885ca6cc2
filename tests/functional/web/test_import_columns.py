"""Saying what a log's columns and words are, in the browser: asked once, remembered, changed and forgotten."""

import json
import re
import stat

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic_scheduler.db import db
from clinic_scheduler.models import ImportMapping, Treatment
from tests import factories
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.uploads import kept, read_to_its_end, send

HEADER = "Ref,Last Name,First Name,DOB,Diagnosis,Product,DOS,Volume,Lot,Provider\n"
LOG = HEADER + "".join(
    f"N-10{n},Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,6/{n + 14}/2026,155,C{n}11,Dr. Amara Reid\n"
    for n in range(1, 5)
)
CHOSEN = {
    "c0": "mrn", "c1": "family_name", "c2": "given_name", "c3": "birth_date", "c4": "diagnosis", "c5": "product",
    "c6": "given_on", "c7": "units", "c8": "lot", "c9": "provider_name",
}  # fmt: skip


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def say(admin: Visitor, address: str, **said: str) -> TestResponse:
    """Send what a person says of the log, and wait until it is read by that."""
    return read_to_its_end(admin, admin.post(address, **said))


def answers(page: TestResponse, meant: dict[str, str]) -> dict[str, str]:
    """The form of words as a browser sends it: what is not meant otherwise is left as it is."""
    asked = re.findall(r'name="(w\w+)" aria-label="(.+?) means"', page.text)
    return {name: meant.get(word, "") for name, word in asked}


def endings(app: Flask) -> list[str]:
    """Of what is kept for an upload; a word that leads from an old name to the new one is none of it."""
    return [path.suffix for path in kept(app) if path.suffix != ".moved"]


def test_unknown_headers_are_asked_about_chosen_and_remembered(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    assert send(admin, LOG).location == "/imports/columns"
    page = words(admin.get("/imports/columns"))
    assert "Ref" in page
    assert "numbers like those of patients" in page
    assert say(admin, "/imports/columns", **CHOSEN, remember="on").location == "/imports/check"
    assert "Would add 4 patients, 4 courses, 4 treatments" in words(admin.get("/imports/check"))
    admin.post("/imports/run")
    assert endings(app) == [".json"]
    assert send(admin, LOG).location == "/imports/check"
    assert "Already there 4" in words(admin.get("/imports/check"))


def test_what_is_missing_or_chosen_twice_is_said_and_the_choices_stay(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    answer = admin.post("/imports/columns", **CHOSEN | {"c7": ""})
    assert answer.status_code == 422
    assert "No column is chosen yet for: units given." in words(answer)
    assert '<option value="mrn" selected>' in answer.text
    assert "1 column needs you, then check the file." in words(answer)
    twice = admin.post("/imports/columns", **CHOSEN | {"c8": "units"})
    assert "Two columns are chosen for: units given." in words(twice)
    assert words(twice).count("another column is the units given as well") == 2
    with app.app_context():
        assert db.session.scalars(select(ImportMapping)).all() == []


def test_unknown_words_are_asked_about_next_and_mean_what_is_said(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    log = (
        LOG.replace("Botox", "Toxin A")
        .replace("Chronic migraine", "HA clinic")
        .replace("Dr. Amara Reid", "AR")
    )
    send(admin, log)
    admin.get("/imports/columns")
    assert say(admin, "/imports/columns", **CHOSEN, remember="on").location == "/imports/columns/words"
    page = admin.get("/imports/columns/words")
    assert all(word in words(page) for word in ("Toxin A", "HA clinic", "AR", "A new provider"))
    assert "3 words need you, then check the file." in words(page)
    said = answers(page, {"Toxin A": "onabotulinumtoxinA", "HA clinic": "chronic_migraine"})
    assert say(admin, "/imports/columns/words", **said).location == "/imports/check"
    admin.get("/imports/check")
    admin.post("/imports/run")
    with app.app_context():
        given = db.session.scalars(select(Treatment).where(Treatment.lot.like("C%11"))).all()
        assert {(row.product, float(row.units)) for row in given} == {("onabotulinumtoxinA", 155.0)}
        row = db.session.scalars(select(ImportMapping)).one()
        assert row.mapping["products"] == {"Toxin A": "onabotulinumtoxinA"}
        assert row.mapping["leave"] == {"providers": ["AR"]}


def test_words_left_as_they_are_are_not_asked_about_again_until_settings_say_so(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    sure = LOG.replace("Ref,", "MRN,").replace("Volume", "Units").replace("Lot,Provider", "Lot,Place")
    log = sure.replace("Botox", "Toxin A", 1).replace("Dr. Amara Reid", "Annex")
    assert send(admin, log, look=True).location == "/imports/columns"
    chosen = CHOSEN | {"c9": "location"}
    assert say(admin, "/imports/columns", **chosen, remember="on").location == "/imports/columns/words"
    page = admin.get("/imports/columns/words")
    assert "Annex Place 4" in words(page)
    left = say(admin, "/imports/columns/words", **answers(page, {}))
    assert left.location == "/imports/check", words(left)
    assert send(admin, log).location == "/imports/check"
    page = admin.get("/settings/import-mappings/1")
    assert "Leave these rows out" in words(page)
    said = answers(page, {"Toxin A": "?again", "Annex": "Bay Clinic"})
    assert admin.post("/settings/import-mappings/1/words", **said).status_code == 302
    assert send(admin, log).location == "/imports/columns/words"
    with app.app_context():
        mapping = db.session.scalars(select(ImportMapping)).one().mapping
        assert ("leave" in mapping, mapping["places"]) == (False, {"Annex": "Bay Clinic"})
    admin.get("/settings/import-mappings/1")
    place = next(name for name in answers(admin.get("/settings/import-mappings/1"), {}))
    assert "Bay Clinic" in admin.get("/settings/import-mappings/1").text
    assert admin.post("/settings/import-mappings/1/words", **{place: ""}).status_code == 302


def test_pressing_twice_or_going_back_leads_to_where_the_work_is(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    with admin.client.session_transaction() as session:
        before = session["import"]
    assert say(admin, "/imports/columns", **CHOSEN, remember="on").location == "/imports/check"
    # The browser gave up waiting for the first answer: it still has the upload's name from before.
    with admin.client.session_transaction() as session:
        assert session["import"] != before
        session["import"] = before
    assert say(admin, "/imports/columns", **CHOSEN, remember="on").location == "/imports/check"
    assert admin.get("/imports/check").status_code == 200
    assert "Chosen" in words(admin.get("/imports/columns"))
    assert say(admin, "/imports/columns", **CHOSEN | {"c8": ""}).location == "/imports/check"
    assert "Columns not used Lot" in words(admin.get("/imports/check"))
    admin.post("/imports/run")
    for address in ("/imports/columns", "/imports/columns/words"):
        assert admin.get(address).location == "/imports/check"
        assert admin.post(address, **CHOSEN).location == "/imports/check"
    assert admin.get("/imports/check").location == "/imports/result"


def test_what_is_remembered_and_fits_no_more_is_said_with_the_columns(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    say(admin, "/imports/columns", **CHOSEN, remember="on")
    admin.get("/settings/import-mappings/1")
    admin.post("/settings/import-mappings/1", mapping='{"columns": {"mrn": "Chart"}}')
    assert send(admin, LOG).location == "/imports/columns"
    page = admin.get("/imports/columns")
    assert "The mapping names “Chart”" in words(page).replace('"Chart"', "“Chart”")
    assert "2 columns need you, then check the file." in words(page)
    assert say(admin, "/imports/columns", **CHOSEN, remember="on").location == "/imports/check"


def test_a_sure_file_may_be_looked_at_first(admin: Visitor, app: Flask, cast: factories.Cast) -> None:
    sure = LOG.replace("Ref,", "MRN,").replace("Volume", "Units")
    assert send(admin, sure, look=True).location == "/imports/columns"
    assert "No column needs you: check the file." in words(admin.get("/imports/columns"))
    assert endings(app) == [".asked", ".look", ".reading", ".upload"]
    admin.get("/imports")
    admin.post("/imports/drop")
    assert kept(app) == []
    assert admin.get("/imports/columns").status_code == 404


def test_words_without_which_rows_would_be_left_out_are_asked_about_at_once(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    sure = LOG.replace("Ref,", "MRN,").replace("Volume", "Units")
    unknown = sure.replace("Botox", "Toxin A", 1).replace("Chronic migraine", "HA clinic", 1)
    assert send(admin, unknown).location == "/imports/columns/words"
    page = admin.get("/imports/columns/words")
    assert [word in words(page) for word in ("Toxin A", "HA clinic", "Dr. Amara Reid")] == [True, True, False]
    assert say(admin, "/imports/columns/words", **answers(page, {})).location == "/imports/check"
    assert "is not a botulinum toxin" in words(admin.get("/imports/check"))
    # A change of mind: the same upload, read anew.
    said = answers(admin.get("/imports/columns/words"), {"Toxin A": "onabotulinumtoxinA"})
    assert say(admin, "/imports/columns/words", **said).location == "/imports/check"
    assert "is not a botulinum toxin" not in words(admin.get("/imports/check"))
    assert endings(app) == [".asked", ".json", ".look", ".rows", ".upload"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept(app)} == {0o600}


def test_a_new_provider_alone_stops_nobody(admin: Visitor, cast: factories.Cast) -> None:
    sure = LOG.replace("Ref,", "MRN,").replace("Volume", "Units").replace("Dr. Amara Reid", "Dr. Nobody")
    assert send(admin, sure).location == "/imports/check"
    assert "Look at the columns" in words(admin.get("/imports/check"))
    assert "No column needs you: 1 word, then check the file." in words(admin.get("/imports/columns"))


def test_choices_of_an_upload_that_is_gone_are_not_taken(admin: Visitor, cast: factories.Cast) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    admin.post("/imports/drop")
    assert admin.post("/imports/columns", **CHOSEN).status_code == 404
    assert admin.post("/imports/columns/words").status_code == 404


def test_remembered_columns_are_changed_saved_as_a_file_and_forgotten(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    say(admin, "/imports/columns", **CHOSEN, remember="on")
    page = admin.get("/settings/import-mappings")
    assert "Ref, Last Name, First Name" in words(page)
    saved = admin.get("/settings/import-mappings/1/mapping.json")
    mapping = json.loads(saved.data)
    assert mapping["columns"]["mrn"] == "Ref"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="import-mapping.json"'
    admin.get("/settings/import-mappings/1")
    wrong = admin.post("/settings/import-mappings/1", mapping='{"colums": {}}')
    assert wrong.status_code == 422
    assert "unknown key: colums" in words(wrong)
    mapping["providers"] = {"AR": "Dr. Amara Reid"}
    assert admin.post("/settings/import-mappings/1", mapping=json.dumps(mapping)).status_code == 302
    with app.app_context():
        assert db.session.scalars(select(ImportMapping)).one().mapping["providers"] == {
            "AR": "Dr. Amara Reid"
        }
    admin.get("/settings/import-mappings")
    admin.post("/settings/import-mappings/1/forget")
    assert "Nothing yet" in words(admin.get("/settings/import-mappings"))
    assert send(admin, LOG).location == "/imports/columns"


def test_the_help_page_names_headers_in_four_languages(admin: Visitor, cast: factories.Cast) -> None:
    page = words(admin.get("/imports/help"))
    assert all(name in page for name in ("MRN Number", "Patientennummer", "N° patient", "Nº historia"))
