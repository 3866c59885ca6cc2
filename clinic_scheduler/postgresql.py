"""Connections to PostgreSQL, as it is run: behind a pooler, on several servers, over networks that go silent.

Every wait ends: for a connection, for an answer, for a row somebody else is changing.
"""

import re
import select
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection as EngineConnection
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

# A server that restarts is soon back, and a role with few connections has one free again.
TRIED_FOR_SECONDS = 1.0
TRIED_EVERY_SECONDS = 0.1
# One that could not be reached is asked again no sooner, and by one thread: the others need not wait for it.
ASKED_AGAIN_SECONDS = 1.0
ASKED_AFTER_SECONDS = 1.0
ANSWERS_WITHIN_SECONDS = 2.0
# What the server itself ends is told to us within this; past it, nobody is there.
GRACE_SECONDS = 0.5
RESTING = 5


class AddressUnreadable(ValueError):
    """DATABASE_URL is none that libpq reads; the message does not show it."""


class NoAnswer(psycopg.OperationalError):
    """The server was asked and has not answered in time; what it was asked may have been done."""


class NotReached(psycopg.OperationalError):
    """The server could not be reached a moment ago, and is being asked again already."""


@dataclass(frozen=True)
class Limits:
    """`connections` a process has at once; all others in seconds, `page` and `lock` for who waits for a page."""

    connections: int
    connect: int
    page: int
    lock: int
    statement: int
    tcp: int


def is_postgresql(address: str) -> bool:
    return address.startswith("postgres")


def plain_address(address: str) -> str:
    """As SQLAlchemy takes it: without servers where there are several, since those are the opener's business."""
    try:
        make_url(address).get_dialect()
    except (ArgumentError, ValueError):
        return "postgresql+psycopg://"
    return address


def postgresql_options(address: str, limits: Limits, in_page: Callable[[], bool]) -> dict[str, Any]:
    """Arguments for create_engine. Raises AddressUnreadable."""
    resting = min(RESTING, limits.connections)
    return {
        "creator": Opener(address, limits, in_page),
        "pool_size": resting,
        "max_overflow": limits.connections - resting,
        # The connection used last is taken first: its server process still has at hand what it needs.
        "pool_use_lifo": True,
        "hide_parameters": True,
    }


class WatchedConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends."""

    answer_within: float | None = ANSWERS_WITHIN_SECONDS
    unanswered: Callable[[], None]
    said_anew: str = ""
    """What each transaction begins with where a pooler gives every one of them another server process."""

    def wait(self, gen: Any, interval: float = TRIED_EVERY_SECONDS, timeout: float | None = None) -> Any:
        """As the driver waits; past the limit the connection is closed, since its state is anybody's guess."""
        limit = self.answer_within if timeout is None else timeout
        began = monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if limit is None or monotonic() - began < limit:
                raise
            self.close()
            self.unanswered()
            raise NoAnswer("the database has not answered in time") from None

    def has_news(self) -> bool:
        """Whether the server has said something unasked, as one does that ends the connection."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def ask(self) -> None:
        """Raises psycopg.OperationalError where the server is not there any more."""
        usual, self.answer_within = self.answer_within, ANSWERS_WITHIN_SECONDS
        self.autocommit = True
        self.execute("SELECT 1")
        self.autocommit = False
        self.answer_within = usual


class Opener:
    """Opens connections for one engine, each with the limits of whoever opens it."""

    def __init__(self, address: str, limits: Limits, in_page: Callable[[], bool]) -> None:
        try:
            given = conninfo_to_dict(re.sub(r"^postgres\w*(\+\w+)?:", "postgresql:", address))
        except psycopg.Error:
            raise AddressUnreadable(
                "DATABASE_URL must be like postgresql://clinic@db.example.org:5432/clinic; "
                "the address itself is not shown here"
            ) from None
        self._parameters: dict[str, Any] = _of_the_network(limits) | given
        self._limits = limits
        self._in_page = in_page
        self._lock = Lock()
        self._ask_again_at: float | None = None

    def __call__(self) -> WatchedConnection:
        """A new connection. Raises psycopg.OperationalError, at once while another thread is still trying."""
        self._refuse_while_silent()
        began = monotonic()
        while True:
            try:
                connection = self._connected()
            except psycopg.OperationalError:
                if monotonic() - began < TRIED_FOR_SECONDS:
                    sleep(TRIED_EVERY_SECONDS)
                    continue
                self._is_silent()
                raise
            self._ask_again_at = None
            return connection

    def _refuse_while_silent(self) -> None:
        with self._lock:
            if self._ask_again_at is None:
                return
            if monotonic() < self._ask_again_at:
                raise NotReached("the database could not be reached a moment ago")
            self._is_silent(self._limits.connect + TRIED_FOR_SECONDS)

    def _is_silent(self, for_seconds: float = ASKED_AGAIN_SECONDS) -> None:
        self._ask_again_at = monotonic() + for_seconds

    def _unanswered(self) -> None:
        """The next thread that needs a connection finds out whether anybody is there."""
        self._is_silent(0)

    def _connected(self) -> WatchedConnection:
        connection = WatchedConnection.connect(**self._parameters)
        connection.unanswered = self._unanswered
        try:
            self._limit(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _limit(self, connection: WatchedConnection) -> None:
        """Of the server itself once, and of each transaction where a pooler is seen: it hides the server's process."""
        limits, in_page = self._limits, self._in_page()
        connection.autocommit = True
        process = connection.execute("SELECT pg_backend_pid()").fetchone()
        seconds = _of_a_transaction(limits, in_page)
        if process == (connection.info.backend_pid,):
            connection.execute(_setting(seconds | _of_the_server(limits), for_transaction=False))
        else:
            connection.said_anew = _setting(seconds, for_transaction=True)
            # What one process has prepared, the next does not know.
            connection.prepare_threshold = None
        connection.autocommit = False
        connection.answer_within = (limits.page if in_page else limits.statement) + GRACE_SECONDS


def _of_the_network(limits: Limits) -> dict[str, int]:
    """Parameters of libpq, for this machine's end. What the address itself says of them counts more."""
    return {
        "connect_timeout": limits.connect,
        "keepalives_idle": limits.tcp,
        "keepalives_interval": max(1, limits.tcp // 3),
        "keepalives_count": 3,
        "tcp_user_timeout": limits.tcp * 1000,
    }


def _of_the_server(limits: Limits) -> dict[str, str]:
    """The same for the server's end, so that it does not hold locks for somebody who is gone."""
    return {
        "tcp_keepalives_idle": f"{limits.tcp}",
        "tcp_keepalives_interval": f"{max(1, limits.tcp // 3)}",
        "tcp_keepalives_count": "3",
    }


def _of_a_transaction(limits: Limits, in_page: bool) -> dict[str, str]:
    return {
        "statement_timeout": f"{limits.page if in_page else limits.statement}s",
        "lock_timeout": f"{limits.lock if in_page else limits.statement}s",
        "idle_in_transaction_session_timeout": f"{limits.statement}s",
    }


def _setting(values: dict[str, str], *, for_transaction: bool) -> str:
    """One statement for all, as a transaction may have to begin with it."""
    local = "true" if for_transaction else "false"
    return "SELECT " + ", ".join(
        f"set_config('{name}', '{value}', {local})" for name, value in values.items()
    )


def unhurried(connection: EngineConnection) -> None:
    """Let the transaction take its time, as an upgrade of large tables may."""
    driver = connection.connection.driver_connection
    if isinstance(driver, WatchedConnection):
        driver.answer_within = None
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


@event.listens_for(Engine, "begin")
def _limit_the_transaction(connection: EngineConnection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, WatchedConnection) and driver.said_anew:
        connection.exec_driver_sql(driver.said_anew)


@event.listens_for(Pool, "checkin")
def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = monotonic()


@event.listens_for(Pool, "checkout")
def _is_still_there(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has rested, or has news, if its server is still there; another takes its place if not.

    SQLAlchemy's own question comes with every use, and is longer than the shortest answers we give.
    """
    if not isinstance(connection, WatchedConnection):
        return
    rested = monotonic() - record.info.get("rests_since", monotonic())
    try:
        if rested >= ASKED_AFTER_SECONDS or connection.has_news():
            connection.ask()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


@event.listens_for(Engine, "handle_error")
def _look_for_the_primary(context: ExceptionContext) -> None:
    """What takes no changes has become a stand-by: a new connection goes to the server that does."""
    if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True
