"""Importing a log of 100,000 treatments on SQLite, against a minute: python -m benchmarks.import_large.

Once as text, once as a spreadsheet with dates and numbers in cells of their own kind. The command is run as from a
terminal, its reading process included, on a new database in a temporary folder. Measured are its computing, since a
minute of a busy machine says nothing, and the most memory that either of its processes holds.
"""

import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl

ROOT = Path(__file__).resolve().parents[1]
MEBIBYTE = 1024 * 1024
ROWS, VISITS_EACH = 100_000, 20
LIMIT_SECONDS, LIMIT_MEBIBYTES = 60.0, 600.0
HEADER = "MRN,Patient Name,DOB,Phone,Email,Diagnosis,ICD-10,Product,Date of Service,Units,Lot,Provider,Notes"


def rows() -> Iterator[list[Any]]:
    """The log; the same every time."""
    rng = random.Random(5)
    yield HEADER.split(",")
    for patient in range(ROWS // VISITS_EACH):
        day, born = date(2018, 1, 1), date(1950, 1, 1) + timedelta(rng.randrange(18_000))
        name, phone = f"FAMILY{patient}, Given", f"(415) 555-01{patient % 100:02}"
        who = [str(100_000 + patient), name, born, phone, f"p{patient}@example.org"]
        for visit in range(VISITS_EACH):
            day += timedelta(rng.randrange(84, 120))
            what = ["Chronic migraine", "G43.709", "Botox", day, 155, f"C{visit}{patient % 997}"]
            yield [*who, *what, "Dr. Amara Reid", "came well"]


def as_text(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows():
            writer.writerow([f"{cell:%m/%d/%Y}" if isinstance(cell, date) else cell for cell in row])


def as_spreadsheet(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Log")
    for row in rows():
        sheet.append(row)
    book.save(path)


def run(data: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def measure(write: Callable[[Path], None], name: str) -> bool:
    """Print what the import of one such file takes; whether it is imported, and within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        log = data / name
        write(log)
        run(data, "db", "upgrade")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        said = run(data, "import-log", str(log), "--as-of", "2027-12-01")
        after, waited = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
        size = log.stat().st_size / MEBIBYTE
    added = f"{ROWS} treatments; 0 were there already" in said
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = after.ru_maxrss / 1024
    print(
        f"{name}: {ROWS:,} rows ({size:.0f} MiB) {'imported' if added else 'NOT IMPORTED'}"
        f" in {taken:.1f} s of computing"
    )
    print(f"= {taken / LIMIT_SECONDS:.2f} of the limit, {waited:.0f} s by the clock")
    print(f"{memory:.0f} MiB at most in one process = {memory / LIMIT_MEBIBYTES:.2f} of the limit")
    return added and taken <= LIMIT_SECONDS and memory <= LIMIT_MEBIBYTES


def main() -> int:
    return int(not all([measure(as_text, "log.csv"), measure(as_spreadsheet, "log.xlsx")]))


if __name__ == "__main__":
    sys.exit(main())
