"""The toxins: one record a product, with its vials, its billing code and its cap over all indications together.

Figures are from the products' US prescribing information (PI), defaults for a clinician to confirm; None where the PI
gives none, and never another product's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import Interval, parse_interval
from clinic_scheduler.domain.protocols.figures import Field, Kind, Overrides, edited


@dataclass(frozen=True, slots=True)
class Product:
    """One toxin by its generic name; units of different ones never convert.

    `unit_cap` is an adult's over `unit_cap_window`; under 18 the lower of the two paediatric figures holds (DD-3c).
    `names` are what people write for it, beside its generic name, brand and billing code, in lower case.
    """

    code: str
    brand: str
    hcpcs: str
    units_per_billing_unit: int
    vials: tuple[int, ...]
    names: tuple[str, ...]
    unit_cap: float | None
    unit_cap_window: Interval
    paediatric_units_per_kg: float | None
    paediatric_unit_cap: float | None
    sources: Mapping[str, str]

    @property
    def title(self) -> str:
        """Botox (onabotulinumtoxinA): the brand staff say, the name that is never mixed up."""
        return f"{self.brand} ({self.code})"


PRODUCT_FIELDS = (
    Field("unit_cap", Kind.OPTIONAL_UNITS, "Unit cap, adults", "All indications together"),
    Field("unit_cap_window", Kind.INTERVAL, "Unit cap counts over", "Units given within this count"),
    Field(
        "paediatric_units_per_kg",
        Kind.OPTIONAL_UNITS,
        "Under 18, units per kg",
        "Needs a weight; the lower of this and the next one holds",
    ),
    Field("paediatric_unit_cap", Kind.OPTIONAL_UNITS, "Under 18, unit cap", "All indications together"),
)


def _product(
    code: str,
    brand: str,
    hcpcs: str,
    vials: tuple[int, ...],
    cap: float | None,
    per_kg: float | None,
    minor_cap: float | None,
    source: str,
    *,
    billed_by: int = 1,
    names: tuple[str, ...] = (),
) -> Product:
    capped = ("unit_cap", "unit_cap_window", "paediatric_units_per_kg", "paediatric_unit_cap")
    return Product(
        code=code,
        brand=brand,
        hcpcs=hcpcs,
        units_per_billing_unit=billed_by,
        vials=vials,
        names=names,
        unit_cap=cap,
        unit_cap_window=parse_interval("P84D"),
        paediatric_units_per_kg=per_kg,
        paediatric_unit_cap=minor_cap,
        sources=MappingProxyType(dict.fromkeys(capped, source)),
    )


PRODUCTS: dict[str, Product] = {
    product.code: product
    for product in (
        _product(
            "onabotulinumtoxinA",
            "Botox",
            "J0585",
            (100, 200),
            400,
            10,
            340,
            "Botox PI 2.1",
            names=("ona", "onabot", "bont-ona"),
        ),
        _product(
            "abobotulinumtoxinA",
            "Dysport",
            "J0586",
            (300, 500),
            1500,
            30,
            1000,
            "Dysport PI 2",
            billed_by=5,
            names=("abo", "abobot", "azzalure"),
        ),
        _product(
            "incobotulinumtoxinA",
            "Xeomin",
            "J0588",
            (50, 100, 200),
            400,
            16,
            400,
            "Xeomin PI 2",
            names=("inco", "incobot", "bocouture"),
        ),
        _product(
            "rimabotulinumtoxinB",
            "Myobloc",
            "J0587",
            (2500, 5000, 10000),
            None,
            None,
            None,
            "Myobloc PI 2",
            billed_by=100,
            names=("rima", "rimabot", "neurobloc"),
        ),
        _product(
            "daxibotulinumtoxinA",
            "Daxxify",
            "J0589",
            (100,),
            None,
            None,
            None,
            "Daxxify PI 2",
            names=("daxi", "daxibot"),
        ),
    )
}


def product_named(code: str) -> Product:
    """Raises InvalidInput for one there is no record of."""
    if code not in PRODUCTS:
        raise InvalidInput(f"unknown product {code!r}; known are {', '.join(PRODUCTS)}")
    return PRODUCTS[code]


def product_with(code: str, overrides: Overrides) -> Product:
    """The shipped product with a clinic's own caps (figures.py). Raises InvalidInput."""
    return edited(product_named(code), PRODUCT_FIELDS, overrides)


def contradictions(draft: Product) -> Iterator[tuple[str, str]]:
    """(field, sentence) of caps that would forbid every dose."""
    for field in PRODUCT_FIELDS:
        if getattr(draft, field.name) == 0:
            yield field.name, f"{field.label}: 0 would allow nothing. Leave it empty where there is no figure"


def brand_of(code: str) -> str:
    """What staff call a product; the code itself where it is none of ours."""
    return PRODUCTS[code].brand if code in PRODUCTS else code
