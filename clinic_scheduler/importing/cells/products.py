"""Which toxin a product cell names, and how many units of it are plausible. Doses are never judged here."""

import re
import unicodedata
from functools import lru_cache

from clinic_scheduler.domain.protocols.products import PRODUCTS, Product, product_named

# (lowest, highest) units of one visit that are not a typing slip. Units of different toxins never compare.
# One migraine site takes 5 U of onabotulinumtoxinA; labels go to 400 U (ona, inco), 1,500 U (abo) and 5,000 U
# (rima, more in practice). The highest leaves room beyond the label and still catches a slipped digit.
PLAUSIBLE_UNITS: dict[str, tuple[float, float]] = {
    "onabotulinumtoxinA": (5, 600),
    "abobotulinumtoxinA": (10, 2_000),
    "incobotulinumtoxinA": (5, 600),
    "rimabotulinumtoxinB": (250, 25_000),
    "daxibotulinumtoxinA": (5, 600),
}
# A toxin, whichever: not said, or one there is no record of.
_SOME_TOXIN = re.compile(
    r"botulin|neuro-?toxin|(?<![a-z])(?:bont|bonta|botulism toxin|jeuveau|letybo)(?![a-z])"
)


def plausible_units(product: str) -> tuple[float, float]:
    """By the table; of a product that is not in it, by the size of its vials."""
    vials = product_named(product).vials
    return PLAUSIBLE_UNITS.get(product) or (min(vials) / 20, max(vials) * 6)


def product_of(text: str) -> str | None:
    """The generic name a cell names; None for no toxin, for another one, and for two at once."""
    named = products_named(text)
    return named[0] if len(named) == 1 else None


def products_named(text: str) -> list[str]:
    """Every toxin a cell names, so that "Botox / Dysport" can be told from an unknown product."""
    plain = _plain(text)
    return [
        product.code
        for product in PRODUCTS.values()
        if _pattern(product.code, (product.brand, product.hcpcs, *product.names)).search(plain)
    ]


def coarsely_billed(text: str) -> Product | None:
    """The product whose billing code a cell has, where one billing unit is several of the toxin's (J0586: 5)."""
    words = re.findall(r"[a-z0-9]+", _plain(text))
    coarse = (product for product in PRODUCTS.values() if product.units_per_billing_unit > 1)
    return next((product for product in coarse if product.hcpcs.casefold() in words), None)


def is_named(text: str, product: Product) -> bool:
    """Whether a cell says the toxin in words too, beside its billing code."""
    return bool(_pattern(product.code, (product.brand, *product.names)).search(_plain(text)))


def units_each(product: str | None) -> int:
    """How many units of a toxin one unit of its bill is; 1 where nobody knows the toxin."""
    return product_named(product).units_per_billing_unit if product else 1


def is_some_toxin(text: str) -> bool:
    """Whether a cell that names none of ours names a botulinum toxin all the same."""
    return not products_named(text) and bool(_SOME_TOXIN.search(_plain(text)))


def product_fault(text: str) -> str:
    """Why a cell names no product to schedule."""
    if not text:
        return "the product is missing"
    if len(products_named(text)) > 1:
        return "names more than one toxin; write one row for each"
    brands = ", ".join(product.brand for product in PRODUCTS.values())
    return f"is not a botulinum toxin this clinic schedules ({brands})"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", re.sub("[®™©]", " ", text)).casefold()


@lru_cache(maxsize=64)
def _pattern(code: str, names: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words only: "onabotulinum" contains "abo". A size may follow at once (Botox200)."""
    known = [re.escape(name.casefold()) for name in (code, *names)]
    prefix, toxin, _ = code.partition("botulinum")
    if toxin:
        known.append(rf"{re.escape(prefix)}[\s-]?botulinum[\s-]?toxin(?:[\s-]?type)?[\s-]?[ab]?")
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(known)})(?![a-z])")
