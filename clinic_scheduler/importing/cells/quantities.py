"""Numbers in cells: units given, units wasted, body weight. Readers raise ValueError with the reason."""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from clinic_scheduler.importing.cells.products import plausible_units

MAX_WASTE = 25_000.0
PLAUSIBLE_WEIGHT_KG = (2.0, 350.0)
KG_PER_LB = 0.45359237

_UNIT_WORDS = (
    r"i\.?u\.?|u\.?i\.?|i\.?e\.?|u\.?|e\.?|un\.?|units?|einh\.?|einheit(?:en)?|unités?|unites?|unidad(?:es)?"
)
_NUMBER = r"\d[\d.,]*(?:[\s'’]\d{3}(?!\d)[\d.,]*)*"
_UNITS = re.compile(rf"([+-]?)\s*({_NUMBER})\s*(?:{_UNIT_WORDS})?", re.IGNORECASE)
# "(155)" and "155-".
_TAKEN_BACK = re.compile(r"^\((\d[^()]*)\)$|^(\d[^()-]*)-$")
_WEIGHT = re.compile(rf"({_NUMBER})\s*(kgs?|kilos?|kilograms?|lbs?|pounds?)?\.?", re.IGNORECASE)


class NumberForm(StrEnum):
    """Which mark stands before a file's decimals; the other one divides its thousands."""

    POINT = "point"
    COMMA = "comma"


class Counted(StrEnum):
    """What a file's units are: the toxin's own, or units of its bill, which may be several of the toxin's each."""

    TOXIN = "toxin"
    BILLING = "billing"


# Digits in threes must be three, so most numbers can be read in one form only: "155,5", "1.250,5".
_WRITTEN = {
    NumberForm.POINT: re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?"),
    NumberForm.COMMA: re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d*)?"),
}


def number(text: str, form: NumberForm = NumberForm.POINT) -> float:
    """ "155.5", "155,5", "1.250,5" and "1 250,5" in either form; "1,500" and "1.250" as the file's form says.

    Raises ValueError.
    """
    digits = re.sub(r"[\s'’]", "", text)
    possible = _possible(digits)
    if not possible:
        raise ValueError(text)
    if (form if form in possible else possible[0]) is NumberForm.COMMA:
        digits = digits.replace(".", "").replace(",", ".")
    return float(digits.replace(",", ""))


def _possible(digits: str) -> list[NumberForm]:
    return [form for form, pattern in _WRITTEN.items() if pattern.fullmatch(digits)]


def weigh_numbers(texts: Iterable[str], default: NumberForm) -> NumberForm:
    """The form that more of a file's numbers prove; the default where none or as many prove the other."""
    proving: Counter[NumberForm] = Counter()
    for text in texts:
        match = _UNITS.fullmatch(" ".join(text.split()))
        possible = _possible(re.sub(r"[\s'’]", "", match[2])) if match else []
        if len(possible) == 1:
            proving[possible[0]] += 1
    other = NumberForm.COMMA if default is NumberForm.POINT else NumberForm.POINT
    return other if proving[other] > proving[default] else default


def is_number(text: str) -> bool:
    try:
        read_number(text)
    except ValueError:
        return False
    return True


def read_units(
    text: str,
    product: str | None,
    form: NumberForm = NumberForm.POINT,
    *,
    part: bool = False,
    each: int = 1,
) -> float:
    """Units given: 0, or plausible for the product; without a product any number that is not missing.

    `each`: how many of the toxin's units one of the cell's is.
    As `part` of a visit, a muscle or vial may have less than a visit, and less than 0 where a bill takes it back.
    """
    low, high = plausible_units(product) if product else (0.0, float("inf"))
    expected = _expected(product)
    if not text:
        raise ValueError(f"units are missing; {expected}")
    try:
        units = read_number(text, form) * each
    except ValueError as error:
        raise ValueError(f"is not a number of units; {expected}") from error
    if units != 0 and not (-high if part else low) <= units <= high:
        raise ValueError(f"is outside the plausible range; {expected}")
    return units


def too_few(units: float | None, product: str | None) -> str:
    """Why a whole visit had not so few units; empty where they are enough, or none at all."""
    if not units or units < 0 or product is None or units >= plausible_units(product)[0]:
        return ""
    return f"is outside the plausible range; {_expected(product)}"


def _expected(product: str | None) -> str:
    if product is None:
        return "expected a number of units"
    low, high = plausible_units(product)
    return f"expected {low:,g} to {high:,g} units of {product}"


def read_waste(text: str, form: NumberForm = NumberForm.POINT, *, each: int = 1) -> float:
    try:
        wasted = read_number(text, form) * each
    except ValueError as error:
        raise ValueError("is not a number of wasted units; left out") from error
    if not 0 <= wasted <= MAX_WASTE:
        raise ValueError(f"is not a plausible number of wasted units (0 to {MAX_WASTE:,g}); left out")
    return wasted


def read_number(text: str, form: NumberForm = NumberForm.POINT) -> float:
    """A number with its sign, with or without a word for units behind it; less than 0 also as bills write it.

    Raises ValueError.
    """
    match = _UNITS.fullmatch(_TAKEN_BACK.sub(r"-\1\2", text.replace("\N{MINUS SIGN}", "-")))
    if match is None:
        raise ValueError(text)
    value = number(match[2], form)
    return -value if match[1] == "-" else value


def read_weight_kg(text: str, column_unit: str | None, form: NumberForm = NumberForm.POINT) -> float:
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
        weight = number(match[1], form) * (1.0 if unit == "k" else KG_PER_LB)
    except ValueError as error:
        raise ValueError("is not a weight; left out") from error
    low, high = PLAUSIBLE_WEIGHT_KG
    if not low <= weight <= high:
        raise ValueError(f"is not a plausible body weight ({low:g} to {high:g} kg); left out")
    return round(weight, 2)
