"""Statements asked all day long: compiled once, handed to the driver as they are, for one row. Which: elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import OperationalError

Row = tuple[Any, ...]
"""As the driver makes it: an instant, for one, is a text on SQLite. Ask for texts and numbers."""


class _Compiled(NamedTuple):
    """`bind` turns values by name into what the driver takes."""

    text: str
    bind: Callable[[Mapping[str, Any]], Any]


class Asked:
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
            with _connection(engine) as connection:
                cursor = connection.cursor()
                cursor.execute(compiled.text, compiled.bind(values))
                row = cursor.fetchone()
                cursor.close()
        except dialect.loaded_dbapi.Error as error:
            # Without its values: they say whose it was.
            raise OperationalError(compiled.text, None, error) from error
        return None if row is None else tuple(row)


@contextmanager
def _connection(engine: Engine) -> Iterator[Any]:
    """One of the pool's, each statement on it for itself; after an error it is not used again."""
    borrowed = engine.raw_connection()
    try:
        connection: Any = borrowed.driver_connection
        by_itself = engine.dialect.name == "postgresql"  # on SQLite each is so already
        if by_itself:
            connection.autocommit = True
        yield connection
        if by_itself:
            connection.autocommit = False
    except BaseException:
        borrowed.invalidate()
        raise
    finally:
        borrowed.close()


def _compile(statement: Select[Any], dialect: Dialect, values: Mapping[str, Any]) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    expanded = compiled.construct_expanded_state(dict(values))
    # Named alike in every use, since nothing here expands into several values.
    names = expanded.positiontup if compiled.positional else list(expanded.parameters)
    constant = {name: value for name, value in expanded.parameters.items() if name not in values}
    process = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
    }

    def bound(values: Mapping[str, Any], name: str) -> Any:
        if name in constant:
            return constant[name]
        convert = process.get(name)
        return convert(values[name]) if convert else values[name]

    if compiled.positional:
        return _Compiled(expanded.statement, lambda values: [bound(values, name) for name in names or ()])
    return _Compiled(expanded.statement, lambda values: {name: bound(values, name) for name in names or ()})
