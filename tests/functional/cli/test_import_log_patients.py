"""flask import-log beside what is known already: patients, corrections, kinds of files, and plain failures."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.models import Clinic, Course, Patient, Provider, Treatment, TreatmentVial
from tests import databases
from tests.functional.cli.logs import HEADER, contents, counts, import_log, row, run, written

TREATMENTS = select(Treatment.given_on, Treatment.units).order_by(Treatment.given_on)


def test_another_date_of_birth_under_a_known_number_is_refused(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row()))
    other = written(tmp_path, row(given_on="2026-06-01", dob="1981-05-01"), row("7002", dob="1970-01-01"))
    said = import_log(app, other, "--report", tmp_path / "report.json")
    assert (
        "line 2: this MRN belongs to somebody born on another day than 01-May-1981 (left out)" in said.output
    )
    assert counts(app)["treatments"] == 2
    outcome = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (outcome["bad_rows"], outcome["added"]["patients"]) == (1, 1)


def test_blanks_are_filled_and_what_is_known_is_not_overwritten(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row(phone="+1 415 555 0100")))
    later = row(given_on="2026-06-01", phone="+1 415 555 0199", email="ines@example.org")
    import_log(app, written(tmp_path, later))
    assert contents(app, select(Patient.phone, Patient.email)) == [("+14155550100", "ines@example.org")]


def test_a_corrected_dose_of_a_recorded_visit_is_refused_with_the_reason(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row()))
    said = import_log(app, written(tmp_path, row(units="195"), row(given_on="2026-06-01")))
    reason = "another dose or lot is already recorded for 31-Aug-2026; correct it there"
    assert f"line 2: {reason} (left out)" in said.output
    assert [units for _, units in contents(app, TREATMENTS)] == [155, 155]


def test_two_vials_of_one_visit_are_both_kept(app: Flask, tmp_path: Path) -> None:
    said = import_log(app, written(tmp_path, row(units="100"), row(units="55", lot="C2")))
    assert "This file has several rows a visit" in said.output
    assert [units for _, units in contents(app, TREATMENTS)] == [155]
    assert contents(app, select(Treatment.lot, Treatment.lot_expires_on)) == [("C1001C1 and 1 more", None)]
    vials = select(TreatmentVial.lot, TreatmentVial.units).order_by(TreatmentVial.id)
    assert contents(app, vials) == [("C1001C1", 100), ("C2", 55)]
    again = import_log(app, written(tmp_path, row(units="55", lot="C2"), row(units="100")))
    assert "Added 0 patients, 0 courses, 0 treatments; 1 were there already." in again.output


def test_identical_rows_are_kept_unless_told_otherwise(app: Flask, tmp_path: Path) -> None:
    """A second vial of a lot, or a row written twice: the file cannot tell, the clinic can."""
    rows = [row(units="100"), row(units="100"), row("7002", units="50"), row("7002", units="105")]
    said = import_log(app, written(tmp_path, *rows), "--dry-run")
    assert "1 rows are identical to another one and were kept" in said.output
    import_log(app, written(tmp_path, *rows), "--identical", "drop")
    assert sorted(units for _, units in contents(app, TREATMENTS)) == [100, 155]
    import_log(app, written(tmp_path, *rows))
    assert sorted(units for _, units in contents(app, TREATMENTS)) == [100, 100, 155]


def test_a_later_row_extends_the_course_and_an_earlier_one_begins_it(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row(given_on="2026-06-01", provider="Dr. Ben Sato")))
    import_log(app, written(tmp_path, row(), row(given_on="2026-01-05", provider="Varga")))
    found = contents(
        app, select(Course.started_on, Course.reference_on, Course.cycles_given, Provider.name).join(Provider)
    )
    assert [(str(first), str(last), cycles, name) for first, last, cycles, name in found] == [
        ("2026-01-05", "2026-08-31", 3, "Dr. Amara Reid")
    ]
    assert run(app, "recompute").exit_code == 0


def test_a_provider_is_found_with_or_without_title(app: Flask, tmp_path: Path) -> None:
    rows = [row("7001"), row("7002", provider="amara reid"), row("7003", provider='"Amara Reid, MD"')]
    said = import_log(app, written(tmp_path, *rows))
    assert "New providers with standard hours, please check: Dr. Amara Reid\n" in said.output
    assert contents(app, select(Provider.name)) == [("Dr. Amara Reid",)]


def test_a_formula_stays_text(app: Flask, tmp_path: Path) -> None:
    import_log(app, written(tmp_path, row(notes="=2+2")))
    assert contents(app, select(Treatment.notes)) == [("=2+2",)]


def test_a_mapping_says_which_column_is_which(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    text = "\n".join((HEADER, row(product="Toxin A"))).replace("MRN,", "Pt code,")
    file.write_text(text + "\n", encoding="utf-8")
    mapping = tmp_path / "mapping.json"
    words = {"columns": {"mrn": "Pt code"}, "products": {"Toxin A": "onabotulinumtoxinA"}}
    mapping.write_text(json.dumps(words), encoding="utf-8")
    import_log(app, file, "--mapping", mapping)
    assert contents(app, select(Patient.mrn)) == [("7001",)]
    mapping.write_text('{"colums": {}}', encoding="utf-8")
    failed = run(app, "import-log", file, "--mapping", mapping)
    assert failed.exit_code == 1
    assert "colums" in failed.stderr
    assert "Nothing was imported." in failed.stderr


def test_a_workbook_and_a_semicolon_file_say_the_same(app: Flask, tmp_path: Path) -> None:
    cells = list(csv.reader([HEADER, row(name='"ÅSTRÖM, Zoë"')]))
    book = openpyxl.Workbook()
    for values in cells:
        book.active.append(values)
    book.save(tmp_path / "log.xlsx")
    import_log(app, tmp_path / "log.xlsx")
    assert counts(app)["treatments"] == 1
    other = tmp_path / "log.csv"
    lines = [";".join(values) for values in cells]
    other.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    said = import_log(app, other, "--report", tmp_path / "report.json")
    assert "1 were there already" in said.output
    outcome = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (outcome["delimiter"], outcome["encoding"]) == (";", "cp1252")
    assert contents(app, select(Patient.family_name)) == [("Åström",)]


def test_a_log_of_several_places_opens_one_clinic_named_for_most_rows(app: Flask, tmp_path: Path) -> None:
    places = ("Van Ness", "Mission", "Mission")
    import_log(app, written(tmp_path, *(row(f"70{n}", location=place) for n, place in enumerate(places))))
    assert contents(app, select(Clinic.name)) == [("Mission",)]
    assert counts(app)["patients"] == 3


def test_with_two_clinics_the_import_asks_which(app: Flask, tmp_path: Path, two_clinics: None) -> None:
    failed = run(app, "import-log", written(tmp_path, row()))
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
    assert "name one of the clinics: Elm, Harbor" in failed.stderr
    import_log(app, written(tmp_path, row()), "--clinic", "Elm")
    assert contents(app, select(Clinic.name).join(Patient, Patient.clinic_id == Clinic.id)) == [("Elm",)]


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_what_the_database_does_not_take_is_refused_and_the_rest_is_added(
    app: Flask, tmp_path: Path, options: tuple[str, ...]
) -> None:
    rows = [row("7001"), row("7002", name=f'"{"A" * 130}, B"'), row("7003")]
    said = import_log(app, written(tmp_path, *rows), *options)
    assert "line 3: the database does not take this patient's rows: value too long" in said.output
    assert "add 2 patients" in said.output.lower().replace("added", "add")
    assert "AAAA" not in said.output
    assert counts(app)["patients"] == (0 if options else 2)


def test_an_unreadable_file_is_one_plain_line(app: Flask, tmp_path: Path) -> None:
    for name, content in (("log.xlsx", b"no workbook"), ("log.csv", b""), ("other.csv", b"a,b\n1,2\n")):
        (tmp_path / name).write_bytes(content)
        failed = run(app, "import-log", tmp_path / name)
        assert failed.exit_code == 1, name
        assert failed.stderr.startswith("Error: ")
        assert failed.stderr.count("Nothing was imported") == 1
        assert failed.stderr.count("\n") == 1, failed.stderr


@pytest.mark.parametrize("command", ["import-log", "due", "recompute"])
def test_a_database_without_tables_says_what_to_run(
    empty_database_url: str, tmp_path: Path, command: str
) -> None:
    arguments = (written(tmp_path, row()),) if command == "import-log" else ()
    with databases.opened(empty_database_url, tmp_path / "data") as app:
        failed = run(app, command, *arguments)
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
    assert "Run: flask --app wsgi db upgrade" in failed.stderr
