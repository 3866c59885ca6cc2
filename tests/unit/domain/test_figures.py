"""Figures as a clinic edits them: of protocols, products and labels; sources are asked for, contradictions found."""

from dataclasses import fields
from typing import Any

import pytest

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.protocols import labels, products
from clinic_scheduler.domain.protocols import protocol as protocols
from clinic_scheduler.domain.protocols.figures import (
    Kind,
    below_label,
    changes,
    overrides_of,
    same,
    shown,
    typed,
    unsourced,
)
from clinic_scheduler.domain.protocols.indications import INDICATIONS, protocol_with
from clinic_scheduler.domain.protocols.labels import LABEL_FIELDS, LABELS, Label, label_of, label_with
from clinic_scheduler.domain.protocols.products import PRODUCT_FIELDS, PRODUCTS, Product, product_with
from clinic_scheduler.domain.protocols.protocol import PROTOCOL_FIELDS, Protocol

MIGRAINE, UPPER = "chronic_migraine", "spasticity_upper_limb"
BOTOX, DYSPORT = "onabotulinumtoxinA", "abobotulinumtoxinA"
DEFAULT = INDICATIONS[MIGRAINE].protocol
LABEL = label_of(DYSPORT, UPPER)


def drafted(sources: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    """Overrides of a migraine protocol's form on which only `values` were changed."""
    return _drafted(DEFAULT, PROTOCOL_FIELDS, sources or {}, values)


def _drafted(default: Any, of: Any, sources: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    kept = {field.name: getattr(default, field.name) for field in of}
    plain = {name: getattr(value, "text", value) for name, value in kept.items()} | values
    return overrides_of(default, of, plain, dict.fromkeys(plain, "") | sources)


def test_every_figure_of_a_record_can_be_edited() -> None:
    for of, record, fixed in (
        (PROTOCOL_FIELDS, Protocol, {"indication"}),
        (
            PRODUCT_FIELDS,
            Product,
            {"code", "brand", "hcpcs", "units_per_billing_unit", "vials", "names"},
        ),
        (LABEL_FIELDS, Label, {"product", "indication", "licensed"}),
    ):
        assert {field.name for field in of} == {f.name for f in fields(record)} - fixed - {"sources"}


@pytest.mark.parametrize(
    ("record", "of"),
    [
        *((indication.protocol, PROTOCOL_FIELDS) for indication in INDICATIONS.values()),
        *((product, PRODUCT_FIELDS) for product in PRODUCTS.values()),
        *((label, LABEL_FIELDS) for label in LABELS.values()),
        (label_of("daxibotulinumtoxinA", MIGRAINE), LABEL_FIELDS),
    ],
)
def test_every_shipped_figure_names_its_source(record: Any, of: Any) -> None:
    assert set(record.sources) == {field.name for field in of}
    assert all(record.sources.values())


def test_a_labels_source_is_its_own_products() -> None:
    for (product, _), label in LABELS.items():
        assert label.sources["session_cap"].startswith(PRODUCTS[product].brand) is label.licensed
    assert label_of("daxibotulinumtoxinA", MIGRAINE).sources["session_cap"].startswith("not on the label")


def test_values_read_as_typed_and_in_words() -> None:
    protocol = [
        getattr(DEFAULT, name) for name in ("earliest_recommended_interval", "shared_minimum_interval")
    ]
    assert [typed(value) for value in protocol] == ["P12W", ""]
    assert [shown(value) for value in protocol] == ["12 weeks (84 days)", "Off"]
    label = [
        (LABEL.session_cap, Kind.OPTIONAL_UNITS),
        (LABEL.minimum_age, Kind.YEARS),
        (None, Kind.OPTIONAL_UNITS),
    ]
    assert [typed(value) for value, _ in label] == ["1000", "2", ""]
    assert [shown(value, kind) for value, kind in label] == ["1000 U", "2 years", "None"]


def test_a_form_left_as_it_was_overrides_nothing() -> None:
    assert drafted() == {}
    assert drafted(earliest_recommended_interval="P84D") == {}  # the same days, written otherwise
    assert _drafted(LABEL, LABEL_FIELDS, {}, {}) == {}
    assert _drafted(PRODUCTS[BOTOX], PRODUCT_FIELDS, {}, {}) == {}


def test_another_value_is_an_override_and_so_is_a_default_with_a_source_of_its_own() -> None:
    own = _drafted(
        LABEL,
        LABEL_FIELDS,
        {"session_cap": "Chart review 2026"},
        {"typical_units": 600, "minimum_interval": None},
    )
    assert own == {
        "session_cap": {"value": 1000, "source": "Chart review 2026"},
        "typical_units": {"value": 600, "source": ""},
        "minimum_interval": {"value": None, "source": ""},
    }


def test_a_value_without_a_source_is_named() -> None:
    own = {"typical_units": 600}
    assert list(unsourced(LABEL, LABEL_FIELDS, _drafted(LABEL, LABEL_FIELDS, {}, own))) == [
        ("typical_units", "Usual dose: enter where 600 U comes from")
    ]
    sourced = _drafted(LABEL, LABEL_FIELDS, {"typical_units": "Study"}, own)
    assert list(unsourced(LABEL, LABEL_FIELDS, sourced)) == []


def test_a_minimum_below_the_labels_84_days_needs_a_source() -> None:
    ((name, text),) = unsourced(DEFAULT, PROTOCOL_FIELDS, drafted(minimum_interval="P80D"))
    assert name == "minimum_interval"
    assert "label's minimum is 12 weeks (84 days)" in text
    sourced = drafted({"minimum_interval": "Payer policy 12"}, minimum_interval="P80D")
    assert list(unsourced(DEFAULT, PROTOCOL_FIELDS, sourced)) == []
    ((_, longer),) = unsourced(DEFAULT, PROTOCOL_FIELDS, drafted(minimum_interval="P90D"))
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
    ],
)
def test_intervals_that_cannot_both_be_meant_are_found(values: dict[str, Any], field: str) -> None:
    draft = protocol_with(MIGRAINE, drafted(**values))
    assert [name for name, _ in protocols.contradictions(draft)] == [field]


def test_caps_that_would_allow_nothing_and_an_age_without_its_interval_are_found() -> None:
    none = product_with(BOTOX, {"unit_cap": {"value": 0, "source": "x"}})
    assert [name for name, _ in products.contradictions(none)] == ["unit_cap"]
    own = {(BOTOX, UPPER): {"minimum_interval_under": {"value": 18, "source": "x"}}}
    assert [name for name, _ in labels.contradictions(label_with(BOTOX, UPPER, own))] == [
        "minimum_interval_under"
    ]
    own = {(BOTOX, UPPER): {"session_cap": {"value": 0, "source": "x"}}}
    assert [name for name, _ in labels.contradictions(label_with(BOTOX, UPPER, own))] == ["session_cap"]


def test_what_is_shipped_does_not_contradict_itself() -> None:
    for indication in INDICATIONS.values():
        assert list(protocols.contradictions(indication.protocol)) == []
    for product in PRODUCTS.values():
        assert list(products.contradictions(product)) == []
    for label in LABELS.values():
        assert list(labels.contradictions(label)) == []


def test_sameness_is_of_meaning() -> None:
    assert same(parse_interval("P12W"), parse_interval("P84D"))
    assert not same(parse_interval("P12W"), parse_interval("P3M"))
    assert not same(None, parse_interval("P3M"))
    assert same(400, 400.0)


def test_changes_name_fields_whose_value_or_source_differs() -> None:
    own = drafted({"lapse_interval": "Review"}, minimum_interval="P90D", earliest_recommended_interval="P84D")
    new = protocol_with(MIGRAINE, own)
    assert [field.name for field in changes(DEFAULT, new, PROTOCOL_FIELDS)] == [
        "minimum_interval",
        "lapse_interval",
    ]


def test_a_clinics_caps_and_label_come_together_and_leave_what_is_shipped_alone() -> None:
    own = {
        (BOTOX, UPPER): {"minimum_age": {"value": 5, "source": "Dr. Okafor"}},
        (BOTOX, labels.EVERY_INDICATION): {"unit_cap": {"value": 360, "source": "pharmacy"}},
        (BOTOX, MIGRAINE): {"minimum_age": {"value": 12, "source": "elsewhere"}},
    }
    label = label_with(BOTOX, UPPER, own)
    assert (label.minimum_age, label.sources["minimum_age"]) == (5, "Dr. Okafor")
    assert (label.product.unit_cap, label.product.sources["unit_cap"]) == (360, "pharmacy")
    assert (PRODUCTS[BOTOX].unit_cap, label_of(BOTOX, UPPER).minimum_age) == (400, 2)
    assert label_with(DYSPORT, UPPER, own) == label_of(DYSPORT, UPPER)


def test_a_pair_without_a_label_is_told_from_one_with() -> None:
    pair = label_of("rimabotulinumtoxinB", MIGRAINE)
    assert (pair.licensed, pair.minimum_age, pair.session_cap, pair.typical_units) == (False, 18, None, None)
    assert label_of("incobotulinumtoxinA", MIGRAINE).typical_units == 155
    assert label_of("incobotulinumtoxinA", MIGRAINE).product.brand == "Xeomin"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *(("indication", "x", "no field"), ("sources", {}, "no field"), ("colour", 1, "no field")),
        *(("minimum_interval", value, "must be an interval") for value in (None, 84, True)),
        *(("minimum_interval", value, "is not an interval") for value in ("", "84")),
        ("shared_minimum_interval", 84, "must be an interval"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        protocol_with(MIGRAINE, {name: {"value": value, "source": "x"}})


@pytest.mark.parametrize("value", ["400", True, -1, float("nan"), float("inf")])
def test_a_number_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="must be a number"):
        product_with(BOTOX, {"unit_cap": {"value": value, "source": "x"}})


def test_without_own_values_a_clinic_has_what_is_shipped() -> None:
    assert protocol_with(MIGRAINE, {}) is DEFAULT
    assert label_with(BOTOX, UPPER, {}) is label_of(BOTOX, UPPER)


def test_what_nobody_has_a_record_of_is_refused_with_what_is_known() -> None:
    with pytest.raises(InvalidInput, match="unknown indication 'migraine'; known are chronic_migraine, "):
        protocol_with("migraine", {})
    with pytest.raises(InvalidInput, match="unknown product 'botox'; known are onabotulinumtoxinA, "):
        label_of("botox", MIGRAINE)
