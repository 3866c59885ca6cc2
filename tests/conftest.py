"""Fixtures every test may use: databases, a clock that stands still, the application; and a closed network.

People and appointments to fill a database with are in factories.py.
"""

import gc
import ipaddress
import os
import random
import shutil
import socket
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from clinic_scheduler.senders.memory import MemorySender
from tests import databases
from tests.made_once import MadeOnce, made_once_in
from tests.shared import Shared, lent

# The same examples each time, however slow the machine; --hypothesis-profile search looks for new ones.
unhurried = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("search", unhurried)
hypothesis.settings.register_profile("same", unhurried, derandomize=True, database=None)
hypothesis.settings.load_profile("same")


# --- databases --------------------------------------------------------------------------------------------

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    return made_once_in(tmp_path_factory)


@pytest.fixture(scope="session")
def migrated_sqlite(made_once: MadeOnce) -> Path:
    return made_once("migrated-sqlite", databases.migrate_sqlite_in) / databases.SQLITE_FILE


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    return databases.sqlite_address(shutil.copyfile(migrated_sqlite, tmp_path / "clinic.sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with databases.postgresql_server() as address:
        yield address


@pytest.fixture(scope="session")
def migrated_schema(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Schema]:
    with databases.fresh_schema(postgresql_server) as schema:
        databases.migrate(schema.address, tmp_path_factory.mktemp("migrated"))
        schema.without_autovacuum()
        yield schema


@pytest.fixture
def postgresql_url(migrated_schema: databases.Schema) -> str:
    """A migrated PostgreSQL schema without rows; one for all tests, emptied before each."""
    migrated_schema.empty()
    return migrated_schema.address


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without rows: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return databases.sqlite_address(tmp_path / "empty.sqlite")


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    with databases.fresh_schema(postgresql_server) as schema:
        yield schema.address


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database without tables, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


# --- the application --------------------------------------------------------------------------------------


class FrozenClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def move(self, by: timedelta) -> datetime:
        self._instant += by
        return self._instant


@pytest.fixture
def clock() -> FrozenClock:
    """Monday 23 November 2026, 09:00 in Los Angeles, the week of Thanksgiving."""
    return FrozenClock(datetime(2026, 11, 23, 17, tzinfo=UTC))


@pytest.fixture
def senders() -> dict[str, MemorySender]:
    """Channel -> a sender that only remembers what it was given."""
    return {channel: MemorySender(channel) for channel in ("email", "sms")}


@pytest.fixture(scope="session")
def shared_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("shared")
    database = databases.File(shutil.copyfile(migrated_sqlite, folder / "clinic.sqlite"))
    with databases.opened(database.address, folder) as app:
        yield Shared(app, database)


@pytest.fixture(scope="session")
def shared_postgresql(
    migrated_schema: databases.Schema, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    with databases.opened(migrated_schema.address, tmp_path_factory.mktemp("shared")) as app:
        yield Shared(app, migrated_schema)


@pytest.fixture(params=BOTH)
def shared_app(request: pytest.FixtureRequest) -> Flask:
    """The application that all tests share, on SQLite and on PostgreSQL, without rows."""
    shared: Shared = request.getfixturevalue(f"shared_{request.param}")
    return shared.emptied()


@pytest.fixture
def app(
    shared_app: Flask, clock: FrozenClock, senders: dict[str, MemorySender], tmp_path: Path
) -> Iterator[Flask]:
    """The application on both databases. No app context is held: it would hide a missing commit."""
    with lent(shared_app, tmp_path / "data", clock=clock, senders=senders) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# --- what a test may not do, and what it may lack ---------------------------------------------------------

OUTGOING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
OWN_NAMES = {"", "localhost", socket.gethostname()}
if "TEST_DATABASE_URL" in os.environ:
    OWN_NAMES.add(make_url(os.environ["TEST_DATABASE_URL"]).host or "")
attempts: list[str] = []


def stay_inside(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: let sockets reach this machine only. It sees every library, whatever it imported."""
    if event in OUTGOING:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # the path of a Unix socket is no tuple
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and not is_this_machine(host):
        attempts.append(f"{event} {host}")
        raise RuntimeError(f"a test tried to reach {host}; only this machine may be spoken to")


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in OWN_NAMES


sys.addaudithook(stay_inside)


@pytest.fixture(autouse=True)
def network_attempts() -> Iterator[list[str]]:
    """Fail a test that tried to reach another machine, also where the code under test hid the error."""
    attempts.clear()
    yield attempts
    assert attempts == []


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not shutil.which("chromium"):
        databases.lacking("Chromium is missing: install it (Debian: apt-get install chromium).")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "postgresql_server" in getattr(item, "fixturenames", ()):
            item.add_marker("postgresql")
    seed = config.getoption("shuffle")
    if seed is not None:
        items[:] = shuffled(items, seed)


# --- what stays until the end -----------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and thousands of tests stay until the end: Python's collector is told not to walk through them again.

    It did so at every turn, and a quarter of a run's computing went into it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


# --- the order they run in --------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="run in another order: modules, and the tests in each"
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.getoption("shuffle")
    return None if seed is None else f"order: --shuffle {seed} runs them in this one again"


def shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    """One order for one seed, on every worker."""
    chance = random.Random(seed)
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    order = list(modules.values())
    for each in (order, *order):
        chance.shuffle(each)
    return [item for module in order for item in module]


# --- what is said at the end ------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it in red when a whole kind of test did not run."""
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", ())}
    for reason in sorted(reason for reason in reasons if "is missing: " in reason):
        terminalreporter.write_line(
            f"NOT EVERYTHING RAN. {reason.removeprefix('Skipped: ')}", red=True, bold=True
        )
