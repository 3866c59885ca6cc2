"""A value of a column as JSON and back, the same from either database, so that rows can be compared across them."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Float, Numeric, Time
from sqlalchemy.types import TypeEngine


def kind_of(column_type: TypeEngine[Any]) -> str:
    """What a column holds, in words that outlive a database's own."""
    if isinstance(column_type, DateTime):
        return "instant"
    if isinstance(column_type, Date):
        return "date"
    if isinstance(column_type, Time):
        return "time"
    if isinstance(column_type, JSON):
        return "json"
    if isinstance(column_type, Numeric) and not isinstance(column_type, Float):
        return "decimal"
    return "plain"


def _instant_out(value: datetime) -> str:
    # SQLite keeps instants in UTC and without a zone.
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


_OUT: dict[str, Callable[[Any], Any]] = {
    "instant": _instant_out,
    "date": date.isoformat,
    "time": time.isoformat,
    "decimal": lambda value: f"{value:f}",
    "json": lambda value: value,
    "plain": lambda value: value,
}
_IN: dict[str, Callable[[Any], Any]] = {
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "json": lambda value: value,
    "plain": lambda value: value,
}


def row_out(kinds: Sequence[str], row: Sequence[Any]) -> bytes:
    """One line."""
    cells = [None if value is None else _OUT[kind](value) for kind, value in zip(kinds, row, strict=True)]
    return json.dumps(cells, separators=(",", ":")).encode() + b"\n"


def row_in(kinds: Sequence[str], cells: Sequence[Any], *, aware: bool) -> list[Any]:
    """`aware`: instants keep their zone, as PostgreSQL wants them."""
    values = [None if cell is None else _IN[kind](cell) for kind, cell in zip(kinds, cells, strict=True)]
    if aware:
        return values
    return [value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in values]
