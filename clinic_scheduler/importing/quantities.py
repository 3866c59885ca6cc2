"""Numbers in cells: units given, units wasted, body weight. Readers raise ValueError with the reason."""

import re

from .products import plausible_units

MAX_WASTE = 25_000.0
PLAUSIBLE_WEIGHT_KG = (2.0, 350.0)
KG_PER_LB = 0.45359237

_UNITS = re.compile(r"([+-]?)\s*(\d[\d.,]*)\s*(?:i?\.?u\.?|units?|un\.?)?", re.IGNORECASE)
_WEIGHT = re.compile(r"(\d[\d.,]*)\s*(kgs?|kilos?|kilograms?|lbs?|pounds?)?\.?", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def number(text: str) -> float:
    """ "1,500" -> 1500, "155.5" and "155,5" -> 155.5. Raises ValueError."""
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if "," in text and "." not in text and text.count(",") == 1:
        return float(text.replace(",", "."))
    return float(text)


def read_units(text: str, product: str | None, *, part: bool = False) -> float:
    """Units given: 0, or plausible for the product; without a product any number that is not missing.

    As `part` of a visit, a vial or site may have less than a visit.
    """
    low, high = plausible_units(product) if product else (0.0, float("inf"))
    expected = _expected(product)
    if not text:
        raise ValueError(f"units are missing; {expected}")
    try:
        units = _signed(text)
    except ValueError as error:
        raise ValueError(f"is not a number of units; {expected}") from error
    if units != 0 and not (0 if part else low) <= units <= high:
        raise ValueError(f"is outside the plausible range; {expected}")
    return units


def too_few(units: float | None, product: str | None) -> str:
    """Why a whole visit had not so few units; empty where they are enough, or none at all."""
    if not units or product is None or units >= plausible_units(product)[0]:
        return ""
    return f"is outside the plausible range; {_expected(product)}"


def _expected(product: str | None) -> str:
    if product is None:
        return "expected a number of units"
    low, high = plausible_units(product)
    return f"expected {low:,g} to {high:,g} units of {product}"


def read_waste(text: str) -> float:
    try:
        wasted = _signed(text)
    except ValueError as error:
        raise ValueError("is not a number of wasted units; left out") from error
    if not 0 <= wasted <= MAX_WASTE:
        raise ValueError(f"is not a plausible number of wasted units (0 to {MAX_WASTE:,g}); left out")
    return wasted


def _signed(text: str) -> float:
    match = _UNITS.fullmatch(text)
    if match is None:
        raise ValueError(text)
    value = number(match[2])
    return -value if match[1] == "-" else value


def read_weight_kg(text: str, column_unit: str | None) -> float:
    """A body weight in kg. `column_unit` is "kg", "lb" or None; a unit in the cell wins.

    Without either the weight is refused: pounds taken for kilograms would double a child's cap.
    """
    match = _WEIGHT.fullmatch(text)
    if match is None:
        raise ValueError("is not a weight; left out")
    unit = match[2][0].lower() if match[2] else (column_unit or "")[:1]
    if not unit:
        raise ValueError('does not say kg or lb; left out. Head the column "Weight (kg)" or "Weight (lb)"')
    try:
        weight = number(match[1]) * (1.0 if unit == "k" else KG_PER_LB)
    except ValueError as error:
        raise ValueError("is not a weight; left out") from error
    low, high = PLAUSIBLE_WEIGHT_KG
    if not low <= weight <= high:
        raise ValueError(f"is not a plausible body weight ({low:g} to {high:g} kg); left out")
    return round(weight, 2)
