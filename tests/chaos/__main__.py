"""Every scenario on every database it is about, then a table of figures: `python -m tests.chaos`.

Status 1 at one message lost, stuck or told twice without a flag, or at whatever else did not hold.
"""

import argparse
import importlib
import logging
import pkgutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests import databases
from tests.chaos import scenarios
from tests.chaos.figures import Figures
from tests.chaos.place import Place

KINDS = ("sqlite", "postgresql")
COLUMNS = ("messages", "taken", "lost", "doubled", "twice", "marked", "stuck")


@dataclass(frozen=True)
class Result:
    """`missing`: what this machine lacks, so that it was not run."""

    name: str
    kind: str
    seconds: float
    figures: Figures
    missing: str = ""

    @property
    def right(self) -> bool:
        return self.figures.right and not (self.missing and databases.on_build_machine())

    def __str__(self) -> str:
        shown = "".join(f"{getattr(self.figures, column):>9}" for column in COLUMNS)
        told = f"not run: {self.missing}" if self.missing else self.figures.note
        wrong = f"  *** {self.figures.wrong}" if self.figures.wrong else "" if self.right else "  *** BREACH"
        return f"{self.name:<16}{self.kind:<12}{shown}{self.seconds:>7.0f} s  {told}{wrong}"


class Databases:
    """Empty databases of either kind, thrown away in the end."""

    def __init__(self, stack: ExitStack, kinds: list[str]) -> None:
        self._stack = stack
        self.server = stack.enter_context(databases.postgresql_server()) if "postgresql" in kinds else ""

    def empty(self, kind: str, folder: Path) -> str:
        if kind == "sqlite":
            return databases.sqlite_address(Path(tempfile.mkdtemp(dir=folder)) / "clinic.sqlite")
        return self._stack.enter_context(databases.fresh_schema(self.server)).address


def found(wanted: list[str] | None) -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(scenarios.__path__):
        module = importlib.import_module(f"{scenarios.__name__}.{each.name}")
        if not wanted or each.name in wanted:
            yield module


def ran(scenario: ModuleType, kind: str, known: Databases, options: dict[str, int]) -> Result:
    began, missing = time.monotonic(), ""
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as at:
        folder = Path(at)
        address = known.empty(kind, folder)
        place = Place(kind, address, folder, lambda: known.empty(kind, folder), known.server, options)
        try:
            databases.migrate(address, folder / "migrating")
            figures = scenario.run(place)
        except pytest.skip.Exception as lack:
            figures, missing = Figures(0), str(lack)
        except Exception as error:
            traceback.print_exc()
            figures = Figures(0).noted("", wrong=f"broke off: {type(error).__name__}: {error}"[:200])
        finally:
            place.stop()
        if not figures.right and (said := place.folder / "worker.log").exists():
            sys.stderr.write(said.read_text()[-3000:])
    return Result(scenario.NAME, kind, time.monotonic() - began, figures, missing)


def arguments() -> argparse.Namespace:
    names = [each.name for each in pkgutil.iter_modules(scenarios.__path__)]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=names, help="may be repeated; else all")
    parser.add_argument("--database", action="append", choices=KINDS)
    parser.add_argument("--minutes", type=int, default=0, help="how long steady traffic lasts; else 90 s")
    parser.add_argument("--slow", type=int, default=0, help="seconds after the dot; else 85")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    kinds = wanted.database or list(KINDS)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with ExitStack() as stack:
        known, results = Databases(stack, kinds), list[Result]()
        for scenario in found(wanted.scenario):
            for kind in (kind for kind in kinds if kind in scenario.DATABASES):
                results.append(ran(scenario, kind, known, {"minutes": wanted.minutes, "slow": wanted.slow}))
                sys.stdout.write(f"{results[-1]}\n")
                sys.stdout.flush()
    heads = "".join(f"{column:>9}" for column in COLUMNS)
    table = "\n".join(map(str, results))
    sys.stdout.write(f"\n{'scenario':<16}{'database':<12}{heads}\n{table}\n")
    right = all(each.right for each in results)
    sys.stdout.write("All held.\n" if right else "*** Something did not hold; see above.\n")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
