"""Small logs for an import: rows as a clinic writes them, read by the reader and added by the service."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from clinic_scheduler.importing import ImportReading, read_log
from clinic_scheduler.importing.spool import by_patient
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports import applying
from tests.integration.house import House

AS_OF = date(2026, 11, 22)
PERSON = {"MRN": "L-1", "Patient Name": "GARCIA, Maria", "DOB": "1990-05-23"}


def row(day: str, product: str = "Botox", units: str = "155", **cells: str) -> dict[str, str]:
    """A row of chronic migraine, or of what `Diagnosis` says; `icd10` is the code's column."""
    told = {"Diagnosis": "Chronic migraine", "ICD-10": "", "Lot": "", "Date of Service": day}
    return PERSON | told | {"Product": product, "Units": units} | _named(cells)


def _named(cells: Mapping[str, str]) -> dict[str, str]:
    return {"ICD-10" if name == "icd10" else name: value for name, value in cells.items()}


def read(rows: Sequence[Mapping[str, str]], **options: Any) -> ImportReading:
    header = list(dict.fromkeys(name for each in rows for name in each))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return read_log(out.getvalue().encode(), as_of=AS_OF, **options)


def bring_in(house: House, *rows: Mapping[str, str], **options: Any) -> applying.Applied:
    """In one unit of work, as a batch of an import is."""
    reading = read(rows, **options)
    assert reading.errors == ()
    return house.change(
        lambda s: applying.apply(Change(s, house.cast.actor, house.now), list(by_patient(reading.rows)))
    )
