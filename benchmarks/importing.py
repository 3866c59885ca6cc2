"""Reading a clinic's log of 2,002 rows, against two seconds: python -m benchmarks.importing."""

import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

from clinic_scheduler.importing import read_log

LOG = Path(__file__).parent.parent / "tests/golden/importing/injection_log.csv"
LIMIT_SECONDS = 2.0


def main() -> int:
    taken = []
    for _ in range(5):
        began = time.process_time()
        read_log(LOG, as_of=date(2026, 11, 22))
        taken.append(time.process_time() - began)
    ratio = median(taken) / LIMIT_SECONDS
    print(f"2,002 rows read in {median(taken):.2f} s of CPU = {ratio:.2f} of the limit")
    return int(ratio > 1)


if __name__ == "__main__":
    sys.exit(main())
