"""A clinic's whole log, small logs in its shape, and what an import of them left in the database."""

from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db

LOG = Path(__file__).parents[2] / "golden" / "importing" / "injection_log.csv"
AS_OF = "2026-11-22"
HEADER = "MRN,Patient Name,DOB,Phone,Email,Diagnosis,ICD-10,Product,Date of Service,Units,Lot,Provider,Location,Notes"


def row(mrn: str = "7001", given_on: str = "2026-08-31", units: str = "155", **cells: str) -> str:
    """One line of a small log; cells by the header's names, in small letters with underscores."""
    values = {
        "name": '"MOREAU, Ines"',
        "dob": "1980-05-01",
        "phone": "",
        "email": "",
        "diagnosis": "Chronic migraine",
        "code": "G43.709",
        "product": "Botox",
        "lot": "C1001C1",
        "provider": "Dr. Amara Reid",
        "location": "Van Ness",
        "notes": "",
    } | cells
    head = (mrn, values["name"], values["dob"], values["phone"], values["email"], values["diagnosis"])
    tail = (values["lot"], values["provider"], values["location"], values["notes"])
    return ",".join((*head, values["code"], values["product"], given_on, units, *tail))


def written(folder: Path, *rows: str, name: str = "log.csv") -> Path:
    file = folder / name
    file.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return file


def run(app: Flask, *arguments: object) -> Result:
    """The command as a terminal runs it; a traceback fails the test."""
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def import_log(app: Flask, file: Path, *options: object) -> Result:
    result = run(app, "import-log", file, "--as-of", AS_OF, *options)
    assert result.exit_code == 0, result.output + result.stderr
    return result


def counts(app: Flask) -> dict[str, int]:
    """Rows of every table."""
    with app.app_context():
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables
        }


def contents(app: Flask, statement: Any) -> list[tuple[Any, ...]]:
    with app.app_context():
        return [tuple(found) for found in db.session.execute(statement)]
