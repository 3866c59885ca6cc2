"""Figures as rows of a settings page: each with its value in words, its source and the shipped one."""

from collections.abc import Sequence
from typing import Any

from clinic_scheduler.domain.figures import Field, Overrides, Record, changes, edited, same, shown, typed


def figure_rows(default: Record, fields: Sequence[Field], overrides: Overrides) -> list[dict[str, Any]]:
    """A row a field, in order; `own` where the clinic changed the value."""
    record = edited(default, fields, overrides)
    rows = []
    for field in fields:
        value, shipped = getattr(record, field.name), getattr(default, field.name)
        rows.append(
            {
                "field": field,
                "typed": typed(value),
                "shown": shown(value, field.kind),
                "source": record.sources[field.name],
                "default": shown(shipped, field.kind),
                "own": not same(value, shipped),
            }
        )
    return rows


def changed_rows(old: Record, new: Record, fields: Sequence[Field]) -> list[tuple[Field, str, str, str, str]]:
    """(field, before in words, after in words, after as typed, its source) of what differs."""
    return [
        (
            field,
            shown(getattr(old, field.name), field.kind),
            shown(getattr(new, field.name), field.kind),
            typed(getattr(new, field.name)),
            new.sources[field.name],
        )
        for field in changes(old, new, fields)
    ]
