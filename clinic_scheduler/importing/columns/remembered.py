"""By what a header is known again, and a person's choices of columns as a mapping. Keeping them lives elsewhere."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from clinic_scheduler.importing.columns.guesses import SITE_UNITS, missing_fields
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS, FIELD_LABELS, header_key
from clinic_scheduler.importing.columns.joined import PAIRS
from clinic_scheduler.importing.columns.mapping import LEAVE, WORD_KEYS, words_key
from clinic_scheduler.importing.errors import MappingError
from clinic_scheduler.importing.files.tables import Cells

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


def with_answers(
    mapping: Mapping[str, Any], answers: Iterable[tuple[str, str, str | None]]
) -> dict[str, Any]:
    """The mapping with what a person said of words: (vocabulary, words, what they mean).

    Empty: they stay as they are and nobody asks again. None: they are asked about again.
    """
    meant = {name: dict(mapping.get(name, {})) for name in WORD_KEYS}
    left = {name: list(mapping.get(LEAVE, {}).get(name, ())) for name in WORD_KEYS}
    for name, words, answer in answers:
        key = words_key(words)
        meant[name] = {word: means for word, means in meant[name].items() if words_key(word) != key}
        left[name] = [word for word in left[name] if words_key(word) != key]
        if answer:
            meant[name][words] = answer
        elif answer is not None:
            left[name].append(words)
    said = meant | {LEAVE: {name: words for name, words in left.items() if words}}
    others = {name: value for name, value in mapping.items() if name not in said}
    return others | {name: value for name, value in said.items() if value}


def answers_in(mapping: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What `with_answers` was told, of the words that are not asked about again."""
    meant = [(name, word, answer) for name in WORD_KEYS for word, answer in mapping.get(name, {}).items()]
    left = mapping.get(LEAVE, {})
    return [*meant, *((name, word, "") for name in WORD_KEYS for word in left.get(name, ()))]
