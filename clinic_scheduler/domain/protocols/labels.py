"""Labels: what a product's prescribing information says for one indication; one record a pair (caps: products.py).

A pair that is missing is not licensed: from 18 years, with no cap of its own for one session (see label_of).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from clinic_scheduler.domain.forecast.intervals import Interval, parse_interval
from clinic_scheduler.domain.protocols.figures import Field, Kind, Overrides, edited
from clinic_scheduler.domain.protocols.indications import indication_named
from clinic_scheduler.domain.protocols.products import PRODUCTS, Product, product_named, product_with

ADULT_AGE = 18
# Stands for a product itself, beside its labels for one indication each.
EVERY_INDICATION = ""
# Whose units are like those an indication's typical dose is counted in.
_TYPICAL_OF_INDICATION = ("onabotulinumtoxinA", "incobotulinumtoxinA")


@dataclass(frozen=True, slots=True)
class Label:
    """Doses of one session for one indication, the youngest age, and a floor longer than the protocol's.

    `licensed` informs and blocks nothing. Under 18 the lower of the two paediatric figures holds, or the one there is;
    a minor without figures has the adult cap. `minimum_interval` holds under the age `minimum_interval_under`, or at
    every age where that is None. `typical_units` None: a dose has to be planned first.
    """

    product: Product
    indication: str
    licensed: bool
    minimum_age: int
    session_cap: float | None
    paediatric_session_units_per_kg: float | None
    paediatric_session_cap: float | None
    typical_units: float | None
    minimum_interval: Interval | None
    minimum_interval_under: int | None
    sources: Mapping[str, str]

    def minimum_at(self, age: int) -> Interval | None:
        """The label's own floor for somebody of that age, where it has one."""
        if self.minimum_interval_under is not None and age >= self.minimum_interval_under:
            return None
        return self.minimum_interval


LABEL_FIELDS = (
    Field("minimum_age", Kind.YEARS, "Minimum age", "Younger patients need a provider's decision"),
    Field("session_cap", Kind.OPTIONAL_UNITS, "Most in one visit, adults", "For this indication alone"),
    Field(
        "paediatric_session_units_per_kg",
        Kind.OPTIONAL_UNITS,
        "Under 18, most per kg in one visit",
        "Needs a weight; the lower of this and the next one holds",
    ),
    Field(
        "paediatric_session_cap",
        Kind.OPTIONAL_UNITS,
        "Under 18, most in one visit",
        "Without figures of their own minors have the adults' cap",
    ),
    Field(
        "typical_units",
        Kind.OPTIONAL_UNITS,
        "Usual dose",
        "Planned where nothing better is known; without it a dose has to be planned",
    ),
    Field(
        "minimum_interval",
        Kind.OPTIONAL_INTERVAL,
        "Minimum of this product",
        "Where it is longer than the protocol's",
    ),
    Field(
        "minimum_interval_under",
        Kind.OPTIONAL_YEARS,
        "Only under the age of",
        "Whom that minimum is for; empty for everybody",
    ),
)


def _label(
    product: str,
    indication: str,
    age: int,
    cap: float | None,
    typical: float | None,
    *,
    per_kg: float | None = None,
    minor_cap: float | None = None,
    minimum: str | None = None,
    under: int | None = None,
    licensed: bool = True,
) -> Label:
    source = f"{PRODUCTS[product].brand} PI 2"
    return Label(
        product=PRODUCTS[product],
        indication=indication,
        licensed=licensed,
        minimum_age=age,
        session_cap=cap,
        paediatric_session_units_per_kg=per_kg,
        paediatric_session_cap=minor_cap,
        typical_units=typical,
        minimum_interval=None if minimum is None else parse_interval(minimum),
        minimum_interval_under=under,
        sources=MappingProxyType(
            dict.fromkeys(
                (field.name for field in LABEL_FIELDS),
                source if licensed else "not on the label; clinic default",
            )
        ),
    )


_ONA, _ABO, _INCO = "onabotulinumtoxinA", "abobotulinumtoxinA", "incobotulinumtoxinA"
_RIMA, _DAXI = "rimabotulinumtoxinB", "daxibotulinumtoxinA"
LABELS: dict[tuple[str, str], Label] = {
    (label.product.code, label.indication): label
    for label in (
        _label(_ONA, "chronic_migraine", 18, None, 155),
        _label(_ONA, "spasticity_upper_limb", 2, 400, 300, per_kg=6, minor_cap=200),
        _label(_ONA, "spasticity_lower_limb", 2, 400, 300, per_kg=8, minor_cap=300),
        _label(_ONA, "cervical_dystonia", 18, None, 200),
        _label(_ONA, "blepharospasm", 12, 200, 50),
        _label(_ONA, "axillary_hyperhidrosis", 18, 100, 100),
        _label(_ONA, "overactive_bladder", 18, 100, 100),
        _label(_ONA, "hemifacial_spasm", 18, None, 30, licensed=False),
        _label(_ONA, "sialorrhea", 18, None, 100, licensed=False),
        _label(
            _ABO,
            "spasticity_upper_limb",
            2,
            1000,
            500,
            per_kg=16,
            minor_cap=640,
            minimum="P16W",
            under=ADULT_AGE,
        ),
        _label(_ABO, "spasticity_lower_limb", 2, 1500, 1000, per_kg=30, minor_cap=1000),
        _label(_ABO, "cervical_dystonia", 18, 1000, 500),
        _label(_INCO, "spasticity_upper_limb", 2, 400, 300, per_kg=16, minor_cap=400),
        _label(_INCO, "cervical_dystonia", 18, None, 120),
        _label(_INCO, "blepharospasm", 18, 100, 50),
        _label(_INCO, "sialorrhea", 2, 100, 100, minor_cap=75, minimum="P16W"),
        _label(_RIMA, "cervical_dystonia", 18, 10000, 5000),
        _label(_RIMA, "sialorrhea", 18, 3500, 2500),
        _label(_DAXI, "cervical_dystonia", 18, 250, 125),
    )
}


def label_of(product: str, indication: str) -> Label:
    """The shipped label of a pair, or what holds where there is none. Raises InvalidInput for an unknown code."""
    known = LABELS.get((product, indication))
    if known is not None:
        return known
    typical = indication_named(indication).typical_units if product in _TYPICAL_OF_INDICATION else None
    return replace(_UNLICENSED, product=product_named(product), indication=indication, typical_units=typical)


def label_with(product: str, indication: str, own: Mapping[tuple[str, str], Overrides]) -> Label:
    """The label with a clinic's own values, `own` by (product, indication) and, for caps, (product, '')."""
    base = label_of(product, indication)
    if not own:
        return base
    label = edited(base, LABEL_FIELDS, own.get((product, indication), {}))
    return replace(label, product=product_with(product, own.get((product, EVERY_INDICATION), {})))


def contradictions(draft: Label) -> Iterator[tuple[str, str]]:
    """(field, sentence) of figures that would forbid every dose."""
    for field in LABEL_FIELDS:
        if field.kind == Kind.OPTIONAL_UNITS and getattr(draft, field.name) == 0:
            yield field.name, f"{field.label}: 0 would allow nothing. Leave it empty where there is no figure"
    if draft.minimum_interval_under is not None and draft.minimum_interval is None:
        yield "minimum_interval_under", "Enter the minimum that this age is for, or leave the age empty"


_UNLICENSED = _label(_ONA, "", ADULT_AGE, None, None, licensed=False)
