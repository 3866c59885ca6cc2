"""Importing a log of 100,000 treatments on SQLite, against a minute: python -m benchmarks.import_large.

The command is run as from a terminal, its reading process included, on a new database in a temporary folder.
Measured are its computing, since a minute of a busy machine says nothing, and the most memory that either of its
processes holds.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEBIBYTE = 1024 * 1024
ROWS, VISITS_EACH = 100_000, 20
LIMIT_SECONDS, LIMIT_MEBIBYTES = 60.0, 600.0
HEADER = "MRN,Patient Name,DOB,Phone,Email,Diagnosis,ICD-10,Product,Date of Service,Units,Lot,Provider,Notes"


def lines() -> Iterator[str]:
    """The log; the same every time."""
    rng = random.Random(5)
    yield HEADER
    for patient in range(ROWS // VISITS_EACH):
        day, born = date(2018, 1, 1), date(1950, 1, 1) + timedelta(rng.randrange(18_000))
        who = f'{100_000 + patient},"FAMILY{patient}, Given",{born:%m/%d/%Y},(415) 555-01{patient % 100:02}'
        for visit in range(VISITS_EACH):
            day += timedelta(rng.randrange(84, 120))
            yield (
                f"{who},p{patient}@example.org,Chronic migraine,G43.709,Botox,{day:%m/%d/%Y},155,"
                f"C{visit}{patient % 997},Dr. Amara Reid,came well"
            )


def run(data: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        log = data / "log.csv"
        log.write_text("\n".join(lines()) + "\n", "utf-8")
        run(data, "db", "upgrade")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        said = run(data, "import-log", str(log), "--as-of", "2027-12-01")
        after, waited = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
        size = log.stat().st_size / MEBIBYTE
    added = f"{ROWS} treatments; 0 were there already" in said
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = after.ru_maxrss / 1024
    print(
        f"{ROWS:,} rows ({size:.0f} MiB) {'imported' if added else 'NOT IMPORTED'} in {taken:.1f} s of computing"
    )
    print(f"= {taken / LIMIT_SECONDS:.2f} of the limit, {waited:.0f} s by the clock")
    print(f"{memory:.0f} MiB at most in one process = {memory / LIMIT_MEBIBYTES:.2f} of the limit")
    return int(not added or taken > LIMIT_SECONDS or memory > LIMIT_MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
