"""Rows of a log in a file on their way from reading to the database: JSON, one patient a line.

Whoever adds them holds some patients at a time in memory, however large the log is. Never pickled: a process
that read somebody's file is believed about values, not about code.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from itertools import islice
from typing import IO, Any

from .results import ImportedRow

_DATES = ("birth_date", "given_on", "lot_expires_on")
Patient = list[ImportedRow]


def by_patient(rows: Iterable[ImportedRow]) -> Iterator[Patient]:
    """Each patient's rows by date, patients in the order in which the log first names them."""
    gathered: dict[str, Patient] = {}
    for row in rows:
        gathered.setdefault(row.mrn, []).append(row)
    for own in gathered.values():
        yield sorted(own, key=lambda row: (row.given_on, row.line))


def written(patient: Patient) -> str:
    """A patient's line, without its end."""
    return json.dumps(patient, default=_plain, ensure_ascii=False)


def next_patients(spool: IO[bytes], most: int) -> list[Patient]:
    """The next patients, so many at most, from where the file stands; none at its end."""
    return [[_row(values) for values in json.loads(line)] for line in islice(iter(spool.readline, b""), most)]


def batches(spool: IO[bytes], patients: int) -> Iterator[list[Patient]]:
    """The whole file from its beginning, so many patients at a time."""
    spool.seek(0)
    while batch := next_patients(spool, patients):
        yield batch


def without_identical(patient: Patient) -> Patient:
    """The patient's rows without those that say exactly what another says."""
    return [row for row in patient if row.same_as is None]


def _plain(value: Any) -> Any:
    """What JSON does not know: days and rows."""
    if isinstance(value, date):
        return value.isoformat()
    return {part.name: getattr(value, part.name) for part in fields(value)}


def _row(values: dict[str, Any]) -> ImportedRow:
    dates = {name: date.fromisoformat(values[name]) for name in _DATES if values[name]}
    return ImportedRow(**values | dates)
