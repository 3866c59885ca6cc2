"""Every page under odd input, longer than a test run has time for. Status 1 at one answer of 500.

`python -m tests.fuzz --help`; PostgreSQL is found or started as the tests do it.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from clinic_scheduler.senders.memory import MemorySender
from tests import databases
from tests.conftest import FrozenClock
from tests.functional.web.odd_input.walk import Tally, walk
from tests.shared import lent

PART = 2_500
NAMES = ("sqlite", "postgresql")


@contextmanager
def database(name: str, folder: Path) -> Iterator[databases.File | databases.Schema]:
    """A migrated one, thrown away afterwards."""
    if name == "sqlite":
        databases.migrate_sqlite_in(folder)
        yield databases.File(folder / databases.SQLITE_FILE)
        return
    with databases.postgresql_server() as server, databases.fresh_schema(server) as schema:
        databases.migrate(schema.address, folder)
        schema.without_autovacuum()
        yield schema


def walked(name: str, requests: int, seed: int) -> Iterator[Tally]:
    """In parts, each of a seed of its own: what was found is said before the next is asked."""
    clock = FrozenClock(datetime(2026, 11, 23, 17, tzinfo=UTC))
    senders = {channel: MemorySender(channel) for channel in ("email", "sms")}
    with (
        tempfile.TemporaryDirectory(prefix="fuzz-") as place,
        database(name, Path(place)) as chosen,
        databases.opened(chosen.address, Path(place)) as app,
        lent(app, Path(place) / "data", clock=clock, senders=senders),
    ):
        for done in range(0, requests, PART):
            yield walk(app, chosen.empty, min(PART, requests - done), seed + done // PART)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=25_000, help="to each database")
    parser.add_argument("--seed", type=int, default=1, help="the same seed asks the same")
    parser.add_argument("--database", action="append", choices=NAMES)
    return parser.parse_args()


def main() -> int:
    wanted, held = arguments(), True
    logging.disable(logging.CRITICAL)
    for name in wanted.database or NAMES:
        for tally in walked(name, wanted.requests, wanted.seed):
            sys.stdout.write(f"{name}: {tally}\n")
            for fault in dict.fromkeys(tally.faults):
                sys.stdout.write(f"*** {fault}\n")
            sys.stdout.flush()
            held = held and not tally.faults
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
