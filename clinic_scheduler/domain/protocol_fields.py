"""A protocol's fields as a clinic edits them: their words, what a draft may hold, and what contradicts itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clinic_scheduler.domain.intervals import Interval, add, parse_interval
from clinic_scheduler.domain.protocols import DEFAULT_PROTOCOLS, Protocol, protocol_with

INTERVAL, OPTIONAL_INTERVAL, UNITS, YEARS = "interval", "optional_interval", "units", "years"
LABEL_MINIMUM = parse_interval("P84D")
OFF = "Off"
# Four years: every length a month, and a sum of months, can have.
_DAYS = tuple(date(2024, 1, 1) + timedelta(n) for n in range(1461))


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` says how it is written, `meaning` what it does, in the words of the settings page."""

    name: str
    kind: str
    label: str
    meaning: str


FIELDS = (
    Field("absolute_minimum_interval", INTERVAL, "Absolute minimum", "A treatment before this is too soon"),
    Field("minimum_interval", INTERVAL, "Minimum", "No visit is booked before this"),
    Field("earliest_recommended_interval", INTERVAL, "Due after", "The due date"),
    Field("latest_recommended_interval", INTERVAL, "On time until", "Overdue the day after"),
    Field("lapse_interval", INTERVAL, "Lapsed after", "A new consultation comes first"),
    Field("first_treatment_within", INTERVAL, "First treatment within", "A new course is on time until then"),
    Field("unit_cap", UNITS, "Unit cap, adults", "All indications together"),
    Field("unit_cap_window", INTERVAL, "Unit cap counts over", "Units given within this count"),
    Field("paediatric_units_per_kg", UNITS, "Paediatric units per kg", "Under 18, with the next one"),
    Field("paediatric_unit_cap", UNITS, "Paediatric unit cap", "The lower of the two holds"),
    Field("typical_units", UNITS, "Usual dose", "Planned where nothing better is known"),
    Field("minimum_age", YEARS, "Minimum age", "Younger patients are not covered"),
    Field(
        "shared_minimum_interval",
        OPTIONAL_INTERVAL,
        "Minimum after other courses",
        "After toxin given for another indication",
    ),
    Field(
        "other_product_review",
        INTERVAL,
        "Review after another product",
        "Until then a provider decides on a different toxin",
    ),
    Field(
        "grace_after_due", INTERVAL, "Grace after the due date", "On time at least this long after it is due"
    ),
)
# (shorter, longer): where the first is longer on every day, the two cannot both be meant.
_IN_ORDER = (
    ("absolute_minimum_interval", "minimum_interval"),
    ("earliest_recommended_interval", "latest_recommended_interval"),
    ("latest_recommended_interval", "lapse_interval"),
)


def typed(protocol: Protocol, name: str) -> str:
    """The value as it is typed: P12W, 400, or nothing where it is off."""
    value = getattr(protocol, name)
    if value is None:
        return ""
    return value.text if isinstance(value, Interval) else f"{value:g}"


def shown(protocol: Protocol, name: str) -> str:
    """The value in words: 12 weeks (84 days), 400 U, 18 years, Off."""
    value, kind = getattr(protocol, name), _BY_NAME[name].kind
    if value is None:
        return OFF
    if isinstance(value, Interval):
        return value.words()
    return f"{value:g} {'U' if kind == UNITS else 'years'}"


def same(one: Interval | float | None, other: Interval | float | None) -> bool:
    """Whether two values mean the same; P12W and P84D do."""
    if isinstance(one, Interval) and isinstance(other, Interval):
        return (one.months, one.exact) == (other.months, other.exact)
    return one == other


def below_label(interval: Interval) -> bool:
    """Whether it can come to less than the label's 84 days."""
    return any(add(day, interval) < add(day, LABEL_MINIMUM) for day in _DAYS)


def overrides_of(indication: str, values: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    """What differs from the default protocol, as protocol_with reads it.

    `values` are ISO 8601 texts (None: off) and numbers by field. A default value is kept as an override only
    where the clinic names a source of its own for it.
    """
    default = DEFAULT_PROTOCOLS[indication]
    draft = protocol_with(
        indication, {name: {"value": value, "source": ""} for name, value in values.items()}
    )
    return {
        name: {"value": value, "source": sources[name]}
        for name, value in values.items()
        if sources[name] or not same(getattr(draft, name), getattr(default, name))
    }


def unsourced(indication: str, overrides: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(field, sentence) of every value that is not the default's and for which nobody vouches."""
    draft = protocol_with(indication, overrides)
    for name, given in overrides.items():
        if given["source"]:
            continue
        if name == "minimum_interval" and below_label(draft.minimum_interval):
            yield (
                name,
                f"The label's minimum is {LABEL_MINIMUM.words()}. Enter the source that allows "
                f"{draft.minimum_interval.words()}",
            )
        else:
            yield name, f"{_BY_NAME[name].label}: enter where {shown(draft, name)} comes from"


def contradictions(draft: Protocol) -> Iterator[tuple[str, str]]:
    """(field, sentence) of values that cannot both be meant."""
    for short, long in _IN_ORDER:
        if _always_longer(getattr(draft, short), getattr(draft, long)):
            yield (
                short,
                f"{_BY_NAME[short].label} ({shown(draft, short)}) is longer than "
                f"{_BY_NAME[long].label.lower()} ({shown(draft, long)})",
            )
    if not draft.unit_cap:
        yield "unit_cap", "A unit cap of 0 would allow nothing"


def changes(old: Protocol, new: Protocol) -> list[Field]:
    """The fields whose value or source differs."""
    return [
        field
        for field in FIELDS
        if not same(getattr(old, field.name), getattr(new, field.name))
        or old.sources[field.name] != new.sources[field.name]
    ]


def _always_longer(one: Interval, other: Interval) -> bool:
    return all(add(day, one) > add(day, other) for day in _DAYS)


_BY_NAME = {field.name: field for field in FIELDS}
