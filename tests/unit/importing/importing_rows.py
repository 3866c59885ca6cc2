"""Small logs to read: one good row, and ways to change, render and read it."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from clinic_scheduler.importing import ImportReading, read_log

AS_OF = date(2026, 11, 22)

GOOD_ROW = {
    "MRN": "10102",
    "Patient Name": "TANAKA, Ivan",
    "DOB": "02/23/1977",
    "Phone": "(415) 555-0114",
    "Email": "ivan.tanaka@example.org",
    "Diagnosis": "Chronic migraine",
    "ICD-10": "G43.709",
    "Product": "Botox",
    "Date of Service": "06/19/2025",
    "Units": "155",
    "Units Wasted": "45",
    "Lot": "C5014C9",
    "Exp": "09/25/2027",
    "Provider": "Dr. Chloe Varga",
    "Location": "Van Ness",
    "Notes": "",
}

Rows = list[dict[str, str]]


def render(rows: Rows, delimiter: str = ",", line_end: str = "\r\n") -> str:
    """Rows as delimited text under the union of their headers."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, delimiter=delimiter, lineterminator=line_end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def good(**changes: str) -> dict[str, str]:
    """The good row with cells changed; underscores in names stand for spaces (Date_of_Service)."""
    return GOOD_ROW | {
        name.replace("_", " ").replace("ICD 10", "ICD-10"): value for name, value in changes.items()
    }


def read(*rows: Mapping[str, str], **options: Any) -> ImportReading:
    """Read rows as a comma-separated file, as of AS_OF unless told otherwise."""
    return read_log(render([dict(row) for row in rows]).encode(), **({"as_of": AS_OF} | options))


def reasons(reading: ImportReading, severity: str = "error") -> list[tuple[int, str, str]]:
    return [(p.line, p.column, p.reason) for p in reading.problems if p.severity == severity]
