"""The shipped records say what the table of products, indications and labels says, figure by figure.

Intervals, caps and doses are the naive reading's own (reference_figures), which no engine sees; words, codes, vials and
milestones are written out here.
"""

import pytest
from reference_figures import (
    BOTOX,
    DAXXIFY,
    DYSPORT,
    INDICATIONS,
    LABELS,
    MYOBLOC,
    PRODUCTS,
    XEOMIN,
    label_for,
)

from clinic_scheduler.domain.protocols import indications, labels, products

MIGRAINE = "chronic_migraine"
LIMBS = ("spasticity_upper_limb", "spasticity_lower_limb")
PAIRS = [(product, indication) for product in PRODUCTS for indication in INDICATIONS]
SOLD_AS = {
    BOTOX: ("Botox", "J0585", 1, (100, 200)),
    DYSPORT: ("Dysport", "J0586", 5, (300, 500)),
    XEOMIN: ("Xeomin", "J0588", 1, (50, 100, 200)),
    MYOBLOC: ("Myobloc", "J0587", 100, (2500, 5000, 10000)),
    DAXXIFY: ("Daxxify", "J0589", 1, (100,)),
}
WORDS = {
    "chronic_migraine": "Chronic migraine",
    "spasticity_upper_limb": "Spasticity, upper limb",
    "spasticity_lower_limb": "Spasticity, lower limb",
    "cervical_dystonia": "Cervical dystonia",
    "blepharospasm": "Blepharospasm",
    "hemifacial_spasm": "Hemifacial spasm",
    "sialorrhea": "Chronic sialorrhea",
    "axillary_hyperhidrosis": "Axillary hyperhidrosis",
    "overactive_bladder": "Overactive bladder",
}
CODES = {
    # With aura or without: ICD-10-CM has a code of its own for chronic migraine with aura since 2023.
    "chronic_migraine": ["G43.7", "G43.E"],
    "spasticity_upper_limb": ["G81.1", "G80", "G82", "G83.2", "I69", "M62.838", "G35"],
    "spasticity_lower_limb": ["G81.1", "G80", "G82", "G83.1", "I69", "M62.838", "G35"],
    "cervical_dystonia": ["G24.3"],
    "blepharospasm": ["G24.5"],
    "hemifacial_spasm": ["G51.3"],
    "sialorrhea": ["K11.7"],
    "axillary_hyperhidrosis": ["L74.510"],
    "overactive_bladder": ["N32.81"],
}
INTERVALS = {
    "absolute_minimum_interval": "absolute_minimum",
    "minimum_interval": "minimum",
    "earliest_recommended_interval": "due_from",
    "latest_recommended_interval": "on_time",
    "lapse_interval": "lapse",
    "first_treatment_within": "first_within",
}
# Days after the session: kind, first, last.
ONSET_AND_PEAK = [("onset_check", 7, 14), ("peak_review", 28, 42)]
WEAR_OFF_FROM = {  # the two weeks before due-from, or as it was before
    **{
        "spasticity_upper_limb": 56,
        "spasticity_lower_limb": 56,
        "cervical_dystonia": 70,
        "blepharospasm": 70,
    },
    **{"hemifacial_spasm": 70, "sialorrhea": 98, "axillary_hyperhidrosis": 154, "overactive_bladder": 154},
}


def spans(indication: str) -> list[tuple[str, int, int]]:
    shipped = indications.INDICATIONS[indication].milestones
    return sorted((span.kind, span.first, span.last) for span in shipped)


def test_every_record_of_the_table_is_shipped_and_no_other() -> None:
    assert set(indications.INDICATIONS) == set(INDICATIONS)
    assert set(products.PRODUCTS) == set(PRODUCTS)


@pytest.mark.parametrize("name", INDICATIONS)
def test_an_indications_intervals_and_dose(name: str) -> None:
    figures, shipped = INDICATIONS[name], indications.INDICATIONS[name]
    assert {field: getattr(shipped.protocol, field).text for field in INTERVALS} == {
        field: figures[column] for field, column in INTERVALS.items()
    }
    assert shipped.typical_units == figures["typical"]


@pytest.mark.parametrize("name", INDICATIONS)
def test_what_an_indication_is_called_and_who_offers_it(name: str) -> None:
    shipped = indications.INDICATIONS[name]
    assert shipped.words == WORDS[name]
    assert shipped.offered is (name in (MIGRAINE, *LIMBS))
    rule = "headache_days" if name == MIGRAINE else "mas" if name in LIMBS else None
    assert shipped.response_rule == rule


@pytest.mark.parametrize("name", INDICATIONS)
def test_how_an_indications_codes_begin(name: str) -> None:
    """How each goes on is a matter of whoever reads codes."""
    shipped = indications.INDICATIONS[name].icd10
    assert all(any(code.startswith(begins) for begins in CODES[name]) for code in shipped)
    assert all(any(code.startswith(begins) for code in shipped) for begins in CODES[name])


def test_milestones_of_migraine() -> None:
    watched = [("four_week_count", 28, 28), ("wear_off_watch", 56, 70), ("response_review", 70, 84)]
    assert spans(MIGRAINE) == sorted([("onset_check", 14, 21), *watched])
    cycles = {span.kind: span.cycles for span in indications.INDICATIONS[MIGRAINE].milestones}
    assert tuple(cycles["response_review"]) == (2, 3)


@pytest.mark.parametrize("name", WEAR_OFF_FROM)
def test_milestones_of_the_others(name: str) -> None:
    first = WEAR_OFF_FROM[name]
    assert spans(name) == sorted([*ONSET_AND_PEAK, ("wear_off_watch", first, first + 14)])


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_products_caps(name: str) -> None:
    figures, shipped = PRODUCTS[name], products.PRODUCTS[name]
    assert shipped.unit_cap == figures["cap"]
    assert shipped.paediatric_units_per_kg == figures["child_per_kg"]
    assert shipped.paediatric_unit_cap == figures["child_cap"]
    assert shipped.unit_cap_window.text == "P84D"


@pytest.mark.parametrize("name", PRODUCTS)
def test_how_a_product_is_sold_and_billed(name: str) -> None:
    shipped = products.PRODUCTS[name]
    brand, code, units, vials = SOLD_AS[name]
    assert (shipped.brand, shipped.hcpcs, shipped.units_per_billing_unit) == (brand, code, units)
    assert tuple(shipped.vials) == vials
    assert shipped.sources
    assert all(shipped.sources.values())


@pytest.mark.parametrize(("product", "indication"), PAIRS)
def test_a_labels_figures(product: str, indication: str) -> None:
    figures, shipped = label_for(product, indication), labels.label_of(product, indication)
    assert shipped.licensed is (figures["licensed"] == "yes")
    assert shipped.minimum_age == figures["minimum_age"]
    assert shipped.session_cap == figures["session_cap"]
    assert shipped.paediatric_session_units_per_kg == figures["child_per_kg"]
    assert shipped.paediatric_session_cap == figures["child_cap"]
    assert shipped.typical_units == figures["typical"]
    longer = shipped.minimum_interval
    assert (longer.text if longer else None) == figures["longer_minimum"]
    assert shipped.minimum_interval_under == figures["longer_under"]


def test_the_pairs_that_are_licensed() -> None:
    licensed = {pair for pair in PAIRS if labels.label_of(*pair).licensed}
    assert licensed == {pair for pair, figures in LABELS.items() if figures["licensed"] == "yes"}
    assert len(licensed) == 17
