"""How names are spelled, misspelled and compared: folding, search keys, distances. Pure; no rows, no queries.

A name is found by plain equality: a stored word and a typed one share a key whenever one letter was added, left
out, mistaken or swapped with its neighbour, since leaving one letter out on either side makes them alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

SHORTEST_BEGINNING = 3
# Only a word's first letters have keys with one left out: what differs later is compared once found.
STEM = 6
# A name of many words has keys for slips in its first ones; the others are found as they are spelled.
WORDS_WITH_SLIPS = 3
MOST_WORDS = 6
LONGEST_WORD = 36

# Letters that do not come apart into a plain one and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_JOINING = re.compile(r"['’‘ʼ`´ʻ.]")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Small plain letters and digits, in words one space apart: "O'Neill-Sørensen" is "oneill sorensen"."""
    text = _JOINING.sub("", text.casefold())
    apart = unicodedata.normalize("NFKD", text).translate(_PLAIN)
    kept = (char for char in apart if not unicodedata.combining(char))
    spaced = "".join(char if char.isalnum() else " " for char in kept)
    return " ".join(word[:LONGEST_WORD] for word in spaced.split())


def words_of(*names: str) -> list[str]:
    """The folded words of these names, in order, each once."""
    return list(dict.fromkeys(word for name in names for word in fold(name).split()))


def search_keys(family: str, given: str) -> set[str]:
    """What a name is stored under: about 11 keys for each word, 20 to 30 for most names, never more than 50.

    "=word" is a whole word, "wor" one of its beginnings, "~wrd" its first letters with one left out.
    """
    words = words_of(family, given)[:MOST_WORDS]
    keys = {f"={word}" for word in [*words, *_joined(family, given)]}
    for word in words:
        keys.update(_beginnings(word))
    for word in words[:WORDS_WITH_SLIPS]:
        keys.update(f"~{gap}" for gap in gaps(word[:STEM]))
    return keys


def typed_keys(word: str) -> dict[str, int]:
    """Keys a folded word as typed may be stored under, and how weak a sign each is: 0 exact, 1 begins so, 3 a slip."""
    stem = word[:STEM]
    keys = {key: 3 for gap in gaps(stem) for key in (f"~{gap}", gap, f"={gap}")}
    keys |= {f"~{stem}": 3, stem: 1 if len(word) <= STEM else 3, f"={word}": 0}
    return keys


def gaps(word: str) -> set[str]:
    """The word with each of its letters left out; a word of one letter has none."""
    return {word[:at] + word[at + 1 :] for at in range(len(word))} - {""}


def distance(a: str, b: str) -> int:
    """Damerau-Levenshtein (optimal string alignment): letters added, left out, mistaken or swapped with the next."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, above, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


@lru_cache(maxsize=16384)
def closeness(typed: str, word: str) -> int | None:
    """How well a folded word as typed fits a word of a name: 0 the same, 1 its beginning, 2 and up slips; None not."""
    if typed == word:
        return 0
    if word.startswith(typed):
        return 1
    if len(typed) < SHORTEST_BEGINNING:
        # "Li" typed "Lu" may be a slip, but "a" for "b" tells nothing.
        return 2 if len(typed) == len(word) == 2 and distance(typed, word) == 1 else None
    allowed = slips_allowed(typed)
    slips = distance(typed, word) if abs(len(typed) - len(word)) <= allowed else allowed + 1
    if slips > allowed and len(typed) > SHORTEST_BEGINNING:
        slips = min(distance(typed, word[: len(typed) + by]) for by in (-1, 0, 1)) + (allowed > 1)
    return 1 + slips if slips <= allowed else None


def slips_allowed(word: str) -> int:
    """Two slips in a longer word still leave it that word; in a short one they make another."""
    return 1 if len(word) < 6 else 2


def name_closeness(typed: Iterable[str], family: str, given: str) -> int | None:
    """The sum over words as typed, each of which must fit some word of the name; None where one does not."""
    words = [*words_of(family, given), *_joined(family, given)]
    total = 0
    for one in typed:
        fits = [fit for word in words if (fit := closeness(one, word)) is not None]
        if not fits:
            return None
        total += min(fits)
    return total


def similar_parts(a: str, b: str) -> bool:
    """Two family names, or two given names, that may be one: alike but for slips, or one a part of the other."""
    mine, theirs = fold(a).split(), fold(b).split()
    if not mine or not theirs:
        return False
    one, other = "".join(mine), "".join(theirs)
    if distance(one, other) <= slips_allowed(min(one, other, key=len)):
        return True
    return any(_same_or_short(x, y) for x in mine for y in theirs)


def _same_or_short(x: str, y: str) -> bool:
    """The same word, or one that begins the other, as Rob does Robert."""
    shorter, longer = sorted((x, y), key=len)
    return x == y or (len(shorter) >= SHORTEST_BEGINNING and longer.startswith(shorter))


def _joined(*names: str) -> Iterator[str]:
    """Names of more than one word, written as one: Mary Ann as maryann."""
    for name in names:
        words = fold(name).split()
        if len(words) > 1:
            yield "".join(words)[:LONGEST_WORD]


def _beginnings(word: str) -> set[str]:
    """The first 3 to STEM letters; a shorter word as it is."""
    return {word[:length] for length in range(SHORTEST_BEGINNING, STEM + 1)}
