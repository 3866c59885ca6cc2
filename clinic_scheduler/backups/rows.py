"""Every row of a database as lines, table by table with a digest of each, and such lines into an empty database.

The tables are those the database has, whatever the code declares: a backup is made before an upgrade, too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import JSON, Column, Connection, MetaData, Table, inspect, select, text

from clinic_scheduler.backups.sealed import SealBroken
from clinic_scheduler.backups.values import kind_of, row_in, row_out

FORMAT = 1
VERSION_TABLE = "alembic_version"
_BATCH = 500
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class About:
    """A backup's first line: when the rows were read, and the revision of their tables."""

    made_at: datetime
    revision: str
    database: str


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows, and a digest that does not depend on their order."""

    rows: int
    digest: str


Sums = Mapping[str, TableSum]


class _Summing:
    def __init__(self) -> None:
        self._rows, self._total = 0, 0

    def add(self, line: bytes) -> None:
        self._rows += 1
        self._total = (self._total + int.from_bytes(sha256(line).digest())) % _MODULUS

    @property
    def sum(self) -> TableSum:
        return TableSum(self._rows, f"{self._total:064x}")


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None for a database that has none of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def dump(connection: Connection, out: BinaryIO, about: About) -> Sums:
    """Write every row; the connection must see one moment only."""
    head = {"format": FORMAT, "made_at": about.made_at.isoformat()}
    _say(out, head | {"revision": about.revision, "database": about.database})
    sums: dict[str, TableSum] = {}
    for table in _tables(connection):
        kinds = _kinds(table)
        _say(out, {"table": table.name, "columns": dict(zip(table.columns.keys(), kinds, strict=True))})
        summing = _Summing()
        for line in _lines(connection, table, kinds):
            summing.add(line)
            out.write(line)
        sums[table.name] = summing.sum
        _say(out, {"end": table.name, "rows": summing.sum.rows, "digest": summing.sum.digest})
    _say(out, {"complete": len(sums)})
    return sums


def sums_of(connection: Connection) -> Sums:
    """The same sums of what a database holds now."""
    sums = {}
    for table in _tables(connection):
        summing = _Summing()
        for line in _lines(connection, table, _kinds(table)):
            summing.add(line)
        sums[table.name] = summing.sum
    return sums


class Lines:
    """A backup's lines, read once from the first to the last. Raises SealBroken where they do not fit together."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        head = self._next()
        if not isinstance(head, dict) or head.get("format") != FORMAT:
            raise SealBroken("The backup was made by a version of this service that is newer than this one.")
        self.about = About(datetime.fromisoformat(head["made_at"]), head["revision"], head["database"])
        self.sums: dict[str, TableSum] = {}

    def tables(self) -> Iterator[tuple[str, Mapping[str, str], Iterator[list[Any]]]]:
        """(table, column -> kind, its rows); the rows must be read before the next table is asked for."""
        while "table" in (said := self._next()):
            yield said["table"], said["columns"], self._rows(said["table"])
        if said.get("complete") != len(self.sums):
            raise SealBroken("The backup lacks tables that it should have.")

    def check(self) -> Sums:
        """Read everything, and nothing is done with it."""
        for _, _, rows in self.tables():
            for _ in rows:
                pass
        return self.sums

    def _rows(self, table: str) -> Iterator[list[Any]]:
        summing = _Summing()
        while True:
            line = self._source.readline()
            said = json.loads(line) if line else {}
            if isinstance(said, dict):
                break
            summing.add(line)
            yield said
        found = TableSum(said.get("rows", -1), said.get("digest", ""))
        if said.get("end") != table or found != summing.sum:
            raise SealBroken(f"The backup's table {table} is not whole.")
        self.sums[table] = found

    def _next(self) -> Any:
        line = self._source.readline()
        return json.loads(line) if line else {}


def load(connection: Connection, lines: Lines) -> None:
    """Put every row into tables of the same revision, in the transaction that is open.

    References are checked at its end, since rows refer to others in either direction.
    """
    own = {table.name: table for table in _tables(connection)}
    with _references_checked_at_the_end(connection):
        for name, kinds, rows in lines.tables():
            table = own.get(name)
            if table is None or set(kinds) != set(table.columns.keys()):
                raise SealBroken(f"The backup's table {name} is not of the revision it says.")
            _insert(connection, table, kinds, rows)
        if missing := set(own) - set(lines.sums):
            raise SealBroken(f"The backup lacks the tables {', '.join(sorted(missing))}.")


def _insert(
    connection: Connection, table: Table, kinds: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    names, types = list(kinds), list(kinds.values())
    aware = connection.dialect.name == "postgresql"
    # A migration may have put rows there that a backup has as well.
    connection.execute(table.delete())
    waiting = iter(rows)
    while some := list(islice(waiting, _BATCH)):
        values = [dict(zip(names, row_in(types, row, aware=aware), strict=True)) for row in some]
        connection.execute(table.insert(), values)
    if aware and "id" in names:
        _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL gives the next row a number beyond those that were brought along."""
    quoted = connection.dialect.identifier_preparer.format_table(table)
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": quoted}
    ).scalar()
    if sequence:
        highest = f"(SELECT coalesce(max(id), 1) FROM {quoted})"
        any_rows = f"(SELECT count(*) > 0 FROM {quoted})"
        connection.execute(text(f"SELECT setval(:name, {highest}, {any_rows})"), {"name": sequence})


class _references_checked_at_the_end:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changed: list[tuple[str, str]] = []

    def __enter__(self) -> None:
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            return
        found = self._connection.execute(
            text(
                "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
                " WHERE contype = 'f' AND NOT condeferrable AND connamespace = current_schema()::regnamespace"
            )
        )
        self._changed = [(table, name) for table, name in found]
        self._alter("DEFERRABLE INITIALLY DEFERRED")

    def __exit__(self, failed: object, *_rest: object) -> None:
        if failed is None and self._changed:
            self._connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            self._alter("NOT DEFERRABLE")

    def _alter(self, how: str) -> None:
        for table, name in self._changed:
            self._connection.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {name} {how}"))


def _say(out: BinaryIO, what: Mapping[str, Any]) -> None:
    out.write(json.dumps(what, separators=(",", ":")).encode() + b"\n")


def _tables(connection: Connection) -> list[Table]:
    """As the database has them, without their guards; the table of revisions is in the first line."""
    inspector = inspect(connection)
    metadata = MetaData()
    tables = []
    for name in sorted(set(inspector.get_table_names()) - {VERSION_TABLE}):
        columns = [Column(column["name"], _plain(column["type"])) for column in inspector.get_columns(name)]
        tables.append(Table(name, metadata, *columns))
    return tables


def _plain(column_type: Any) -> Any:
    # An absent value is NULL, not JSON's own null.
    return JSON(none_as_null=True) if isinstance(column_type, JSON) else column_type


def _kinds(table: Table) -> list[str]:
    return [kind_of(column.type) for column in table.columns]


def _lines(connection: Connection, table: Table, kinds: Sequence[str]) -> Iterator[bytes]:
    # Told to the statement alone: a connection would keep it for every later one.
    streamed = select(table).execution_options(stream_results=True, yield_per=_BATCH)
    for row in connection.execute(streamed):
        yield row_out(kinds, row)
