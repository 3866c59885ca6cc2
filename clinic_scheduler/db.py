"""The database handle: naming convention, UTC instants, engine settings and the unit of work.

Tables live in models/, reads in queries/, writes in services/.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, event
from sqlalchemy.engine import Connection, Dialect, ExceptionContext
from sqlalchemy.exc import DataError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from clinic_scheduler.domain.database_lock import LOCK_WAIT_SECONDS

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# The WAL-reset corruption with two writing connections is mended from here on (and in the two back-ports).
SAFE_WAL_VERSION = (3, 51, 3)
SAFE_WAL_BACKPORTS = {(3, 50, 7), (3, 44, 6)}
# SQLite's usual 2 MB hold a tenth of what a large clinic's lists are counted from, which each page would read anew.
CACHE_KIB = 32 * 1024


class Base(DeclarativeBase):
    """Every table's parent, so that constraint names are the same on both databases."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused on the way in; what comes out is aware and in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone; a naive datetime was given")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def unit_of_work(*, of_one_moment: bool = False) -> Iterator[Session]:
    """One change, whole or not at all: commits at the end, rolls back on any error.

    A read transaction that the request may have open is ended first, so that on SQLite the write lock is
    taken at BEGIN and no value read before it can be written back stale. `of_one_moment`: see read_one_moment.
    """
    session: Session = db.session()
    session.rollback()
    session.connection(
        execution_options={"sqlite_begin": "IMMEDIATE"} | (_snapshot(session) if of_one_moment else {})
    )
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def read_one_moment(session: Session) -> None:
    """From here on, all that is read was there at one moment, whatever others commit meanwhile."""
    session.rollback()
    session.connection(execution_options=_snapshot(session))


def _snapshot(session: Session) -> dict[str, str]:
    """Nothing need be said to SQLite, where a transaction never sees what others commit."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}


def sqlite_options() -> dict[str, Any]:
    """Arguments for create_engine: the newest SQLite at hand, and no values in what errors say."""
    return {"module": sqlite_module(), "hide_parameters": True}


def sqlite_module() -> Any:
    """pysqlite3 (a current SQLite in a wheel) where it is installed, else Python's own sqlite3."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3

        return sqlite3
    return dbapi2


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite keeps a WAL file whole under two writing connections."""
    return version >= SAFE_WAL_VERSION or version in SAFE_WAL_BACKPORTS


def _is_sqlite(connection: Any) -> bool:
    return "sqlite" in type(connection).__module__


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not _is_sqlite(connection):
        return
    connection.isolation_level = None  # the driver must not begin transactions of its own
    version = tuple(map(int, sqlite_module().sqlite_version.split(".")))
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}")
    cursor.execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe(version) else 'DELETE'}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_on_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


@event.listens_for(Engine, "handle_error")
def _too_large_for_sqlite(context: ExceptionContext) -> BaseException | None:
    """A number no column holds is a DataError on either database; SQLite's driver leaves it to Python's own word.

    The values stay out of it, as they may be a patient's.
    """
    error = context.original_exception
    return DataError(context.statement, None, error) if isinstance(error, OverflowError) else None
