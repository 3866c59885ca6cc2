"""Single-row SELECTs compiled once and run on a raw connection; the statements themselves live with their users."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import PoolProxiedConnection

# Under this, a connection of the pool's keeps its cursor.
_CURSOR = "single_row_cursor"
Row = tuple[Any, ...]
"""As the driver makes it, to be compared rather than read: an instant, for one, is a text on SQLite."""


class _Compiled(NamedTuple):
    """`bind` turns values by name into what the driver takes."""

    text: str
    bind: Callable[[Mapping[str, Any]], Any]


class CompiledStatement:
    """A session, a transaction and a result cost several times what a short answer does; this does without them.

    It only reads, and by itself: the row is what was committed at that moment.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def row(self, engine: Engine, values: Mapping[str, Any]) -> Row | None:
        """The first row; `values` by their names in the statement. Raises OperationalError."""
        dialect = engine.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect, values)
        try:
            return _asked_by_itself(engine, compiled, values)
        except dialect.loaded_dbapi.Error as error:
            # Without its values: they say whose it was.
            raise OperationalError(compiled.text, None, error) from error


def _asked_by_itself(engine: Engine, compiled: _Compiled, values: Mapping[str, Any]) -> Row | None:
    """Over a connection of the pool's, which after any error is not used again: it may be left as it should not be."""
    borrowed = engine.raw_connection()
    ask = _ask_postgresql if engine.dialect.name == "postgresql" else _ask_sqlite
    try:
        return ask(borrowed, compiled.text, compiled.bind(values))
    except BaseException:
        borrowed.invalidate()
        raise
    finally:
        borrowed.close()


def _ask_sqlite(borrowed: PoolProxiedConnection, text: str, values: Any) -> Row | None:
    """Each statement is by itself there already; its cursor must go, or its look at the database would go on."""
    cursor = borrowed.cursor()
    try:
        cursor.execute(text, values)
        return cast("Row | None", cursor.fetchone())
    finally:
        cursor.close()


def _ask_postgresql(borrowed: PoolProxiedConnection, text: str, values: Any) -> Row | None:
    """With the connection's one cursor: a new one learns anew how values and columns are written, with more work."""
    connection: Any = borrowed.driver_connection
    cursor: Any = borrowed.info.get(_CURSOR)
    if cursor is None:
        cursor = borrowed.info[_CURSOR] = connection.cursor()
    connection.autocommit = True
    cursor.execute(text, values)
    row: Row | None = cursor.fetchone()
    connection.autocommit = False
    return row


def _compile(statement: Select[Any], dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    expanded = compiled.construct_expanded_state(dict(values))
    names = expanded.positiontup if compiled.positional else list(expanded.parameters)
    constant = {name: value for name, value in expanded.parameters.items() if name not in values}
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    converted = {name: types[name].bind_processor(dialect) if name in types else None for name in values}

    def bind(values: Mapping[str, Any]) -> Any:
        taken = dict(constant)
        for name, convert in converted.items():
            taken[name] = convert(values[name]) if convert else values[name]
        return [taken[name] for name in names or ()] if compiled.positional else taken

    return _Compiled(expanded.statement, bind)
