"""The protocols: defaults of the rules' table, and a clinic's own values."""

from typing import Any

import pytest
from builders import course

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.protocols import DEFAULT_PROTOCOLS, INDICATIONS, protocol_with

FIELDS = (
    *("absolute_minimum_interval", "minimum_interval", "earliest_recommended_interval"),
    *("latest_recommended_interval", "lapse_interval", "first_treatment_within", "unit_cap_window"),
)


@pytest.mark.parametrize(
    ("indication", "intervals", "typical_units", "minimum_age"),
    [
        ("chronic_migraine", "P78D P84D P12W P13W P26W P4W P84D", 155, 18),
        ("spasticity_upper_limb", "P84D P84D P3M P4M P6M P4W P84D", 300, 2),
        ("spasticity_lower_limb", "P84D P84D P3M P4M P6M P4W P84D", 300, 2),
    ],
)
def test_defaults(indication: str, intervals: str, typical_units: float, minimum_age: int) -> None:
    protocol = DEFAULT_PROTOCOLS[indication]
    assert [getattr(protocol, name).text for name in FIELDS] == intervals.split()
    assert (protocol.typical_units, protocol.minimum_age) == (typical_units, minimum_age)
    assert (protocol.unit_cap, protocol.paediatric_units_per_kg, protocol.paediatric_unit_cap) == (
        400,
        10,
        340,
    )
    assert protocol.shared_minimum_interval is None


@pytest.mark.parametrize("indication", INDICATIONS)
def test_every_value_carries_its_source(indication: str) -> None:
    protocol = DEFAULT_PROTOCOLS[indication]
    values = set(protocol.__slots__) - {"indication", "sources"}
    assert values == set(protocol.sources)
    assert all(protocol.sources.values())


@pytest.mark.parametrize("indication", INDICATIONS)
def test_a_course_is_for_its_protocols_indication(indication: str) -> None:
    assert course(indication).indication == indication


def test_without_own_values_a_clinic_has_the_default() -> None:
    assert protocol_with("chronic_migraine", {}) is DEFAULT_PROTOCOLS["chronic_migraine"]


def test_a_clinics_value_brings_its_source_and_leaves_the_default_alone() -> None:
    own = protocol_with(
        "chronic_migraine",
        {
            "minimum_interval": {"value": "P90D", "source": "Dr. Okafor, 2026"},
            "unit_cap": {"value": 360, "source": "pharmacy"},
            "shared_minimum_interval": {"value": None, "source": "clinic"},
        },
    )
    assert (own.minimum_interval.text, own.sources["minimum_interval"]) == ("P90D", "Dr. Okafor, 2026")
    assert (own.unit_cap, own.shared_minimum_interval) == (360, None)
    assert DEFAULT_PROTOCOLS["chronic_migraine"].minimum_interval.text == "P84D"
    assert DEFAULT_PROTOCOLS["chronic_migraine"].sources["unit_cap"] != "pharmacy"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *(("indication", "x", "no field"), ("sources", {}, "no field"), ("colour", 1, "no field")),
        *(("minimum_interval", value, "must be an interval") for value in (None, 84, True)),
        *(("minimum_interval", value, "is not an interval") for value in ("", "84")),
        ("shared_minimum_interval", 84, "must be an interval"),
        *(
            ("unit_cap", value, "must be a number")
            for value in (None, "400", True, -1, float("nan"), float("inf"))
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        protocol_with("chronic_migraine", {name: {"value": value, "source": "x"}})


def test_an_unknown_indication_is_refused_with_those_known() -> None:
    with pytest.raises(InvalidInput, match="unknown indication 'migraine'; known are chronic_migraine, "):
        protocol_with("migraine", {})
