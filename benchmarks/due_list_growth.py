"""How much longer the due list takes at ten times the courses: `python -m benchmarks.due_list_growth`.

Every tab's first page, of all and of one provider, at a clinic of 15,000 courses and at one of 150,000, on both
databases or the one named. Status 1 if a page takes more than 1.5 times as long. Loading them takes about two minutes
of processor time on SQLite. With --small and --large, addresses of SQLite files or PostgreSQL
databases are used as they are, and filled first where there is no Large Clinic yet.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from flask import Flask

from benchmarks.large_clinic import WARM_UP, Ask, large_clinic, signed_in, the_known
from clinic_scheduler.db import db
from clinic_scheduler.seeding.large_clinic.build import Size
from clinic_scheduler.web.due_filter import ALL_TABS
from tests import databases

LIMIT = 1.5
ROUNDS = 31
SMALL, LARGE = Size(10_000, 15_000), Size(100_000, 150_000)
Times = tuple[float, float]


def pages(app: Flask) -> dict[str, Ask]:
    client, _ = signed_in(app)
    with app.app_context():
        provider = the_known(db.session()).provider_id
    asked: dict[str, Ask] = {}
    for tab in ALL_TABS:
        for whose, more in (("", ""), (" of one provider", f"&provider={provider}")):
            asked[tab + whose] = lambda address=f"/due?tab={tab}{more}": client.get(address)
    return asked


def compared(small: Ask, large: Ask) -> tuple[Times, Times]:
    """Medians in ms (wall, own processor time) of either, asked in turn: a machine's speed drifts."""
    found: dict[Ask, list[Times]] = {small: [], large: []}
    for n in range(WARM_UP + ROUNDS):
        for ask, times in found.items():
            started, worked = perf_counter(), process_time()
            answer = ask()
            took = (perf_counter() - started) * 1000, (process_time() - worked) * 1000
            assert answer.status_code == 200, answer.status
            if n >= WARM_UP:
                times.append(took)
    one, other = (
        (median(wall for wall, _ in times), median(own for _, own in times)) for times in found.values()
    )
    return one, other


def report(name: str, small: Flask, large: Flask) -> bool:
    """Whether no page takes more than LIMIT times as long."""
    print(f"{name}: medians of {ROUNDS} requests in ms, wall (own CPU); limit {LIMIT} times")
    within = True
    of_large = pages(large)
    for what, ask in pages(small).items():
        (few, few_own), (many, many_own) = compared(ask, of_large[what])
        ratio = many / few
        within &= ratio <= LIMIT
        print(
            f"  {what:<34} {few:6.1f} ({few_own:5.1f}) {many:6.1f} ({many_own:5.1f}) {ratio:5.2f}"
            f"  {'ok' if ratio <= LIMIT else 'OVER'}",
            flush=True,
        )
    return within


def measure(name: str, small: str, large: str) -> bool:
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        apps = [
            stack.enter_context(large_clinic(url, folder, size))
            for url, folder, size in zip((small, large), folders, (SMALL, LARGE), strict=True)
        ]
        return report(name, *apps)


@contextmanager
def of_sqlite() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (databases.sqlite_address(Path(folder) / f"{n}.sqlite") for n in ("small", "large"))
        yield small, large


@contextmanager
def of_postgresql() -> Iterator[tuple[str, str]]:
    with (
        databases.postgresql_server() as server,
        databases.fresh_schema(server) as small,
        databases.fresh_schema(server) as large,
    ):
        yield small.address, large.address


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    places = {"sqlite": of_sqlite, "postgresql": of_postgresql}
    parser.add_argument("only", nargs="?", choices=places, help="one of the two alone; without it, both")
    parser.add_argument(
        "--small", help="address of a database with 15,000 courses, or to be filled with them"
    )
    parser.add_argument("--large", help="the same for 150,000")
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    if chosen.small and chosen.large:
        return 0 if measure(chosen.small.partition(":")[0], chosen.small, chosen.large) else 1
    verdicts = []
    for name in [chosen.only] if chosen.only else places:
        with places[name]() as addresses:
            verdicts.append(measure(name, *addresses))
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
