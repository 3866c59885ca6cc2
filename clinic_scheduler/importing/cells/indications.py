"""From a diagnosis in words and an ICD-10 code to what was treated, by the records there are. Never guesses a limb.

What is known and none of ours is 'other'; what cannot be told is None. Either way it stays an injection that was given.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from clinic_scheduler.domain.protocols.indications import INDICATIONS, OTHER, words_of
from clinic_scheduler.importing.cells.codes import codes_among_words, codes_in, fits


class Needs(StrEnum):
    """What a person has to say before an injection can belong to a course."""

    NOTHING = ""
    LIMB = "limb"
    INDICATION = "indication"


@dataclass(frozen=True)
class Reading:
    """What a diagnosis says: an indication, 'other', or None with the reason; the code; a remark to warn of."""

    indication: str | None = None
    icd10: str | None = None
    reason: str = ""
    remark: str = ""
    needs: Needs = Needs.NOTHING


class Term(NamedTuple):
    """What an indication is known by. `names` are bags of words: their order in a cell does not matter."""

    code: str
    names: tuple[frozenset[str], ...]
    icd10: tuple[str, ...]
    limb: str | None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


# How people shorten; read as the long form before anything is looked for.
_LONG_FORMS = (
    (_words(r"chron\.?|chr\.?"), "chronic"),
    (_words(r"migraineurs?|migraines|mig\.?"), "migraine"),
    (_words(r"extremit(?:y|ies)|ext\.?"), "limb"),
)
_SPASTIC = _words(
    r"spastic\w*|spasms?|hypertonia|(?:hemi|mono|di|para|quadri|tetra)(?:paresis|plegia)"
    r"|cerebral palsy|uls|lls"
)
_LIMBS = {
    "upper": _words(
        r"upper[ -]?limbs?|[rlb]?u[el]|uls|(?:fore)?arms?|elbows?|wrists?|hands?|fingers?|shoulders?"
    ),
    "lower": _words(
        r"lower[ -]?limbs?|[rlb]?l[el]|lls|legs?|thighs?|knees?|ankles?|foot|feet|toes?|calf|equino?\w*"
    ),
}
# Treated with toxin, and no indication of ours. Some of these names hold one of ours within them.
_OTHER_WORDS = _words(
    r"(?:episodic|vestibular|hemiplegic|abdominal|menstrual|acute) migraine|migraine,? not chronic|not chronic"
    r"|(?:palmar|plantar|facial|craniofacial|frontal|gustatory) hyperhidrosis"
    r"|(?:hand|limb|laryngeal|oromandibular|jaw) dystonia|writer'?s cramp|(?:spasmodic )?dysphonia"
    r"|strabismus|bruxism|tm[jd]|masseter(?:ic)?(?: hypertrophy)?|gummy smile|platysmal bands?"
    r"|glabella\w*(?: lines?)?|frown lines?|forehead lines?|crow'?s feet|canthal lines?|wrinkles?|rhytids?"
    r"|rhytides|cosmetic|aesthetic|achalasia|anal fissure|essential tremor|tension headaches?"
    r"|trigeminal neuralgia|piriformis(?: syndrome)?|plantar fasciitis|something else"
)
_OTHER_CODES = (
    "G43.*", "G24.1*", "G24.2*", "G24.4*", "G25.0", "G44.2*", "G47.63", "G50.0", "G81.0*", "F45.8", "H49*", "H50*",
    "J38.*", "K22.0", "K60.*", "L57.*", "L74.511", "L74.512", "L74.513", "L74.52*", "L98.8", "M26.6*", "R61", "Z41.1",
)  # fmt: skip
# These go with spasticity and do not tell it alone: only beside words that do, a limb's among them.
_BESIDE_SPASTICITY = ("G35*", "R25.2", "M62.4*", "M62.83*", "G83.*", "G81.9*", "G11.4", "G04.1")


def read_indication(words: str, code: str) -> Reading:
    """Decide by words, code, or both; where they contradict or leave the limb open, give the reason."""
    return _read(words, code, _terms())


def check_code(indication: str, code: str) -> Reading:
    """The code beside words that a mapping has already decided."""
    codes = codes_in(code)
    return Reading(indication, codes[0] if codes else None)


def _terms() -> tuple[Term, ...]:
    return _terms_of(
        tuple((each.code, (each.words, *each.names), each.icd10, each.limb) for each in INDICATIONS.values())
    )


@lru_cache(maxsize=8)
def _terms_of(
    records: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str | None], ...],
) -> tuple[Term, ...]:
    return tuple(
        Term(code, tuple(_bag(_plain(name)) for name in names), icd10, limb)
        for code, names, icd10, limb in records
    )


@lru_cache(maxsize=4_096)
def _read(words: str, code: str, terms: tuple[Term, ...]) -> Reading:
    codes = codes_in(code)
    remark = f"{code.strip()!r} is not an ICD-10 code; left out" if code.strip() and not codes else ""
    codes = codes or codes_among_words(words)
    limbs = {limb for limb, pattern in _LIMBS.items() if pattern.search(_plain(words))}
    said = _said(_plain(words), limbs, terms)
    fitting = {each: _coded(each, limbs, terms) for each in codes}
    icd10 = next((each for each in codes if fitting[each] & said), None)
    icd10 = icd10 or next((each for each in codes if fitting[each]), codes[0] if codes else None)
    if _is_vague(said, words, terms) and OTHER in fitting.get(icd10 or "", ()):
        said = set()  # "Migraine" with the code of another migraine: the code tells which.
    coded = fitting.get(icd10 or "", set()) if said else set().union(*fitting.values())
    reading = _decide(said, coded, limbs, words.strip(), icd10, terms)
    if reading.indication is None:
        return reading
    told = remark or _remark(reading, said, coded, words, terms)
    return Reading(reading.indication, icd10, "", told)


def _plain(words: str) -> str:
    decomposed = unicodedata.normalize("NFKD", words).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    for short, long in _LONG_FORMS:
        plain = short.sub(long, plain)
    return " ".join(re.sub(r"[_/,;:()?!]+", " ", plain).split())


def _bag(plain: str) -> frozenset[str]:
    """Its words, a plural's ending taken off the longer ones; on both sides alike, so it need not be a plural's."""
    return frozenset(word.removesuffix("s") if len(word) > 4 else word for word in re.split(r"[ -]+", plain))


def _said(plain: str, limbs: set[str], terms: tuple[Term, ...]) -> set[str]:
    """Indications that the words name; 'other' for what is none of ours."""
    names = [name for term in terms for name in term.names if name <= _bag(plain)]

    def none_of_ours(match: re.Match[str]) -> str:
        return match[0] if any(_bag(match[0]) <= name for name in names) else " "

    rest = _OTHER_WORDS.sub(none_of_ours, plain)
    said = {OTHER} if rest != plain else set()
    bag = _bag(rest)
    named = {(term.code, name) for term in terms for name in term.names if name <= bag}
    said |= {code for code, _ in named}
    # What a name has said is not looked at again: a hemifacial spasm is no spasticity.
    used = frozenset().union(*(name for _, name in named))
    left = " ".join(word for word in re.split(r"[ -]+", rest) if not _bag(word) <= used)
    if _SPASTIC.search(left):
        said |= _of_limbs(limbs, terms)
    return said


def _of_limbs(limbs: set[str], terms: tuple[Term, ...]) -> set[str]:
    """The indications of the limbs said, or of every limb where none is."""
    return {term.code for term in terms if term.limb and (not limbs or term.limb in limbs)}


def _coded(code: str, limbs: set[str], terms: tuple[Term, ...]) -> set[str]:
    """Indications that a code may mean: both limbs' where it fits both."""
    if fits(code, _BESIDE_SPASTICITY) and not _tells_alone(code, terms):
        return _of_limbs(limbs, terms) if limbs else set()
    found = {term.code for term in terms if fits(code, term.icd10)}
    if not found and fits(code, _OTHER_CODES):
        return {OTHER}
    return found


def _tells_alone(code: str, terms: tuple[Term, ...]) -> bool:
    return code.partition(".")[0] != "G35" and any(fits(code, term.icd10) for term in terms)


def _is_vague(said: set[str], words: str, terms: tuple[Term, ...]) -> bool:
    """Whether one indication is named by a part of its name alone: "migraine" for a chronic migraine."""
    if len(said) != 1 or OTHER in said:
        return False
    (term,) = (term for term in terms if term.code in said)
    bag = _bag(_plain(words))
    named = [name for name in term.names[1:] if name <= bag]
    return bool(named) and all(any(name < longer for longer in term.names[1:]) for name in named)


def _decide(
    said: set[str], coded: set[str], limbs: set[str], words: str, code: str | None, terms: tuple[Term, ...]
) -> Reading:
    found = said & coded if said and coded else said or coded
    with_limbs = {term.code for term in terms if term.limb}
    if said and coded and not found:
        # Another code beside clear words is remarked on; one of ours that says otherwise is a contradiction.
        if coded == {OTHER}:
            return Reading(next(iter(said)), code) if len(said) == 1 else _several(said, code, with_limbs)
        return _unclear(_contradiction(said | coded, with_limbs, words, code), code)
    if not said and coded and coded <= with_limbs and limbs:
        found = coded & _of_limbs(limbs, terms)
        if not found:
            return _unclear(_contradiction(coded, with_limbs, words, code), code)
    if len(found) == 1:
        return Reading(next(iter(found)), code)
    if found:
        return _several(found, code, with_limbs, limbs)
    if not words and not code:
        return _unclear("no diagnosis and no ICD-10 code", code)
    return _unclear(f"nobody can tell from {words or code!r} what was treated", code)


def _several(
    found: set[str], code: str | None, with_limbs: set[str], limbs: set[str] | None = None
) -> Reading:
    if found <= with_limbs and limbs:
        reason = "names an upper and a lower limb; write one row for each, with its own units"
        return Reading(None, code, reason, needs=Needs.LIMB)
    if found <= with_limbs:
        reason = "spasticity without a limb: neither the words nor the code say upper or lower limb"
        return Reading(None, code, reason, needs=Needs.LIMB)
    names = " and ".join(sorted(words_of(each).lower() for each in found))
    return _unclear(f"names {names} at once; write one row for each indication", code)


def _contradiction(found: set[str], with_limbs: set[str], words: str, code: str | None) -> str:
    if found <= with_limbs:
        return f"the words {words!r} and the code {code} name different limbs"
    return f"the words {words!r} and the code {code} contradict each other"


def _unclear(reason: str, code: str | None) -> Reading:
    return Reading(None, code, reason, needs=Needs.INDICATION)


def _remark(reading: Reading, said: set[str], coded: set[str], words: str, terms: tuple[Term, ...]) -> str:
    """Where the words were followed past a code that does not say it, or say less than the whole name."""
    name = words_of(reading.indication or "").lower()
    code = reading.icd10
    if (
        code
        and said
        and not coded & said
        and not fits(code, _BESIDE_SPASTICITY)
        and reading.indication != OTHER
    ):
        return f"{code} is not a code of {name}; the words were followed"
    if code is None and _is_vague(said, words, terms):
        return f"does not say all of {name}; read as {name}"
    return ""
