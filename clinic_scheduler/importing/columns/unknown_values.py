"""Words of a file that the readers do not know, for a person to translate. Columns are settled before that."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from clinic_scheduler.importing.cells.diagnoses import read_diagnosis
from clinic_scheduler.importing.cells.products import is_some_toxin, product_of
from clinic_scheduler.importing.cells.tidying import tidy
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.columns.mapping import LIMBS, LogMapping, words_key
from clinic_scheduler.importing.files.tables import Cells, Table
from clinic_scheduler.importing.rows.cells_to_draft import given_elsewhere

MOST_WORDS = 200  # of a file; a page shows the first of them
LONGEST_WORDS = 120  # what is longer is prose, not a word to translate
TOLD_EVERY = 500


class Vocabulary(StrEnum):
    """The part of a mapping a word is translated in; the values are the mapping's keys."""

    PRODUCTS = "products"
    DIAGNOSES = "diagnoses"
    LIMBS = "limbs"
    PROVIDERS = "providers"
    PLACES = "places"


@dataclass(frozen=True)
class UnknownWord:
    """A word of the file, in how many rows it stands, and what the reader says of it."""

    vocabulary: Vocabulary
    words: str
    rows: int
    why: str = ""

    @property
    def key(self) -> str:
        """By what an answer is known to be to this word, whatever else is asked beside it."""
        told = f"{self.vocabulary}\x1f{words_key(self.words)}"
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def unknown_words(
    table: Table,
    columns: Columns,
    mapping: LogMapping,
    heard: Callable[[int], None] = lambda rows: None,
) -> list[UnknownWord]:
    """Products, diagnoses and limbs that nobody could tell, every provider and place; the most frequent first.

    What was given elsewhere is kept whatever it says. Which providers and places are new is for whoever knows the
    clinic's.
    `heard(rows)` is called as reading goes on.
    """
    found: Counter[tuple[Vocabulary, str]] = Counter()
    first: dict[tuple[Vocabulary, str], tuple[str, str]] = {}

    def ask(vocabulary: Vocabulary, words: str, why: str = "") -> None:
        if len(words) > LONGEST_WORDS or words_key(words) in mapping.leave.get(vocabulary, ()):
            return
        key = (vocabulary, words_key(words))
        found[key] += 1
        first.setdefault(key, (words, why))

    for number, row in enumerate(table.rows):
        if number % TOLD_EVERY == 0:
            heard(number)
        if given_elsewhere(columns.cell(row.cells, "kind")):
            continue
        text = tidy(columns.cell(row.cells, "product"))
        if text and words_key(text) not in mapping.products and product_of(text) is None:
            ask(Vocabulary.PRODUCTS, text, "does not say which toxin" if is_some_toxin(text) else "")
        if told := _unknown_diagnosis(columns, row.cells, mapping):
            ask(*told)
        name = tidy(columns.cell(row.cells, "provider_name"))
        if name and words_key(name) not in mapping.providers:
            ask(Vocabulary.PROVIDERS, name)
        place = tidy(columns.cell(row.cells, "location"))
        if place and words_key(place) not in mapping.places:
            ask(Vocabulary.PLACES, place)
    return [
        UnknownWord(key[0], first[key][0], rows, first[key][1]) for key, rows in found.most_common(MOST_WORDS)
    ]


def _unknown_diagnosis(
    columns: Columns, cells: Cells, mapping: LogMapping
) -> tuple[Vocabulary, str, str] | None:
    """What to ask about: the limb where that alone is unclear, else the words, or the code where there are none."""
    words, code, limb, site = (
        tidy(columns.cell(cells, name)) for name in ("diagnosis", "icd10", "limb", "muscle")
    )
    if not (words or code):
        return None
    reading = read_diagnosis(mapping, words, code, limb, site)
    if reading.indication:
        return None
    if limb and read_diagnosis(mapping, words, code, LIMBS[0]).indication:
        return Vocabulary.LIMBS, limb, "neither an upper nor a lower limb"
    return Vocabulary.DIAGNOSES, words or code, reading.reason
