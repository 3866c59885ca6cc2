"""What an import tells when it is done, for a person, a file or a page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from .results import ImportReading


class Added(Protocol):
    """What was added of a reading, or would be; services/imports.py says what is counted."""

    patients: int
    courses: int
    treatments: int
    elsewhere: int
    stopped: int
    unplaced: int
    known: int
    providers: list[str]
    refused: list[tuple[int, str]]


def import_report(name: str, reading: ImportReading, added: Added, *, dry_run: bool) -> dict[str, Any]:
    """Counts, how the file was understood, and every problem by its line; fit for JSON."""
    told = {
        "file": name,
        "dry_run": dry_run,
        "rows": reading.total_rows,
        "treatments": reading.visit_count,
        "visits": reading.visit_count,
        "several_rows": reading.several_rows,
        "rows_said": rows_said(reading.several_rows),
        "patients": reading.patient_count,
        "courses": reading.course_count,
        "repeats": len(reading.repeats),
        "bad_rows": 0,
        "added": {},
        "already_there": 0,
        "date_order": reading.date_order,
        "date_order_said": reading.date_evidence.says(),
        "delimiter": reading.delimiter,
        "encoding": reading.encoding,
        "sheet": reading.sheet,
        "columns": dict(reading.columns),
        "unused_columns": list(reading.unused_headers),
        "problems": [asdict(problem) for problem in reading.problems],
        "repeated": [asdict(repeat) for repeat in reading.repeats],
        "identical": [asdict(repeat) for repeat in reading.identical],
    }
    return with_added(told, added)


def rows_said(several_rows: bool) -> str:
    """How rows become visits, for a person."""
    if several_rows:
        return "This file has several rows a visit: rows of one patient, day, indication and product are added up"
    return "This file has one row a visit: a row that says the same again is a repeat"


def with_added(told: dict[str, Any], added: Added) -> dict[str, Any]:
    """The same report once it is known what was added."""
    problems = [*told["problems"], *_refusals(added.refused)]
    return told | {
        "bad_rows": len({problem["line"] for problem in problems if problem["severity"] == "error"}),
        "added": {
            "patients": added.patients,
            "courses": added.courses,
            "treatments": added.treatments,
            "elsewhere": added.elsewhere,
            "courses_closed": added.stopped,
            "need_a_course": added.unplaced,
            "providers": list(added.providers),
        },
        "already_there": added.known,
        "problems": sorted(problems, key=lambda problem: problem["line"]),
    }


def _refusals(refused: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    return [
        {"line": line, "column": "", "value": "", "reason": reason, "severity": "error"}
        for line, reason in refused
    ]
