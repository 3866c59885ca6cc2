"""flask import-log on a clinic's whole log: its numbers, its report, and importing again in every way."""

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import terminal
from clinic_scheduler.db import unit_of_work
from clinic_scheduler.importing.columns.remembered import header_fingerprint
from clinic_scheduler.models import AuditEvent, Clinic, Course, Patient, Treatment
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports import applying
from clinic_scheduler.services.imports.mappings import remember
from tests.functional.cli.logs import LOG, contents, counts, import_log, row, run, written

# The name import_log in its package is the command itself.
command = sys.modules["clinic_scheduler.cli.import_log"]
GIVEN_BY_MRN = select(Patient.mrn, func.count(Treatment.id)).join(Treatment).group_by(Patient.mrn)
# One of the treatments is for an indication the clinic does not offer: kept, and under no course.
WHOLE = {"patients": 400, "courses": 430, "treatments": 1981}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report.json"


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """The log's first two hundred rows."""
    file = tmp_path / "part.csv"
    file.write_text("\n".join(lines()[:201]) + "\n", encoding="utf-8")
    return file


def added(report: Path) -> dict[str, int]:
    return {name: json.loads(report.read_text("utf-8"))["added"][name] for name in WHOLE}


def in_database(app: Flask) -> dict[str, int]:
    return {name: counts(app)[name] for name in WHOLE}


def lines() -> list[str]:
    """The log's physical rows; the one with a line break in its notes is kept in one piece."""
    text = LOG.read_bytes().decode("utf-8-sig").replace('?""\nLVM', '?"" LVM')
    return text.splitlines()


def test_a_whole_log_and_its_report(app: Flask, report: Path) -> None:
    said = import_log(app, LOG, "--report", report)
    assert (
        "2002 rows = 1981 visits of 400 patients, 12 repeats, 9 bad rows.\nThis file has one row a visit"
        in said.output
    )
    outcome = json.loads(report.read_text("utf-8"))
    assert {
        key: outcome[key] for key in ("rows", "treatments", "patients", "courses", "repeats", "bad_rows")
    } == {
        "rows": 2002,
        "treatments": 1981,
        "patients": 400,
        "courses": 431,
        "repeats": 12,
        "bad_rows": 9,
    }
    assert in_database(app) == WHOLE == added(report)
    assert set(outcome["problems"][0]) == {"line", "column", "value", "reason", "severity"}
    assert [problem["line"] for problem in outcome["problems"]][:3] == [10, 31, 323]
    assert outcome["added"]["elsewhere"] == 1
    assert len(outcome["repeated"]) == 12
    assert outcome["added"]["providers"] == ["Dr. Chloe Varga", "Dr. Ben Sato", "Dr. Amara Reid"]
    assert contents(app, select(Clinic.name, Clinic.zone)) == [("Van Ness", "America/Los_Angeles")]
    again = import_log(app, LOG, "--report", report)
    assert "Added 0 patients, 0 courses, 0 treatments; 1981 were there already." in again.output
    assert in_database(app) == WHOLE
    assert run(app, "recompute").output == "0 differences\n"
    actions = select(AuditEvent.action, func.count()).where(AuditEvent.subject != "clinics")
    assert dict(contents(app, actions.group_by(AuditEvent.action))) == {
        "added": 403,
        "opened": 430,
        "imported": 400,
    }
    assert contents(app, select(Course.id).where(Course.reminders_planned_at.is_not(None))) == []


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
def test_the_same_rows_in_another_order_add_nothing_but_the_one_that_was_mended(
    app: Flask, report: Path, tmp_path: Path
) -> None:
    import_log(app, LOG)
    header, *rows = lines()
    random.Random(7).shuffle(rows)
    again = tmp_path / "again.csv"
    again.write_text("\n".join((header, *rows)).replace(",5/3/27,", ",5/3/26,") + "\n", encoding="utf-8")
    import_log(app, again, "--report", report)
    assert added(report) == {"patients": 0, "courses": 0, "treatments": 1}
    assert json.loads(report.read_text("utf-8"))["already_there"] == 1981
    assert in_database(app) == WHOLE | {"treatments": 1982}
    assert run(app, "recompute").exit_code == 0


def test_a_dry_run_says_the_same_and_adds_nothing(app: Flask, report: Path, part: Path) -> None:
    before = counts(app)
    said = import_log(app, part, "--dry-run", "--report", report)
    assert "Would add " in said.output
    assert counts(app) == before
    dry = json.loads(report.read_text("utf-8"))
    import_log(app, part, "--report", report)
    real = json.loads(report.read_text("utf-8"))
    assert (dry.pop("dry_run"), real.pop("dry_run")) == (True, False)
    assert dry == real
    assert counts(app) != before


class Interrupted(BaseException):
    """As a Ctrl-C or a killed process would end it."""


def test_an_interrupted_import_leaves_whole_patients_and_is_completed_by_the_next(
    app: Flask, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PATIENTS_A_COMMIT", 10)
    with monkeypatch.context() as interrupting:
        whole, batches = applying.apply, []

        def half_way(session: Session, *arguments: Any) -> applying.Applied:
            batches.append(1)
            applied = whole(session, *arguments)
            if len(batches) == 4:
                raise Interrupted
            return applied

        interrupting.setattr(command, "apply", half_way)
        with pytest.raises(Interrupted):
            run(app, "import-log", part, "--as-of", "2026-11-22")
    of_each = dict(contents(app, GIVEN_BY_MRN))
    assert len(of_each) == 30 == counts(app)["patients"]
    import_log(app, part)
    complete = dict(contents(app, GIVEN_BY_MRN))
    assert {mrn: complete[mrn] for mrn in of_each} == of_each
    assert len(complete) > 60
    assert import_log(app, part).output.count("Added 0 patients, 0 courses, 0 treatments") == 1


def test_guesses_are_printed_and_a_sure_file_is_imported(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    rows = "".join(
        f"1000{n};Lindqvist, Maja;04.05.1980;G43.709;Botox;{n + 14}.06.2026;155,5;C{n}11\n" for n in range(4)
    )
    file.write_text("Pat.-Nr.;Patient;geb.;ICD-10;Präparat;Datum;Einheiten;Charge\n" + rows, encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["import-log", str(file), "--guess", "--as-of", "2026-11-22"])
    assert answer.exit_code == 0, answer.output
    assert "The header is in German." in answer.output
    assert "Einheiten: units given, sure (header and content); for example 155,5" in answer.output
    assert "Added 4 patients" in answer.output


def test_guesses_that_are_not_sure_import_nothing_and_give_a_mapping_to_begin_with(
    app: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "log.csv"
    rows = "".join(f'1000{n},"Lee, Mei",1980-05-04,CM,Botox,2026-06-1{n},155\n' for n in range(4))
    file.write_text("Ref,Patient,DOB,Dx,Drug,DOS,Volume\n" + rows, encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["import-log", str(file), "--guess", "--as-of", "2026-11-22"])
    assert answer.exit_code == 1
    assert "Not sure of: MRN (patient number), units given. Nothing was imported." in answer.output
    draft = json.loads(answer.output[answer.output.index("{") :])
    assert (draft["columns"]["mrn"], draft["columns"]["units"]) == ("Ref", "Volume")


def test_what_the_clinic_remembers_of_a_header_is_used_and_said(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row()))
    names = ("Ref", "Patient", "DOB", "Dx", "Drug", "DOS", "Volume")
    mapping = {"columns": {"mrn": "Ref", "units": "Volume"}, "products": {"Toxin A": "Botox"}}
    with app.app_context(), unit_of_work() as session:
        actor = terminal(session.scalars(select(Clinic.id)).one())
        at = datetime(2026, 11, 22, tzinfo=UTC)
        remember(Change(session, actor, at), header_fingerprint(names), ", ".join(names), mapping)
    rows = "".join(
        f'1000{n},"Lee, Mei",1980-05-04,Chronic migraine,Toxin A,2026-06-1{n},155\n' for n in range(4)
    )
    odd = tmp_path / "odd.csv"
    odd.write_text(",".join(names) + "\n" + rows, encoding="utf-8")
    answer = import_log(app, odd, "--guess")
    assert "What this clinic remembers of these headers is used." in answer.output
    assert "Ref: MRN (patient number), sure (chosen)" in answer.output
    assert "Added 4 patients, 4 courses, 4 treatments" in answer.output
