"""Which toxin a product cell names, and how many units of it are plausible. Doses are never judged here."""

import re
import unicodedata

ONA = "onabotulinumtoxinA"
ABO = "abobotulinumtoxinA"
INCO = "incobotulinumtoxinA"
RIMA = "rimabotulinumtoxinB"
DAXI = "daxibotulinumtoxinA"

# Whole words only: "onabotulinum" contains "abo". Brands, generic names, their short forms, US billing codes.
_NAMES: dict[str, str] = {
    ONA: r"botox|ona|onabot|j0585",
    ABO: r"dysport|abo|abobot|j0586",
    INCO: r"xeomin|bocouture|inco|incobot|j0588",
    RIMA: r"myobloc|neurobloc|rima|rimabot|j0587",
    DAXI: r"daxxify|daxi|daxibot|j0589",
}
_GENERIC = r"{prefix}[\s-]?botulinum[\s-]?toxin(?:[\s-]?type)?[\s-]?[ab]?"
_PATTERNS = {
    product: re.compile(
        rf"(?<![a-z0-9])(?:{names}|{_GENERIC.format(prefix=product.split('botulinum')[0])})(?![a-z])"
    )
    for product, names in _NAMES.items()
}

# (lowest, highest) units of one visit that are not a typing slip. Units of different toxins never compare.
# One migraine site takes 5 U of onabotulinumtoxinA; labels go to 400 U (ona, inco), 1,500 U (abo) and 5,000 U
# (rima, more in practice). The highest leaves room beyond the label and still catches a slipped digit.
PLAUSIBLE_UNITS: dict[str, tuple[float, float]] = {
    ONA: (5, 600),
    ABO: (10, 2_000),
    INCO: (5, 600),
    RIMA: (250, 25_000),
    DAXI: (5, 600),
}


def product_of(text: str) -> str | None:
    """The generic name a cell names; None for no toxin, for another one, and for two at once."""
    named = products_named(text)
    return named[0] if len(named) == 1 else None


def products_named(text: str) -> list[str]:
    """Every toxin a cell names, so that "Botox / Dysport" can be told from an unknown product."""
    plain = unicodedata.normalize("NFKD", re.sub("[®™©]", " ", text)).casefold()
    return [product for product, pattern in _PATTERNS.items() if pattern.search(plain)]
