"""A patient's name as written -> family and given name. Whether two names agree lives in `patients`."""

import re
import unicodedata

_PARTICLES = frozenset(
    [
        "af",
        "al",
        "ap",
        "av",
        "bin",
        "bint",
        "da",
        "dal",
        "de",
        "degli",
        "dei",
        "del",
        "dela",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "las",
        "le",
        "los",
        "op",
        "te",
        "ten",
        "ter",
        "van",
        "vande",
        "vanden",
        "vander",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
_SUFFIXES = {
    "jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V", "2nd": "2nd", "3rd": "3rd",
    "md": "MD", "phd": "PhD", "esq": "Esq.",
}  # fmt: skip
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "mx", "prof"])
_FAMILY_HEADERS = frozenset(
    ["last", "family", "surname", "nachname", "familienname", "zuname", "nom", "apellido", "apellidos"]
)
_GIVEN_HEADERS = frozenset(
    ["first", "given", "vorname", "vornamen", "prenom", "prenoms", "nombre", "nombres"]
)
_FORMULA_STARTS = ("=", "+", "@")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "‐": "-", "‑": "-"})
_SHOUTED_MAC = re.compile(r"(Ma?c)([^\W\d_a-z]{2,})")
_MC = re.compile(r"Mc(\w)(\w*)")


def clean_name(text: str) -> str:
    """NFC, one kind of apostrophe and hyphen, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_APOSTROPHES).split())


def family_words_first(header: str) -> int:
    """How many words of a name are the family's where its header puts that first; 0 where it does not.

    "Nom et prénom", "Name, Vorname" and "Patient (Last, First)" do; under "Apellidos y nombre" they are two.
    """
    plain = unicodedata.normalize("NFKD", header).casefold()
    words = re.findall(r"[a-z]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    given = [at for at, word in enumerate(words) if word in _GIVEN_HEADERS]
    family = [at for at, word in enumerate(words) if word in _FAMILY_HEADERS] or (
        [words.index("name")] if "name" in words else []
    )
    if not given or not family or family[0] > given[0]:
        return 0
    return 2 if words[family[0]] == "apellidos" else 1


def split_name(text: str, family_first: int = 0) -> tuple[str, str]:
    """(family, given) from "FAMILY, Given M.", "FAMILY Given" or "Given Family". One word alone is the family name.

    `family_first`: what family_words_first says of the column.
    """
    name = clean_name(text).strip(" ,;")
    if name.startswith(_FORMULA_STARTS):
        return text, ""
    if "," in name:
        return _split_at_comma(name)
    words = _without_title(name.split(" "))
    suffix = _pop_suffix(words)
    if ends := _shouted(words) or (_leading(words, family_first) if family_first else 0):
        return join_name(" ".join(words[:ends]), " ".join(words[ends:]), suffix)
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return join_name(" ".join(words[start:]), " ".join(words[:start]), suffix)


def join_name(family: str, given: str, suffix: str = "") -> tuple[str, str]:
    """Both names in display form, the suffix after the family name."""
    if family.startswith(_FORMULA_STARTS):
        return family, given
    family_words = clean_name(family).split(" ")
    suffix = suffix or _pop_suffix(family_words)
    shown = " ".join(_display_words(family_words))
    return (f"{shown} {suffix}" if suffix else shown), " ".join(
        _display_words(clean_name(given).split(" "), given=True)
    )


def name_key(family: str, given: str) -> frozenset[str]:
    """Words of a name without case, accents, initials and suffixes, whichever way round it was written."""
    plain = unicodedata.normalize("NFKD", f"{family} {given}").casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'.")
    words = re.findall(r"\w+", plain)
    return frozenset(word for word in words if len(word) > 1 and word not in _SUFFIXES)


def _shouted(words: list[str]) -> int:
    """How many words a family name in capitals has that comes before a given name which is not."""
    ends = 0
    while ends < len(words) and words[ends].isupper() and (len(words[ends]) > 2 or _is_particle(words[ends])):
        ends += 1
    return (
        ends
        if 0 < ends < len(words) and not any(word.isupper() for word in words[ends:] if len(word) > 2)
        else 0
    )


def _leading(words: list[str], many: int) -> int:
    """The same where the header alone says so: particles belong to it, and one word is left for the given name."""
    ends = 0
    while ends < len(words) - 2 and words[ends].casefold() in _PARTICLES:
        ends += 1
    return min(ends + many, max(len(words) - 1, 1))


def _split_at_comma(name: str) -> tuple[str, str]:
    family, *rest = [part.strip() for part in name.split(",") if part.strip()]
    suffix = ""
    for part in list(rest):
        if part.casefold().strip(".") in _SUFFIXES:
            suffix = _SUFFIXES[part.casefold().strip(".")]
            rest.remove(part)
    if not rest:  # "John Smith, Jr."
        return join_name(*split_name(family), suffix)
    given_words = _without_title(" ".join(rest).split(" "), at_least=1)
    suffix = suffix or _pop_suffix(given_words)
    return join_name(family, " ".join(given_words), suffix)


def _without_title(words: list[str], at_least: int = 2) -> list[str]:
    """`at_least` words stay, so that a family name is never taken for a title."""
    return words[1:] if len(words) > at_least and words[0].casefold().strip(".") in _TITLES else words


def _pop_suffix(words: list[str]) -> str:
    """Take a suffix off the end of `words`; a family name is never left without a word."""
    if len(words) > 1 and words[-1].casefold().strip(".") in _SUFFIXES:
        return _SUFFIXES[words.pop().casefold().strip(".")]
    return ""


def _display_words(words: list[str], given: bool = False) -> list[str]:
    last = len(words) - 1
    return [
        word.casefold() if index < last and not given and _is_particle(word) else _display(word, given)
        for index, word in enumerate(words)
    ]


def _is_particle(word: str) -> bool:
    """ "VAN" and "van", but not "Van": mixed case is somebody's choice and stays."""
    return word.casefold() in _PARTICLES and (word.isupper() or word.islower())


def _display(word: str, given: bool) -> str:
    """A word that shouts or whispers in name form, each half of a double name by itself."""
    if given and word.isupper() and len(word) == 2 and not re.search("[AEIOUYÀ-Ý]", word):
        return word  # "TJ" are initials.
    return "-".join(_display_part(part) for part in word.split("-"))


def _display_part(part: str) -> str:
    if match := _SHOUTED_MAC.fullmatch(part):
        return match[1] + match[2].capitalize()
    if part.isupper() or part.islower():
        return re.sub(r"[^\W\d_]+", lambda letters: _capital(letters[0]), part)
    return part


def _capital(part: str) -> str:
    return (
        _MC.sub(lambda match: f"Mc{match[1].upper()}{match[2]}", part.capitalize())
        if len(part) > 3
        else part.capitalize()
    )
