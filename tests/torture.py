"""The outbox under fire, longer than a test run has time for: storms of kills, mutants, races. Status 1 at one breach.

`python -m tests.torture --help`; PostgreSQL is found or started as the tests do it.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests import databases
from tests.integration.outbox.providers import PROVIDERS
from tests.integration.outbox.rig import CAUGHT_BY, Storm, Tally, run

ROOT = Path(__file__).parents[1]
RACES = "tests/integration/outbox/test_outbox_torture.py"
KINDS_OF_RACE = 3
SMALL_MESSAGES, SMALL_KILLS = 300, 60
COLUMNS = ("messages", "kills", "taken", "lost", "doubled", "marked", "twice", "stuck", "seconds")

Fresh = Callable[[Path], str]
"""Puts an empty, migrated database where asked and gives its address."""


def say(*cells: object) -> None:
    first, second, *others = cells
    sys.stdout.write(f"{first!s:<11}{second!s:<24}" + "".join(f"{cell!s:>9}" for cell in others) + "\n")
    sys.stdout.flush()


@contextmanager
def places(names: list[str]) -> Iterator[dict[str, Fresh]]:
    """Name -> how to get a fresh database of that kind, all of them thrown away afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-")))
        found: dict[str, Fresh] = {}
        if "sqlite" in names:
            databases.migrate_sqlite_in(folder)
            file = folder / databases.SQLITE_FILE
            found["sqlite"] = lambda at: databases.sqlite_address(shutil.copyfile(file, at / "clinic.sqlite"))
        if "postgresql" in names:
            server = stack.enter_context(databases.postgresql_server())
            schema = stack.enter_context(databases.fresh_schema(server))
            databases.migrate(schema.address, folder)
            found["postgresql"] = partial(_emptied, schema)
        yield found


def _emptied(schema: databases.Schema, _at: Path) -> str:
    schema.empty()
    return schema.address


def measured(name: str, fresh: Fresh, storm: Storm) -> Tally:
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        tally = run(fresh(Path(folder)), Path(folder), storm)
    shown = [getattr(tally, column) for column in COLUMNS]
    if storm.mutant:
        say(name, storm.mutant, *shown, "caught" if tally.breached else "MISSED")
    else:
        breach = "BREACH" if tally.breached else ""
        say(name, storm.provider, *shown, f"{tally.twice_a_kill:.2f} twice a kill", breach)
    return tally


def held(name: str, fresh: Fresh, storm: Storm) -> bool:
    """Whether nothing was lost, doubled or stuck, under no fewer kills than asked for."""
    tally = measured(name, fresh, storm)
    if tally.kills < storm.kills:
        sys.stdout.write(f"Only {tally.kills} of {storm.kills} kills hit a worker: too few messages.\n")
    return not tally.breached and tally.kills >= storm.kills


def raced(name: str, races: int) -> bool:
    """Cancel, move and opt-out against the hand-over, and the hand-over that does not ask again."""
    rounds = math.ceil(races / KINDS_OF_RACE)
    say(name, "races", f"{rounds * KINDS_OF_RACE} rounds")
    command = [sys.executable, "-m", "pytest", "-n0", "-q", RACES, "-k", f"{name} and not two_texts"]
    environment = os.environ | {"TORTURE_ROUNDS": str(rounds)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--races", type=int, default=2_000, help="for each database; 0 leaves them out")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    parser.add_argument("--provider", action="append", choices=list(PROVIDERS))
    return parser.parse_args()


def main() -> int:
    wanted, right = arguments(), []
    with places(wanted.database or ["sqlite", "postgresql"]) as found:
        say("database", "provider or mutant", *COLUMNS, "")
        for name, fresh in found.items():
            for mutant, provider in CAUGHT_BY.items():
                small = Storm(provider, SMALL_MESSAGES, SMALL_KILLS, mutant)
                right.append(measured(name, fresh, small).breached)
            for provider in wanted.provider or PROVIDERS:
                right.append(held(name, fresh, Storm(provider, wanted.messages, wanted.kills)))
    if wanted.races:
        right += [raced(name, wanted.races) for name in found]
    sys.stdout.write("All held.\n" if all(right) else "*** Something did not hold; see above.\n")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
