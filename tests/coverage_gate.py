"""Where too little is covered: every branch of the domain is, and nine tenths of any other file. `make coverage` asks.

python -m tests.coverage_gate REPORT     says what is short in coverage's JSON report; status 1 if anything is
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WHOLLY = "clinic_scheduler/domain/"
LEAST_PERCENT = 90.0


def shortfalls(report: dict[str, Any]) -> Iterator[str]:
    """A sentence for each file that is short; for one of the domain, with its lines and branches (from->to)."""
    for path, file in sorted(report["files"].items()):
        name, summary = path.replace("\\", "/"), file["summary"]
        percent = summary["percent_covered"]
        if name.startswith(WHOLLY):
            if summary["missing_lines"] or summary["missing_branches"]:
                branches = ", ".join(f"{start}->{end}" for start, end in file["missing_branches"])
                lines = ", ".join(map(str, file["missing_lines"]))
                missing = f"lines {lines or 'none'}, branches {branches or 'none'}"
                yield f"{name}: all of the domain is to be covered; missing {missing}"
        elif percent < LEAST_PERCENT:
            yield f"{name}: {percent:.1f} % covered, {LEAST_PERCENT:.0f} at least"


def main(report: str) -> int:
    found = list(shortfalls(json.loads(Path(report).read_text("utf-8"))))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
