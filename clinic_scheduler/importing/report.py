"""What an import tells when it is done, for a person, a file or a page."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from clinic_scheduler.importing.files.limits import MAX_PROBLEMS, MAX_WORDS

from .results import ImportReading


class Added(Protocol):
    """What was added of a reading, or would be; services/imports/applying.py says what is counted."""

    patients: int
    courses: int
    treatments: int
    elsewhere: int
    stopped: int
    unplaced: int
    known: int
    providers: list[str]
    refused: list[tuple[int, str]]


def reading_report(name: str, reading: ImportReading) -> dict[str, Any]:
    """Counts, how the file was understood, and problems by their line, before anything is added; fit for JSON.

    It is for a person and stays small whatever the file: MAX_PROBLEMS problems and repeats are listed, errors
    before notes, and `problems_unlisted` counts the others.
    """
    grave_first = sorted(reading.problems, key=lambda problem: problem.severity != "error")
    problems = listed([asdict(problem) for problem in grave_first[:MAX_PROBLEMS]])
    return {
        "file": cut(name),
        "dry_run": True,
        "rows": reading.total_rows,
        "treatments": reading.visit_count,
        "visits": reading.visit_count,
        "several_rows": reading.several_rows,
        "rows_said": rows_said(reading.several_rows),
        "patients": reading.patient_count,
        "courses": reading.course_count,
        "repeats": len(reading.repeats),
        "bad_rows": len(reading.bad_lines),
        "added": {},
        "already_there": 0,
        "date_order": reading.date_order,
        "date_order_said": reading.date_evidence.says(),
        "delimiter": reading.delimiter,
        "encoding": reading.encoding,
        "sheet": cut(reading.sheet),
        "columns": {field: cut(header) for field, header in reading.columns.items()},
        "unused_columns": [cut(header) for header in reading.unused_headers],
        "problems": problems,
        "problems_unlisted": len(reading.problems) - len(problems),
        "repeated": [asdict(repeat) for repeat in reading.repeats[:MAX_PROBLEMS]],
        "identical": [asdict(repeat) for repeat in reading.identical[:MAX_PROBLEMS]],
        "identical_rows": len(reading.identical),
    }


def rows_said(several_rows: bool) -> str:
    """How rows become visits, for a person."""
    if several_rows:
        return "This file has several rows a visit: rows of one patient, day, indication and product are added up"
    return "This file has one row a visit: a row that says the same again is a repeat"


def identical_dropped(told: dict[str, Any]) -> dict[str, Any]:
    """The report of reading where identical rows are taken for one row written twice: the others are repeats."""
    repeats = told["repeats"] + told["identical_rows"]
    return told | {"repeats": repeats, "identical": [], "identical_rows": 0}


def with_added(told: dict[str, Any], added: Added, unlisted: int = 0) -> dict[str, Any]:
    """The report of reading once it is known what was added; `unlisted` counts refusals that `added` has not."""
    refused = _refusals(added.refused)
    problems = listed([*told["problems"], *refused])
    return told | {
        "bad_rows": told["bad_rows"] + len(refused) + unlisted,
        "added": {
            "patients": added.patients,
            "courses": added.courses,
            "treatments": added.treatments,
            "elsewhere": added.elsewhere,
            "courses_closed": added.stopped,
            "need_a_course": added.unplaced,
            "providers": [cut(name) for name in added.providers[:MAX_PROBLEMS]],
        },
        "already_there": added.known,
        "problems": problems,
        "problems_unlisted": told["problems_unlisted"]
        + unlisted
        + len(told["problems"])
        + len(refused)
        - len(problems),
    }


def listed(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The problems a report lists, by line: rows left out before mere notes, so many at most."""
    grave_first = sorted(problems, key=lambda problem: (problem["severity"] != "error", problem["line"]))
    kept = sorted(grave_first[:MAX_PROBLEMS], key=lambda problem: problem["line"])
    return [
        problem | {name: cut(problem[name]) for name in ("column", "value", "reason")} for problem in kept
    ]


def cut(text: str) -> str:
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"


def _refusals(refused: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    return [
        {"line": line, "column": "", "value": "", "reason": reason, "severity": "error"}
        for line, reason in refused
    ]
