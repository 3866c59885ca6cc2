"""Protocol values as a clinic edits them: sources are asked for, contradictions found."""

from dataclasses import fields
from typing import Any

import pytest

from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.domain.protocol_fields import (
    FIELDS,
    below_label,
    changes,
    contradictions,
    overrides_of,
    same,
    shown,
    typed,
    unsourced,
)
from clinic_scheduler.domain.protocols import (
    CHRONIC_MIGRAINE,
    DEFAULT_PROTOCOLS,
    SPASTICITY_UPPER_LIMB,
    Protocol,
    protocol_with,
)

DEFAULT = DEFAULT_PROTOCOLS[CHRONIC_MIGRAINE]


def drafted(sources: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    """Overrides of a migraine form on which only `values` were changed."""
    kept = {field.name: getattr(DEFAULT, field.name) for field in FIELDS}
    plain = {name: getattr(value, "text", value) for name, value in kept.items()} | values
    return overrides_of(CHRONIC_MIGRAINE, plain, dict.fromkeys(plain, "") | (sources or {}))


def test_every_field_of_a_protocol_can_be_edited() -> None:
    assert {field.name for field in FIELDS} == {f.name for f in fields(Protocol)} - {"indication", "sources"}


def test_values_read_as_typed_and_in_words() -> None:
    names = ("earliest_recommended_interval", "unit_cap", "minimum_age", "shared_minimum_interval")
    assert [typed(DEFAULT, name) for name in names] == ["P12W", "400", "18", ""]
    assert [shown(DEFAULT, name) for name in names] == ["12 weeks (84 days)", "400 U", "18 years", "Off"]


def test_a_form_left_as_it_was_overrides_nothing() -> None:
    assert drafted() == {}
    assert drafted(earliest_recommended_interval="P84D") == {}  # the same days, written otherwise


def test_another_value_is_an_override_and_so_is_a_default_with_a_source_of_its_own() -> None:
    own = drafted({"unit_cap": "Chart review 2026"}, typical_units=200)
    assert own == {
        "unit_cap": {"value": 400, "source": "Chart review 2026"},
        "typical_units": {"value": 200, "source": ""},
    }


def test_a_value_without_a_source_is_named() -> None:
    assert list(unsourced(CHRONIC_MIGRAINE, drafted(typical_units=200))) == [
        ("typical_units", "Usual dose: enter where 200 U comes from")
    ]
    assert list(unsourced(CHRONIC_MIGRAINE, drafted({"typical_units": "Study"}, typical_units=200))) == []


def test_a_minimum_below_the_labels_84_days_needs_a_source() -> None:
    ((name, text),) = unsourced(CHRONIC_MIGRAINE, drafted(minimum_interval="P80D"))
    assert name == "minimum_interval"
    assert "label's minimum is 12 weeks (84 days)" in text
    sourced = drafted({"minimum_interval": "Payer policy 12"}, minimum_interval="P80D")
    assert list(unsourced(CHRONIC_MIGRAINE, sourced)) == []
    ((_, longer),) = unsourced(CHRONIC_MIGRAINE, drafted(minimum_interval="P90D"))
    assert "label" not in longer


@pytest.mark.parametrize(("text", "below"), [("P83D", True), ("P84D", False), ("P2M", True), ("P3M", False)])
def test_below_the_label_counts_the_shortest_months(text: str, below: bool) -> None:
    assert below_label(parse_interval(text)) is below


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"absolute_minimum_interval": "P85D"}, "absolute_minimum_interval"),
        ({"latest_recommended_interval": "P11W"}, "earliest_recommended_interval"),
        ({"lapse_interval": "P12W"}, "latest_recommended_interval"),
        ({"unit_cap": 0}, "unit_cap"),
    ],
)
def test_values_that_cannot_both_be_meant_are_found(values: dict[str, Any], field: str) -> None:
    draft = protocol_with(CHRONIC_MIGRAINE, drafted(**values))
    assert [name for name, _ in contradictions(draft)] == [field]


@pytest.mark.parametrize("indication", DEFAULT_PROTOCOLS)
def test_the_defaults_do_not_contradict_themselves(indication: str) -> None:
    assert list(contradictions(DEFAULT_PROTOCOLS[indication])) == []


def test_sameness_is_of_meaning() -> None:
    assert same(parse_interval("P12W"), parse_interval("P84D"))
    assert not same(parse_interval("P12W"), parse_interval("P3M"))
    assert not same(None, parse_interval("P3M"))
    assert same(400, 400.0)


def test_changes_name_fields_whose_value_or_source_differs() -> None:
    new = protocol_with(
        CHRONIC_MIGRAINE,
        drafted({"unit_cap": "Review"}, typical_units=200, earliest_recommended_interval="P84D"),
    )
    assert [field.name for field in changes(DEFAULT, new)] == ["unit_cap", "typical_units"]
    assert DEFAULT_PROTOCOLS[SPASTICITY_UPPER_LIMB].typical_units == 300
