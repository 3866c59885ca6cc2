"""What one header may mean: the fields it names, how exactly, alone or two at once. Cells are not looked at."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from clinic_scheduler.importing.cells.body_words import names_muscle, names_numbered_place, plain_words
from clinic_scheduler.importing.columns.header_grammar import field_said
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import RECOGNISED, Known, header_key
from clinic_scheduler.importing.columns.joined import can_share

# Ranks: a lower one is more notification. Exact names keep their tier (0 to 3).
FOREIGN = 4  # added where the name belongs to a language that the rest of the header is not in
SAID = 9
OTHER_SENSE = 10
WITHIN = 20

# What else a name may mean; the cells decide.
_OTHER_SENSES: dict[str, tuple[str, ...]] = {
    "patient_name": ("mrn",),
    "diagnosis": ("icd10", "limb"),
    "icd10": ("diagnosis",),
    "location": ("muscle",),
    "muscle": ("limb",),
    "limb": ("muscle",),
    "product": ("lot",),
    "mrn": ("patient_name",),
}
# Names of a person's family where given names have a column of their own, else of the whole person.
WHOLE_OR_FAMILY = frozenset(("name", "nom", "patient", "paciente"))
WHOLE_OR_GIVEN = frozenset(("nombre",))
_PIECES = re.compile(r"[/|+&,;()\[\]:]|\s(?:and|und|et|y|with|mit|avec|con|-|–)\s", re.I)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
# Too vague to be looked for inside a longer header: "Date entered", "Name of insurance".
_VAGUE_TIER = 2
_VAGUE = frozenset(
    ("id", "name", "code", "date", "first", "last", "nom", "nr", "no", "site", "note", "dr", "md")
)
# A header with one of these speaks of somebody or something else than the words beside it do.
_SOMETHING_ELSE = re.compile(
    r"\b(?:next|prior|previous|last|entered|created|modified|updated|printed|signed|billed|billing|auth\w*|insur\w*"
    r"|payer|policy|claim|charge|cost|price|paid|referr\w*|referring|emergency|guarantor|spouse|employer|pharmacy"
    r"|nachste\w*|letzte\w*|erstellt|geandert|versicher\w*|rechnung\w*|preis|prochain\w*|precedent\w*|dernier\w*"
    r"|assur\w*|prix|proxim\w*|anterior\w*|ultim\w*|seguro|precio|reconstitut\w*|ordered|remaining|per|max\w*"
    r"|secondary|other|neben\w*|weitere\w*|secondaire|autre\w*|secundari\w*|otr[oa]s?)\b"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`fields` has two where the header names two that one column can hold."""

    fields: tuple[str, ...]
    rank: int
    languages: frozenset[Language] = frozenset()


def language_of(header: Iterable[str]) -> Language:
    """The language that most names of a header belong to; English where it could be any."""
    counted: Counter[Language] = Counter()
    for name in header:
        known = RECOGNISED.get(header_key(name))
        if known:
            counted.update(known.languages)
    best = max(counted.values(), default=0)
    return next((language for language in Language if counted[language] == best), Language.ENGLISH)


def meanings(header: str, language: Language) -> list[Meaning]:
    """Everything a header may mean, the most telling first; empty for words that say nothing."""
    found = (
        [*_pieces(header, language), *_exact(header, language)]
        or list(_said(header))
        or list(_within(header))
    )
    best: dict[tuple[str, ...], Meaning] = {}
    for meaning in [*found, *_other_senses(found)]:
        if meaning.fields not in best or meaning.rank < best[meaning.fields].rank:
            best[meaning.fields] = meaning
    return sorted(best.values(), key=lambda meaning: meaning.rank)


def recognised_fields(cells: Iterable[str], extra: frozenset[str] = frozenset()) -> int:
    """How many different fields (or headers named by a mapping, given as keys) a row of cells names."""
    named: set[str] = set()
    for cell in cells:
        key = header_key(cell)
        if key in extra:
            named.add(key)
        else:
            named.update(*(meaning.fields for meaning in _named_exactly(cell)))
    return len(named)


@lru_cache(maxsize=4_096)
def _named_exactly(header: str) -> tuple[Meaning, ...]:
    found = [*_pieces(header, Language.ENGLISH), *_exact(header, Language.ENGLISH)] or [*_said(header)]
    return tuple(meaning for meaning in found if meaning.rank < OTHER_SENSE)


def speaks_of_something_else(header: str) -> bool:
    """ "Next appointment", "Units billed", "Guarantor's name": near to a field, and never one."""
    return bool(_SOMETHING_ELSE.search(plain_words(_CAMEL.sub(" ", header))))


def names_units_of_a_place(header: str) -> bool:
    """A header such as "Frontalis (U)" or "Site 3", over the units given there."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", header)
    return names_muscle(bare) or names_numbered_place(bare)


def _exact(header: str, language: Language) -> Iterator[Meaning]:
    """The whole header is a known name, or is one without what stands in brackets."""
    if known := RECOGNISED.get(header_key(header)):
        yield _meaning(known, language)
        return
    bare, inside = _brackets(header)
    outer, inner = RECOGNISED.get(header_key(bare)), RECOGNISED.get(header_key(inside))
    two = outer and inner and outer.field != inner.field
    if outer and not two and not speaks_of_something_else(inside):
        yield _meaning(outer, language)


def _brackets(header: str) -> tuple[str, str]:
    match = re.search(r"[(\[](.*?)[)\]]", header)
    return (header.replace(match[0], " "), match[1]) if match else (header, "")


def _both(one: Known, other: Known, language: Language) -> Iterator[Meaning]:
    if can_share(one.field, other.field):
        # First of all the meanings; where the cells do not hold both, it falls away.
        yield Meaning((one.field, other.field), 0, one.languages | other.languages)
        for each in (one, other):
            yield Meaning((each.field,), OTHER_SENSE, each.languages)
    else:
        clearer = min(one, other, key=lambda known: known.tier)
        yield _meaning(clearer, language)


def _pieces(header: str, language: Language) -> Iterator[Meaning]:
    """ "Toxin / Lot #", "Dx + ICD-10": two names at once. "Toxin/Lot" may also be the toxin's lot."""
    pieces = [piece for piece in _PIECES.split(header) if piece.strip()]
    known = [RECOGNISED.get(header_key(piece)) for piece in pieces]
    named = {each.field: each for each in known if each}
    if len(named) == 1 and len(known) > 1 and all(known):
        yield _meaning(next(iter(named.values())), language)
    elif len(named) == 2:
        one, other = named.values()
        if named.keys() == {"family_name", "given_name"}:
            yield Meaning(("patient_name",), max(one.tier, other.tier), one.languages | other.languages)
        elif can_share(one.field, other.field) or header_key(header) not in RECOGNISED:
            yield from _both(one, other, language)


def _said(header: str) -> Iterator[Meaning]:
    """A header on no list, all of whose words say one thing; its cells must agree."""
    if name := field_said(header):
        yield Meaning((name,), SAID)


def _within(header: str) -> Iterator[Meaning]:
    """A known name inside a longer header: "Total botulinum toxin units". Only cells can make it sure."""
    words = [word for word in re.findall(r"[^\W_]+|#", plain_words(_CAMEL.sub(" ", header))) if word]
    if speaks_of_something_else(header) or names_numbered_place(header):
        return
    for length in range(len(words) - 1, 0, -1):
        found = False
        for start in range(len(words) - length + 1):
            key = header_key("".join(words[start : start + length]))
            known = RECOGNISED.get(key)
            if known and known.tier < _VAGUE_TIER and key not in _VAGUE and len(key) > 2:
                found = True
                yield Meaning((known.field,), WITHIN + len(words) - length, known.languages)
        if found:
            return


def _meaning(known: Known, language: Language) -> Meaning:
    rank = known.tier + (0 if language in known.languages else FOREIGN)
    return Meaning((known.field,), rank, known.languages)


def _other_senses(found: list[Meaning]) -> Iterator[Meaning]:
    for meaning in found:
        if len(meaning.fields) == 1 and meaning.rank < WITHIN:
            for field in _OTHER_SENSES.get(meaning.fields[0], ()):
                yield Meaning((field,), OTHER_SENSE, meaning.languages)
