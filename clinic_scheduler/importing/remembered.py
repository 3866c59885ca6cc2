"""By what a header is known again, and a person's choices of columns as a mapping. Keeping them lives elsewhere."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .errors import MappingError
from .guesses import SITE_UNITS, missing_fields
from .headers import FIELD_HEADERS, FIELD_LABELS, header_key
from .joined import PAIRS
from .tables import Cells

# What a column may be chosen to be: value of the choice -> its words. Two fields are divided by "+".
CHOICES: dict[str, str] = {
    **FIELD_LABELS,
    **{"+".join(pair): " and ".join(FIELD_LABELS[name] for name in pair) for pair in PAIRS},
}


def header_fingerprint(header: Cells) -> str:
    """The same for headers that differ in case, spaces and punctuation; the order of columns counts."""
    return hashlib.sha256("\x1f".join(header_key(name) for name in header).encode()).hexdigest()


def mapping_of_choices(header: Cells, choices: Mapping[int, str]) -> dict[str, Any]:
    """The "columns" of a mapping: position -> what a person chose. Whatever nobody chose is left out.

    Raises MappingError where a field was chosen twice or a required one not at all.
    """
    keys = [header_key(name) for name in header]
    columns: dict[str, Any] = dict.fromkeys((*FIELD_HEADERS, SITE_UNITS))
    counted: Counter[str] = Counter()
    for position, choice in sorted(choices.items()):
        key = keys[position]
        ref: str | int = header[position] if key and keys.count(key) == 1 else position + 1
        for name in choice.split("+") if choice in CHOICES else ():
            counted[name] += 1
            columns[name] = [*(columns[name] or ()), ref] if name == SITE_UNITS else ref
    twice = [FIELD_LABELS[name] for name, count in counted.items() if count > 1 and name != SITE_UNITS]
    if twice:
        raise MappingError(f"Two columns are chosen for: {', '.join(twice)}. Leave one of them out.")
    placed = [name for name, ref in columns.items() if ref is not None]
    if missing := missing_fields(placed, SITE_UNITS in placed):
        labels = ", ".join(FIELD_LABELS[name] for name in missing)
        raise MappingError(f"No column is chosen yet for: {labels}.")
    return columns
