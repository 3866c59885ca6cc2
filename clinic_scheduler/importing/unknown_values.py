"""Words of a file that the readers do not know, for a person to translate. Columns are settled before that."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from .columns import Columns
from .fields import tidy
from .indications import read_indication
from .mapping import LogMapping, words_key
from .products import product_of
from .spoken_words import in_english, with_limb
from .tables import Table

MOST_SHOWN = 40


class Vocabulary(StrEnum):
    """The part of a mapping a word is translated in; the values are the mapping's keys."""

    PRODUCTS = "products"
    DIAGNOSES = "diagnoses"
    PROVIDERS = "providers"


@dataclass(frozen=True)
class UnknownWord:
    """A word of the file, in how many rows it stands, and what the reader says of it."""

    vocabulary: Vocabulary
    words: str
    rows: int
    why: str = ""


def unknown_words(
    table: Table,
    columns: Columns,
    mapping: LogMapping,
    known_provider: Callable[[str], bool],
) -> list[UnknownWord]:
    """Products and diagnoses whose rows would be left out, providers that would be new; the most frequent first."""
    found: Counter[tuple[Vocabulary, str, str]] = Counter()
    for row in table.rows:
        text = tidy(columns.cell(row.cells, "product"))
        if text and words_key(text) not in mapping.products and product_of(text) is None:
            found[Vocabulary.PRODUCTS, text, ""] += 1
        if told := _unknown_diagnosis(columns, row.cells, mapping):
            found[Vocabulary.DIAGNOSES, *told] += 1
        name = tidy(columns.cell(row.cells, "provider_name"))
        if name and words_key(name) not in mapping.providers and not known_provider(name):
            found[Vocabulary.PROVIDERS, name, ""] += 1
    return [
        UnknownWord(vocabulary, words, rows, why)
        for (vocabulary, words, why), rows in found.most_common(MOST_SHOWN)
    ]


def _unknown_diagnosis(
    columns: Columns, cells: Collection[str], mapping: LogMapping
) -> tuple[str, str] | None:
    """The words (or the code where there are none) and why they give no indication."""
    words, code = (tidy(columns.cell(tuple(cells), name)) for name in ("diagnosis", "icd10"))
    if {words_key(words), words_key(code)} & mapping.diagnoses.keys() or not (words or code):
        return None
    limb = columns.cell(tuple(cells), "limb")
    said = with_limb(in_english(words), mapping.limbs.get(words_key(limb), limb))
    reading = read_indication(said, code)
    return None if reading.indication else (words or code, reading.reason)
