"""Saying what a log's columns and words are, in the browser: asked once, remembered, changed and forgotten."""

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic_scheduler.db import db
from clinic_scheduler.models import ImportMapping, Treatment
from tests import factories
from tests.functional.web.conftest import Visitor, words

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


def send(admin: Visitor, content: str, **more: str) -> TestResponse:
    admin.get("/imports")
    return admin.post("/imports", log=(io.BytesIO(content.encode()), "log.csv"), **more)


def kept(app: Flask) -> list[str]:
    folder: Path = app.extensions["clinic"].settings.data_dir / "uploads"
    return sorted(path.suffix for path in folder.glob("*"))


def test_unknown_headers_are_asked_about_chosen_and_remembered(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    assert send(admin, LOG).location == "/imports/columns"
    page = words(admin.get("/imports/columns"))
    assert "Ref" in page
    assert "numbers like those of patients" in page
    assert admin.post("/imports/columns", **CHOSEN, remember="on").location == "/imports/check"
    assert "Would add 4 patients, 4 courses, 4 treatments" in words(admin.get("/imports/check"))
    admin.post("/imports/run")
    assert kept(app) == [".json"]
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
    twice = admin.post("/imports/columns", **CHOSEN | {"c8": "units"})
    assert "Two columns are chosen for: units given." in words(twice)
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
    assert admin.post("/imports/columns", **CHOSEN, remember="on").location == "/imports/columns/words"
    page = words(admin.get("/imports/columns/words"))
    assert all(word in page for word in ("Toxin A", "HA clinic", "AR", "A new provider"))
    said = {"w0": "onabotulinumtoxinA", "w1": "chronic_migraine", "w2": ""}
    assert admin.post("/imports/columns/words", **said).location == "/imports/check"
    admin.get("/imports/check")
    admin.post("/imports/run")
    with app.app_context():
        given = db.session.scalars(select(Treatment).where(Treatment.lot.like("C%11"))).all()
        assert {(row.product, float(row.units)) for row in given} == {("onabotulinumtoxinA", 155.0)}
        row = db.session.scalars(select(ImportMapping)).one()
        assert row.mapping["products"] == {"Toxin A": "onabotulinumtoxinA"}


def test_a_sure_file_may_be_looked_at_first(admin: Visitor, app: Flask, cast: factories.Cast) -> None:
    sure = LOG.replace("Ref,", "MRN,").replace("Volume", "Units")
    assert send(admin, sure, look="y").location == "/imports/columns"
    assert "0 columns need you." in words(admin.get("/imports/columns"))
    assert kept(app) == [".asked", ".upload"]
    admin.get("/imports")
    admin.post("/imports/drop")
    assert kept(app) == []
    assert admin.get("/imports/columns").status_code == 404


def test_remembered_columns_are_changed_saved_as_a_file_and_forgotten(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/columns")
    admin.post("/imports/columns", **CHOSEN, remember="on")
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
