"""One column that holds two fields ("Toxin/Lot", "Diagnosis (ICD)"): which pairs can be told apart, and how."""

import re
from collections.abc import Callable

from clinic_scheduler.importing.cells.body_words import side_in
from clinic_scheduler.importing.cells.codes import codes_in
from clinic_scheduler.importing.cells.dates import end_of_month, parse_written
from clinic_scheduler.importing.cells.products import products_named

_AROUND = " \t,;:/|-–·*"
_BETWEEN = re.compile(r"\s*[/|;]\s*|\s+[-–]\s+")
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|(?<!\w)\d{1,2}[\s-][^\W\d_]{3,9}\.?[\s-]\d{2,4}"
    r"|\b\d{1,2}[./]\d{2,4}\b|\d{4}-\d{2}\b"
)
_CODE = re.compile(
    r"(?<![A-Z0-9])(?:[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|(?:G|I6|M6|R2|L7|N3|K1|H[04-5])\d[0-9A-Z]{1,4}|G35)(?![A-Z0-9])"
)
_LOT = re.compile(
    r"(?:\b(?:lot(?:e|\s*no)?|batch|charge|ch\.?-?b\.?)\b\.?\s*[#:]?\s*)?"
    r"(?<![\w.])(?!\d{1,4}\s*(?:u|iu|ie|units?)\b)((?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{3,14})(?![\w.])",
    re.I,
)  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.,])(\d[\d.,]*)(?![\w.,])(?:\s*(?:u|iu|ie|e|ui|units?|einheiten|unidades|unités)\b\.?)?|(?<![\w.,])(\d[\d.,]*)(?:u|iu|ie|ui)\b",
    re.I,
)
_PERSON_NUMBER = re.compile(
    r"(?:\b(?:mrn|id|nr|no|nhc|ipp|pat(?:ient)?)\b\.?\s*[#:°]?\s*|#\s*)?\b([A-Z]{0,4}-?\d[\dA-Z-]{2,14})\b",
    re.I,
)

Found = tuple[str, str]
_NOTHING: Found = ("", "")


def _first(pattern: re.Pattern[str], text: str) -> Found:
    """(what was found, the text without it)."""
    match = pattern.search(text)
    if match is None:
        return "", text
    found = next((group for group in match.groups() if group), match[0])
    return found, text[: match.start()] + " " + text[match.end() :]


def _date(text: str) -> Found:
    for match in _DATE.finditer(text):
        if parse_written(match[0]) or end_of_month(match[0]):
            return match[0], text[: match.start()] + " " + text[match.end() :]
    return "", text


def _codes(text: str) -> Found:
    codes = [match[0] for match in _CODE.finditer(text.upper())]
    rest = _CODE.sub(" ", text.upper()) if text.isupper() else re.sub(_CODE.pattern, " ", text, flags=re.I)
    return " ".join(codes if codes_in(" ".join(codes)) else ()), rest


def _lot(text: str) -> Found:
    """The last token like a lot that names no toxin: "Botox 100U C5014C9" has one. Digits alone need the word."""
    for match in reversed(list(_LOT.finditer(text))):
        announced = match[0] != match[1] or text.strip(_AROUND) == match[1]
        if not products_named(match[1]) and (announced or re.search("[A-Za-z]", match[1])):
            return match[1], text[: match.start()] + " " + text[match.end() :]
    return "", text


def _numbers(text: str) -> Found:
    """The one number of a cell. "Botox 200U vial, 155 U" has two, and nobody can tell which was given."""
    return _first(_NUMBER, text) if len(_NUMBER.findall(text)) == 1 else ("", text)


def _side(text: str) -> Found:
    side = side_in(text)
    return (side.value if side else ""), text


# The fields whose cells have a shape of their own, the most telling first. The other field of a pair is the rest.
_FINDERS: dict[str, Callable[[str], Found]] = {
    "birth_date": _date,
    "given_on": _date,
    "lot_expires_on": _date,
    "icd10": _codes,
    "lot": _lot,
    "mrn": lambda text: _first(_PERSON_NUMBER, text),
    "side": _side,
    "units": _numbers,
    "units_wasted": _numbers,
}
PAIRS = (
    ("product", "lot"), ("product", "units"), ("diagnosis", "icd10"), ("lot", "lot_expires_on"),
    ("patient_name", "mrn"), ("patient_name", "birth_date"), ("muscle", "side"), ("muscle", "units"),
    ("units", "units_wasted"), ("product", "lot_expires_on"), ("location", "provider_name"),
)  # fmt: skip
_PAIRS = frozenset(map(frozenset, PAIRS))
_TWO_NUMBERS = frozenset(("units", "units_wasted"))
_TWO_WORDS = frozenset(("location", "provider_name"))


def can_share(one: str, other: str) -> bool:
    """Whether a column may serve both fields."""
    return frozenset((one, other)) in _PAIRS


def part(field: str, other: str, cell: str) -> str:
    """What a cell of a column for two fields says of the first; empty where it says nothing of it."""
    pair = frozenset((field, other))
    if pair in (_TWO_NUMBERS, _TWO_WORDS):
        return _half(field, cell)
    shaped = next(name for name in _FINDERS if name in pair)
    found, rest = _FINDERS[shaped](cell)
    if field == shaped:
        return found
    return cell if pair == {"muscle", "side"} else _tidy(rest)


def _half(field: str, cell: str) -> str:
    """The first half is what was given (or the place), the second what was wasted (or the provider)."""
    halves = [half for half in _BETWEEN.split(cell) if half.strip(_AROUND)]
    at = 0 if field in ("units", "location") else 1
    return halves[at].strip(_AROUND) if at < len(halves) else ""


_LABELS = re.compile(
    r"\b(?:mrn|dob|lot|exp|icd(?:-?10)?|geb\.?|ch\.?-?b\.?|nhc|ipp)\b\.?\s*[:#]?\s*(?=$|[\s)\],;|/-])", re.I
)


def _tidy(text: str) -> str:
    """The rest without what stood around the part that was taken out: its label, empty brackets, a slash."""
    words = re.sub(r"\(\s*\)|\[\s*\]", " ", _LABELS.sub(" ", text))
    words = " ".join(words.split()).strip(_AROUND)
    if words.count("(") != words.count(")"):
        words = words.strip("()")
    return words.strip(_AROUND)
