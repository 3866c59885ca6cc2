"""A known treatment, written in any of the ways clinics write it, reads back as the same row."""

import io
import random
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing_rows import AS_OF

from clinic_scheduler.importing import (
    ImportedRow,
    ImportFileError,
    UnrecognisedColumns,
    fingerprint,
    read_log,
)
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS

HEADERS = {
    "mrn": ("MRN", "Chart #", "Patient ID", "medical record number"),
    "name": ("Patient Name", "PATIENT", "Name"),
    "birth_date": ("DOB", "Date of Birth", "birth date"),
    "phone": ("Phone", "Cell", "Mobile"),
    "email": ("Email", "E-mail address"),
    "diagnosis": ("Diagnosis", "Dx", "Indication"),
    "icd10": ("ICD-10", "Dx code"),
    "product": ("Product", "Drug", "Toxin"),
    "given_on": ("Date of Service", "DOS", "Injection date", "Date"),
    "units": ("Units", "Dose", "Units given"),
    "units_wasted": ("Units Wasted", "Waste"),
    "lot": ("Lot", "Lot #", "Batch"),
    "lot_expires_on": ("Exp", "Expiration date", "Expiry"),
    "provider": ("Provider", "Injector"),
    "location": ("Location", "Clinic"),
    "notes": ("Notes", "Comments"),
}
DATE_STYLES = {
    "mdy": (
        "%m/%d/%Y",
        "%m-%d-%Y",
        "%Y-%m-%d",
        "%d-%b-%Y",
        "%B %d, %Y",
        "%m/%d/%Y 09:30",
        "%Y-%m-%dT09:30:00",
    ),
    "dmy": ("%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %B %Y", "%d/%m/%Y 09:30", "%Y-%m-%d 09:30"),
}
DIAGNOSES = {
    "chronic_migraine": (("Chronic migraine", "G43.709"), ("CM", ""), ("", "G43719")),
    "spasticity_upper_limb": (("RUE spasticity", "G81.11"), ("Spasticity, left arm", ""), ("", "I69.331")),
    "spasticity_lower_limb": (("LE spasticity (MS)", "G35"), ("lower limb spasticity", "G80.1")),
}
PRODUCTS = {
    "onabotulinumtoxinA": ("Botox", "BOTOX 200U vial", "onabotulinumtoxinA"),
    "abobotulinumtoxinA": ("Dysport", "abobotulinumtoxinA"),
    "incobotulinumtoxinA": ("XEOMIN®", "incobotulinumtoxinA"),
}
# One patient proves each order, so that the file as a whole is never in doubt.
PROOF = date(1977, 2, 23)
NAMES = (
    ("O'Neill", "Zoë"),
    ("Müller", "Ada"),
    ("van der Berg", "Noor"),
    ("García-Lopez", "Ana"),
    ("McDonald", "Sam"),
)

treatments = st.builds(
    lambda number, name, born, given_on, indication, product, units, wasted, notes: ImportedRow(
        line=0, mrn=str(number), family_name=name[0], given_name=name[1], birth_date=born,
        phone=f"+1415555{number % 100 + 100:04d}", phone_raw="", email="someone@example.org", indication=indication,
        icd10=None, product=product, given_on=given_on, units=float(units), units_wasted=float(wasted),
        lot=f"C{number}A", lot_expires_on=date(2027, 5, 17), outcome="complete", kind="cycle",
        provider_name="Dr. Ben Sato", location="Van Ness", notes=notes, weight_kg=None,
        fingerprint=fingerprint(str(number), given_on, indication, product, units, f"C{number}A"),
    ),
    number=st.integers(10_000, 99_999),
    name=st.sampled_from(NAMES),
    born=st.dates(date(1930, 1, 1), date(2005, 12, 31)),
    given_on=st.dates(date(2023, 1, 1), AS_OF),
    indication=st.sampled_from(sorted(DIAGNOSES)),
    product=st.sampled_from(sorted(PRODUCTS)),
    units=st.integers(10, 600),
    wasted=st.integers(0, 200),
    notes=st.text(st.sampled_from("ab é=+-@;,\t\"'\n|"), max_size=12).filter(lambda text: not text or text.strip()),
)  # fmt: skip
logs = st.lists(treatments, min_size=1, max_size=8, unique_by=lambda row: row.mrn)


def cells(row: ImportedRow, order: str, chance: random.Random) -> dict[str, str]:
    """One way a clinic may write a row; every date in one order, every style free."""

    def written(day: date) -> str:
        return day.strftime(chance.choice(DATE_STYLES[order]))

    diagnosis, code = chance.choice(DIAGNOSES[row.indication])
    name = chance.choice(
        [f"{row.family_name.upper()}, {row.given_name} ", f"{row.given_name} {row.family_name}"]
    )
    return {
        "mrn": row.mrn,
        "name": name,
        "birth_date": written(row.birth_date),
        "phone": str(row.phone)[2:] if chance.random() < 0.5 else str(row.phone),
        "email": str(row.email),
        "diagnosis": diagnosis,
        "icd10": code,
        "product": chance.choice(PRODUCTS[row.product]),
        "given_on": written(row.given_on),
        "units": chance.choice(["{:g}", "{:g} U", " {:g} units", "{:g}u", "{:.1f}"]).format(row.units),
        "units_wasted": f"{row.units_wasted:g}",
        "lot": str(row.lot),
        "lot_expires_on": written(date(2027, 5, 17)),
        "provider": str(row.provider_name),
        "location": str(row.location),
        "notes": row.notes,
    }


def table(rows: list[ImportedRow], order: str, chance: random.Random) -> list[list[str]]:
    """Header and rows under shuffled columns, with one more row that proves the order."""
    proof = replace(
        rows[0], mrn="1", birth_date=PROOF, indication="chronic_migraine", product="onabotulinumtoxinA"
    )
    fields = list(HEADERS)
    chance.shuffle(fields)
    written = [cells(row, order, chance) for row in rows] + [
        cells(proof, order, chance) | {"birth_date": PROOF.strftime(DATE_STYLES[order][0])}
    ]
    return [[chance.choice(HEADERS[field]) for field in fields]] + [
        [row[field] for field in fields] for row in written
    ]


def quoted(cell: str) -> str:
    escaped = cell.replace('"', '""')
    return f'"{escaped}"'


def known(row: ImportedRow) -> ImportedRow:
    """A row without what the writing leaves open: the line, the code, the phone's own text."""
    return replace(row, line=0, icd10=None, phone_raw="")


@settings(max_examples=60, deadline=None)
@given(
    rows=logs,
    order=st.sampled_from(["mdy", "dmy"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    title=st.sampled_from(["", "Injection log\n\n"]),
    seed=st.integers(0, 2**32),
)
def test_text_in_any_form_reads_back(
    rows: list[ImportedRow], order: str, delimiter: str, encoding: str, line_end: str, title: str, seed: int
) -> None:
    lines = [
        delimiter.join(quoted(cell) for cell in line) for line in table(rows, order, random.Random(seed))
    ]
    content = (title + line_end.join(lines) + line_end).encode(encoding)
    reading = read_log(content, as_of=AS_OF)
    assert reading.errors == ()
    assert (reading.date_order, reading.delimiter) == (order, delimiter)
    assert [known(row) for row in reading.rows[:-1]] == rows


@settings(max_examples=15, deadline=None)
@given(rows=logs, order=st.sampled_from(["mdy", "dmy"]), seed=st.integers(0, 2**32))
def test_a_workbook_reads_back(rows: list[ImportedRow], order: str, seed: int) -> None:
    book = openpyxl.Workbook()
    for line in table([replace(row, notes="") for row in rows], order, random.Random(seed)):
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line])
    out = io.BytesIO()
    book.save(out)
    reading = read_log(out.getvalue(), as_of=AS_OF)
    assert reading.errors == ()
    assert [known(row) for row in reading.rows[:-1]] == [replace(row, notes="") for row in rows]


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=300))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(ImportFileError, match="Nothing was imported"):
        read_log(content, as_of=AS_OF)


@settings(max_examples=150, deadline=None)
@given(body=st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), max_size=5))
def test_no_cells_crash_the_reader(body: list[list[str]]) -> None:
    header = ["MRN", "Patient", "DOB", "Dx", "ICD-10", "Product", "DOS", "Units"]
    text = "\n".join(",".join(quoted(cell) for cell in line) for line in [header, *body])
    # Cells may plainly be something else than their header says; one or two are not enough for that.
    with suppress(UnrecognisedColumns) if len(body) >= 3 else nullcontext():
        reading = read_log(text.encode("utf-8", "replace"), as_of=AS_OF)
        assert len(reading.rows) + len(reading.repeats) + len(reading.bad_lines) == reading.total_rows


def test_the_headers_used_here_are_recognised_ones() -> None:
    assert set(HEADERS) - {"name", "provider"} <= set(FIELD_HEADERS)
