"""Protocol fields with their defaults and where each comes from (CDSi names)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from types import MappingProxyType
from typing import Any

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.intervals import Interval, parse_interval

CHRONIC_MIGRAINE = "chronic_migraine"
SPASTICITY_UPPER_LIMB = "spasticity_upper_limb"
SPASTICITY_LOWER_LIMB = "spasticity_lower_limb"
INDICATIONS = (CHRONIC_MIGRAINE, SPASTICITY_UPPER_LIMB, SPASTICITY_LOWER_LIMB)
INDICATION_WORDS = MappingProxyType(
    {
        CHRONIC_MIGRAINE: "Chronic migraine",
        SPASTICITY_UPPER_LIMB: "Spasticity, upper limb",
        SPASTICITY_LOWER_LIMB: "Spasticity, lower limb",
    }
)

PRODUCTS = (
    "onabotulinumtoxinA",
    "abobotulinumtoxinA",
    "incobotulinumtoxinA",
    "rimabotulinumtoxinB",
    "daxibotulinumtoxinA",
)
BRANDS = MappingProxyType(
    {
        "onabotulinumtoxinA": "Botox",
        "abobotulinumtoxinA": "Dysport",
        "incobotulinumtoxinA": "Xeomin",
        "rimabotulinumtoxinB": "Myobloc",
        "daxibotulinumtoxinA": "Daxxify",
    }
)

ADULT_AGE = 18

_LABEL = "onabotulinumtoxinA prescribing information"
_PAYER = "common payer policy, 84 days"
_HOUSE = "clinic default"


@dataclass(frozen=True, slots=True)
class Protocol:
    """One edition of one indication's rules. Caps are in units of the course's own product."""

    indication: str
    absolute_minimum_interval: Interval
    minimum_interval: Interval
    earliest_recommended_interval: Interval
    latest_recommended_interval: Interval
    lapse_interval: Interval
    first_treatment_within: Interval
    unit_cap: float
    unit_cap_window: Interval
    paediatric_units_per_kg: float
    paediatric_unit_cap: float
    typical_units: float
    minimum_age: int
    shared_minimum_interval: Interval | None
    other_product_review: Interval
    grace_after_due: Interval
    sources: Mapping[str, str]


_SOURCES = MappingProxyType(
    {
        "absolute_minimum_interval": _HOUSE,
        "minimum_interval": f"{_LABEL}; {_PAYER}",
        "earliest_recommended_interval": _LABEL,
        "latest_recommended_interval": _HOUSE,
        "lapse_interval": _HOUSE,
        "first_treatment_within": _HOUSE,
        "unit_cap": f"{_LABEL}, adult, all indications together",
        "unit_cap_window": f"{_LABEL}; {_PAYER}",
        "paediatric_units_per_kg": f"{_LABEL}, paediatric",
        "paediatric_unit_cap": f"{_LABEL}, paediatric",
        "typical_units": f"{_LABEL}, planning figure",
        "minimum_age": _LABEL,
        "shared_minimum_interval": _HOUSE,
        "other_product_review": _HOUSE,
        "grace_after_due": _HOUSE,
    }
)


def _defaults(
    indication: str, absolute: str, earliest: str, latest: str, lapse: str, units: int, age: int
) -> Protocol:
    return Protocol(
        indication=indication,
        absolute_minimum_interval=parse_interval(absolute),
        minimum_interval=parse_interval("P84D"),
        earliest_recommended_interval=parse_interval(earliest),
        latest_recommended_interval=parse_interval(latest),
        lapse_interval=parse_interval(lapse),
        first_treatment_within=parse_interval("P4W"),
        unit_cap=400,
        unit_cap_window=parse_interval("P84D"),
        paediatric_units_per_kg=10,
        paediatric_unit_cap=340,
        typical_units=units,
        minimum_age=age,
        shared_minimum_interval=None,
        other_product_review=parse_interval("P16W"),
        grace_after_due=parse_interval("P7D"),
        sources=_SOURCES,
    )


DEFAULT_PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        CHRONIC_MIGRAINE: _defaults(CHRONIC_MIGRAINE, "P78D", "P12W", "P13W", "P26W", 155, ADULT_AGE),
        SPASTICITY_UPPER_LIMB: _defaults(SPASTICITY_UPPER_LIMB, "P84D", "P3M", "P4M", "P6M", 300, 2),
        SPASTICITY_LOWER_LIMB: _defaults(SPASTICITY_LOWER_LIMB, "P84D", "P3M", "P4M", "P6M", 300, 2),
    }
)

_EDITABLE = tuple(field.name for field in fields(Protocol) if field.name not in ("indication", "sources"))


def protocol_with(indication: str, overrides: Mapping[str, Mapping[str, Any]]) -> Protocol:
    """The default protocol with a clinic's own values: {field: {"value": ..., "source": ...}}.

    Intervals are ISO 8601 texts, caps and ages numbers. Raises InvalidInput for an unknown indication or field.
    """
    if indication not in DEFAULT_PROTOCOLS:
        raise InvalidInput(f"unknown indication {indication!r}; known are {', '.join(INDICATIONS)}")
    base = DEFAULT_PROTOCOLS[indication]
    if not overrides:
        return base
    values: dict[str, Any] = {}
    sources = dict(base.sources)
    for name, given in overrides.items():
        if name not in _EDITABLE:
            raise InvalidInput(f"a protocol has no field {name!r}")
        values[name] = _checked(name, given["value"])
        sources[name] = given["source"]
    return replace(base, **values, sources=MappingProxyType(sources))


def _checked(name: str, value: Any) -> Any:
    if name == "shared_minimum_interval" and value is None:
        return None
    if (
        isinstance(getattr(DEFAULT_PROTOCOLS[CHRONIC_MIGRAINE], name), Interval)
        or name == "shared_minimum_interval"
    ):
        if isinstance(value, str):
            return parse_interval(value)
        raise InvalidInput(f"{name} must be an interval such as P84D, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
        raise InvalidInput(f"{name} must be a number of at least 0, not {value!r}")
    return value
