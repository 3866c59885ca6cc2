"""Checked values out of JSON objects, by key; what the keys mean is in json_contract.py.

Each reader takes the object and the key, and raises InvalidInput that begins with the key; whoever reads an object
inside another puts the path before it, such as "courses[0].". JSON gives exactly the types asked for here, so `type`
tells a number from a truth value.
"""

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from re import ASCII, compile
from reprlib import repr as shown
from typing import Any, TypeVar

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import Interval, single_interval

Json = dict[str, Any]
_T = TypeVar("_T")
_ISO_DATE = compile(r"\d{4}-\d{2}-\d{2}", ASCII)
# No dose, weight or count comes near it; beyond it sums would no longer be exact.
_LARGEST = 1_000_000_000


def text(given: Json, key: str, *, may_be_empty: bool = False) -> str:
    value = given.get(key)
    if type(value) is not str or not (value or may_be_empty):
        raise InvalidInput(f"{key} must be a text, not {shown(value)}")
    return value


def optional_text(given: Json, key: str) -> str | None:
    return None if given.get(key) is None else text(given, key)


def optional_texts(given: Json, key: str) -> tuple[str, ...]:
    """An absent list is an empty one."""
    values = [] if given.get(key) is None else given[key]
    if type(values) is not list or not all(type(value) is str for value in values):
        raise InvalidInput(f"{key} must be a list of texts")
    return tuple(values)


def identity(given: Json, key: str) -> str | int:
    value = given.get(key)
    if type(value) is str or type(value) is int:
        return value
    raise InvalidInput(f"{key} must be a text or a whole number, not {shown(value)}")


def truth(given: Json, key: str) -> bool:
    """False where the key is absent."""
    value = given.get(key)
    if value is None:
        return False
    if type(value) is not bool:
        raise InvalidInput(f"{key} must be true or false, not {shown(value)}")
    return value


def choice(given: Json, key: str, choices: Collection[str], default: str | None = None) -> str:
    value = given.get(key)
    if value is None and default is not None:
        return default
    if type(value) is str and value in choices:
        return value
    raise InvalidInput(f"{key} must be one of {', '.join(choices)}, not {shown(value)}")


def number(given: Json, key: str) -> float:
    value = given.get(key)
    # Comparing also refuses NaN and the infinities.
    if (type(value) is int or type(value) is float) and 0 <= value <= _LARGEST:
        return value
    raise InvalidInput(f"{key} must be a number from 0 to {_LARGEST}, not {shown(value)}")


def optional_number(given: Json, key: str) -> float | None:
    return None if given.get(key) is None else number(given, key)


def optional_count(given: Json, key: str) -> int | None:
    value = optional_number(given, key)
    if value is None:
        return None
    if value != int(value):
        raise InvalidInput(f"{key} must be a whole number, not {shown(value)}")
    return int(value)


def day(given: Json, key: str) -> date:
    value = given.get(key)
    if type(value) is not str:
        raise InvalidInput(f"{key} must be a date such as 2026-11-22, not {shown(value)}")
    try:
        return _parse_date(value)
    except ValueError:
        raise InvalidInput(f"{key} must be a date such as 2026-11-22, not {shown(value)}") from None


def optional_day(given: Json, key: str) -> date | None:
    return None if given.get(key) is None else day(given, key)


# A clinic's file holds a few thousand different days, each many times.
@lru_cache(maxsize=8192)
def _parse_date(written: str) -> date:
    """`date.fromisoformat` alone would also take 20261122 and 2026-W47-7."""
    if not _ISO_DATE.fullmatch(written):
        raise ValueError(written)
    return date.fromisoformat(written)


def optional_interval(given: Json, key: str) -> Interval | None:
    value = given.get(key)
    if value is None:
        return None
    if type(value) is not str:
        raise InvalidInput(f"{key} must be an interval such as P84D, not {shown(value)}")
    try:
        return single_interval(value)
    except InvalidInput as error:
        raise InvalidInput(f"{key}: {error}") from None


def inner(given: Json, key: str, read: Callable[[Json], _T]) -> _T:
    """The object under the key as `read` makes it."""
    value = given.get(key)
    if type(value) is not dict:
        raise InvalidInput(f"{key} must be an object")
    try:
        return read(value)
    except InvalidInput as error:
        raise InvalidInput(f"{key}.{error}") from None


def list_of(given: Json, key: str, read: Callable[[Json], _T]) -> list[_T]:
    """Each object of the list as `read` makes it."""
    values = given.get(key)
    if type(values) is not list:
        raise InvalidInput(f"{key} must be a list")
    result: list[_T] = []
    for value in values:
        if type(value) is not dict:
            raise InvalidInput(f"{key}[{len(result)}] must be an object")
        try:
            result.append(read(value))
        except InvalidInput as error:
            raise InvalidInput(f"{key}[{len(result)}].{error}") from None
    return result


def optional_list_of(given: Json, key: str, read: Callable[[Json], _T]) -> list[_T]:
    """An absent list is an empty one."""
    return [] if given.get(key) is None else list_of(given, key, read)
