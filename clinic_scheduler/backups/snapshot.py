"""One moment of a database that is being written to, for reading in peace."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine

from clinic_scheduler.db import sqlite_module, sqlite_options


class DatabaseDamaged(Exception):
    """SQLite's own check of the file found faults; the message has the first of them."""


@contextmanager
def moment(engine: Engine, folder: Path) -> Iterator[Connection]:
    """A connection on which every read sees the same rows. Nobody who writes has to wait for it.

    PostgreSQL keeps the moment by itself; of SQLite a private copy is made in `folder` and checked.
    """
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with engine.connect().execution_options(**options) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as private:
        copy = Path(private) / "copy.sqlite"
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(engine, copy)
        private_engine = create_engine(f"sqlite:///{copy}", **sqlite_options())
        try:
            with private_engine.connect() as connection:
                yield connection
        finally:
            private_engine.dispose()


def _copy(engine: Engine, copy: Path) -> None:
    source = engine.raw_connection()
    try:
        with closing(sqlite_module().connect(copy)) as target:
            source.driver_connection.backup(target)  # type: ignore[union-attr]
            faults = [row[0] for row in target.execute("PRAGMA integrity_check(5)")]
            faults = [] if faults == ["ok"] else faults
            faults += [
                f"a row of {row[0]} refers to none" for row in target.execute("PRAGMA foreign_key_check")
            ]
    finally:
        source.close()
    if faults:
        raise DatabaseDamaged(f"The database is damaged: {faults[0]}")
