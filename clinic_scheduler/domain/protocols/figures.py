"""Figures with their sources as a clinic edits them: how a field is read, shown, checked and compared.

A record is a frozen dataclass with `sources` by field: a protocol, a product's caps, a label. What a clinic changed
is kept as overrides, {field: {"value": ..., "source": ...}}: intervals as ISO 8601 texts, numbers, None for off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import inf
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import Interval, add, parse_interval

LABEL_MINIMUM = parse_interval("P84D")
OFF = "Off"
NONE_GIVEN = "None"
# Four years: every length a month, and a sum of months, can have.
_DAYS = tuple(date(2024, 1, 1) + timedelta(n) for n in range(1461))


class Kind(StrEnum):
    """What a field holds; an optional one may be None."""

    INTERVAL = "interval"
    OPTIONAL_INTERVAL = "optional_interval"
    UNITS = "units"
    OPTIONAL_UNITS = "optional_units"
    YEARS = "years"
    OPTIONAL_YEARS = "optional_years"

    @property
    def is_interval(self) -> bool:
        return self in (Kind.INTERVAL, Kind.OPTIONAL_INTERVAL)

    @property
    def is_years(self) -> bool:
        return self in (Kind.YEARS, Kind.OPTIONAL_YEARS)

    @property
    def is_optional(self) -> bool:
        return self in (Kind.OPTIONAL_INTERVAL, Kind.OPTIONAL_UNITS, Kind.OPTIONAL_YEARS)


@dataclass(frozen=True, slots=True)
class Field:
    """`meaning` says what it does, in the words of the settings page."""

    name: str
    kind: Kind
    label: str
    meaning: str


class Record(Protocol):
    """What has figures: a frozen dataclass with the source of each."""

    @property
    def sources(self) -> Mapping[str, str]: ...


Value = Interval | float | None
Overrides = Mapping[str, Mapping[str, Any]]
AnyRecord = TypeVar("AnyRecord", bound=Record)


def edited(base: AnyRecord, fields: Sequence[Field], overrides: Overrides) -> AnyRecord:
    """The record with a clinic's own values. Raises InvalidInput for a field it has not, or a value that cannot be."""
    if not overrides:
        return base
    kinds = {field.name: field.kind for field in fields}
    values: dict[str, Any] = {}
    for name, given in overrides.items():
        if name not in kinds:
            raise InvalidInput(f"there is no field {name!r}")
        values[name] = _checked(name, kinds[name], given["value"])
    sources = MappingProxyType(
        {**base.sources, **{name: given["source"] for name, given in overrides.items()}}
    )
    return replace(base, **values, sources=sources)  # type: ignore[type-var]


def _checked(name: str, kind: Kind, value: Any) -> Any:
    if value is None and kind.is_optional:
        return None
    if kind.is_interval:
        if isinstance(value, str):
            return parse_interval(value)
        raise InvalidInput(f"{name} must be an interval such as P84D, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
        raise InvalidInput(f"{name} must be a number of at least 0, not {value!r}")
    return value


def typed(value: Value) -> str:
    """The value as it is typed: P12W, 400, or nothing where there is none."""
    if value is None:
        return ""
    return value.text if isinstance(value, Interval) else f"{value:g}"


def shown(value: Value, kind: Kind = Kind.INTERVAL) -> str:
    """The value in words: 12 weeks (84 days), 400 U, 18 years; Off for an interval that is, None for no figure."""
    if value is None:
        return OFF if kind.is_interval else NONE_GIVEN
    if isinstance(value, Interval):
        return value.words()
    return f"{value:g} {'years' if kind.is_years else 'U'}"


def same(one: Value, other: Value) -> bool:
    """Whether two values mean the same; P12W and P84D do."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return (one.months, one.exact) == (other.months, other.exact)
    return one == other


def overrides_of(
    default: Record, fields: Sequence[Field], values: Mapping[str, Any], sources: Mapping[str, str]
) -> dict[str, Any]:
    """What differs from `default`, as `edited` reads it.

    A default value is kept as an override only where the clinic names a source of its own for it.
    """
    draft = edited(default, fields, {name: {"value": value, "source": ""} for name, value in values.items()})
    return {
        name: {"value": value, "source": sources[name]}
        for name, value in values.items()
        if sources[name] or not same(getattr(draft, name), getattr(default, name))
    }


def unsourced(default: Record, fields: Sequence[Field], overrides: Overrides) -> Iterator[tuple[str, str]]:
    """(field, sentence) of every value that is not the default's and for which nobody vouches."""
    draft = edited(default, fields, overrides)
    for field in fields:
        if field.name not in overrides or overrides[field.name]["source"]:
            continue
        value = getattr(draft, field.name)
        if field.name == "minimum_interval" and isinstance(value, Interval) and below_label(value):
            yield (
                field.name,
                f"The label's minimum is {LABEL_MINIMUM.words()}. Enter the source that allows {value.words()}",
            )
        else:
            yield field.name, f"{field.label}: enter where {shown(value, field.kind)} comes from"


def changes(old: Record, new: Record, fields: Sequence[Field]) -> list[Field]:
    """The fields whose value or source differs."""
    return [
        field
        for field in fields
        if not same(getattr(old, field.name), getattr(new, field.name))
        or old.sources[field.name] != new.sources[field.name]
    ]


def below_label(interval: Interval) -> bool:
    """Whether it can come to less than the labels' 84 days."""
    return any(add(day, interval) < add(day, LABEL_MINIMUM) for day in _DAYS)


def always_longer(one: Interval, other: Interval) -> bool:
    """Whether the first is longer from whichever day they count."""
    return all(add(day, one) > add(day, other) for day in _DAYS)
