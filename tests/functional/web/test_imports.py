"""Importing a log in the browser: checked first, in steps or at once, nothing left behind; exports that read back."""

import csv
import io
import json
import stat
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.importing import read_log
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.sweep_uploads import sweep_uploads
from clinic_scheduler.models import AuditEvent, Patient, Provider, Treatment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.uploads import HEADER, LOG, kept, send


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def counted(app: Flask, *tables: Any) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_a_file_is_checked_first_and_nothing_is_written(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    before = counted(app, Patient, Treatment, Provider)
    answer = send(admin, LOG)
    assert answer.location == "/imports/check"
    page = words(admin.get(answer.location))
    assert "Nothing was added yet" in page
    assert "Would add 2 patients, 2 courses, 3 treatments" in page
    assert "month/day/year" in page
    assert "New providers Dr New Person; with standard hours" in page
    assert "Line 4 Units =1+1" in page
    assert "Line 6 Whole row None this MRN belongs to somebody born on another day" in page
    assert counted(app, Patient, Treatment, Provider) == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept(app)} == {0o600}
    assert not any("log" in path.name or "N-1" in path.name for path in kept(app))


def test_without_script_it_is_imported_at_once_and_the_rows_are_gone(
    admin: Visitor, app: Flask, cast: factories.Cast
) -> None:
    send(admin, LOG)
    admin.get("/imports/check")
    answer = admin.post("/imports/run")
    assert answer.location == "/imports/result"
    page = words(admin.get(answer.location))
    assert "Added 2 patients, 2 courses, 3 treatments" in page
    assert counted(app, Patient, Treatment, Provider) == [3, 4, 3]
    assert [path.suffix for path in kept(app)] == [".json"]
    assert admin.get("/imports/check").location == "/imports/result"
    problems = admin.get("/imports/problems.csv")
    assert problems.headers["Content-Disposition"] == 'attachment; filename="import-problems.csv"'
    rows = list(csv.DictReader(io.StringIO(problems.data.decode("utf-8-sig"))))
    assert [(row["Line"], row["Value"], row["Severity"]) for row in rows] == [
        ("4", "'=1+1", "error"),
        ("6", "", "error"),
    ]
    told = json.loads(admin.get("/imports/report.json").data)
    assert told["added"] == {
        "patients": 2,
        "courses": 2,
        "treatments": 3,
        "elsewhere": 0,
        "courses_closed": 0,
        "need_a_course": 0,
        "providers": ["Dr New Person"],
    }
    assert not told["dry_run"]
    assert "Deleted" in words(admin.get(admin.post("/imports/drop").location))
    assert kept(app) == []
    send(admin, LOG)
    assert "Already there 3" in words(admin.get("/imports/check"))
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject == "log")).one()
        assert event.details == {"patients": 2, "courses": 2, "treatments": 3, "known": 0}


BY_VIAL = HEADER + (
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,6/19/2026,100,C1,Dr Amara Reid\n"
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,6/19/2026,100,C1,Dr Amara Reid\n"
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,9/21/2026,100,C1,Dr Amara Reid\n"
    "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,9/21/2026,55,C2,Dr Amara Reid\n"
)


@pytest.mark.parametrize(
    ("answers", "given"), [((), [200, 155]), (("once",), [100, 155]), (("once", "keep"), [200, 155])]
)
def test_identical_rows_are_asked_about_before_anything_is_added(
    admin: Visitor, app: Flask, cast: factories.Cast, answers: tuple[str, ...], given: list[int]
) -> None:
    send(admin, BY_VIAL)
    page = words(admin.get("/imports/check"))
    assert "4: 2 visits of 1 patients, 0 repeats, 0 left out. This file has several rows a visit" in page
    assert "1 identical rows: one injection written twice, or two vials?" in page
    assert "Lines 3 (as 2)." in page
    for answer in answers:
        assert admin.post("/imports/identical", identical=answer).location == "/imports/check"
        assert "Would add 1 patients, 1 courses, 2 treatments" in words(admin.get("/imports/check"))
    admin.post("/imports/run")
    with app.app_context():
        added = select(Treatment.units).join(Patient).where(Patient.mrn == "N-1")
        assert list(db.session.scalars(added.order_by(Treatment.given_on))) == given


def test_steps_say_how_far_they_are_and_the_same_step_twice_is_once(
    admin: Visitor, app: Flask, cast: factories.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_scheduler.web.imports.import_pages.PATIENTS_A_STEP", 2)
    send(admin, LOG)
    admin.get("/imports/check")
    assert admin.post("/imports/step", at="0").json == {
        "done": 2,
        "total": 3,
        "finished": False,
        "result": "/imports/result",
    }
    again = admin.post("/imports/step", at="0").json
    assert again is not None
    assert (again["done"], again["finished"]) == (2, False)
    assert "2 of 3 patients are imported" in words(admin.get("/imports/check"))
    assert admin.get("/imports/result").location == "/imports/check"
    last = admin.post("/imports/step", at="2").json
    assert last is not None
    assert (last["done"], last["finished"]) == (3, True)
    assert counted(app, Patient) == [3]
    assert "Added 2 patients, 2 courses, 3 treatments" in words(admin.get("/imports/result"))


def test_a_mapping_file_names_columns_and_a_wrong_one_is_said(admin: Visitor, cast: factories.Cast) -> None:
    log = LOG.replace("MRN,", "Kolom 1,")
    assert send(admin, log).location == "/imports/columns"
    wrong = send(admin, log, mapping='{"colums": {}}')
    assert wrong.status_code == 422
    assert 'href="#mapping"' in wrong.text
    assert send(admin, log, mapping='{"columns": {"mrn": "Kolom 1"}}').location == "/imports/check"


@pytest.mark.parametrize("content", ["", "%PDF-1.7", "hello"])
def test_what_is_no_log_is_refused_with_advice(admin: Visitor, app: Flask, content: str) -> None:
    answer = send(admin, content)
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    assert kept(app) == []
    assert admin.post("/imports").status_code == 422


def test_an_upload_is_one_sign_ins_and_is_gone_after_an_hour(
    admin: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    send(admin, LOG)
    other = Visitor(app.test_client())
    other.sign_in("admin")
    assert other.get("/imports/check").status_code == 404
    assert other.post("/imports/step", at="0").status_code == 404
    assert other.get("/imports/columns").status_code == 404
    endings = [".asked", ".json", ".look", ".rows", ".upload"]
    assert [path.suffix for path in kept(app)] == endings
    clock.move(timedelta(minutes=61))
    admin.sign_in("admin")
    assert admin.get("/imports/check").status_code == 404
    assert admin.get("/imports/columns").status_code == 404
    assert [path.suffix for path in kept(app)] == endings  # no page sweeps; the worker does
    assert sweep_uploads(tools_of(app)) == {"deleted": 5}
    assert kept(app) == []


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_administrators_import_and_export(visitor: Visitor, role: str) -> None:
    visitor.sign_in(role)
    for address in ("/imports", "/imports/check", "/imports/result", "/imports/problems.csv"):
        assert visitor.get(address).status_code == 403
    assert visitor.get("/exports/treatments.csv").status_code == 403
    assert visitor.get("/exports/courses.csv").status_code == 403
    assert visitor.post("/imports/run").status_code == 403


def test_the_exported_log_reads_back_row_for_row(
    admin: Visitor, app: Flask, cast: factories.Cast, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    send(admin, LOG)
    admin.post("/imports/run")
    with app.app_context(), unit_of_work() as session:
        patient = session.get_one(Patient, cast.patient_id)
        patient.weight_kg, patient.weighed_on = 70, date(2026, 8, 31)
    answer = admin.get("/exports/treatments.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="treatments.csv"'
    read = read_log(answer.data, as_of=factories.local_day(clock.now()))
    assert read.errors == ()
    assert [(row.mrn, row.given_on, row.units) for row in read.rows] == [
        ("A-100", date(2026, 8, 31), 155.0),
        ("N-1", date(2026, 6, 19), 155.0),
        ("N-1", date(2026, 9, 21), 155.0),
        ("N-3", date(2026, 9, 23), 155.0),
    ]
    assert (read.rows[0].phone, read.rows[0].weight_kg) == ("+12065550123", 70.0)
    assert send(admin, answer.data.decode()).location == "/imports/check"
    page = words(admin.get("/imports/check"))
    # Also the one entered by hand, by its day and units.
    assert "Would add 0 patients, 0 courses, 0 treatments Already there 4" in page
    courses = list(csv.DictReader(io.StringIO(admin.get("/exports/courses.csv").data.decode("utf-8-sig"))))
    assert sorted(row["MRN"] for row in courses) == ["A-100", "N-1", "N-3"]
    with app.app_context():
        kept_events = (
            select(AuditEvent.subject).where(AuditEvent.action == "exported").order_by(AuditEvent.id)
        )
        assert list(db.session.scalars(kept_events)) == ["treatments", "courses"]
