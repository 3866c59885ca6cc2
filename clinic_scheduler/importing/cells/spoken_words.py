"""German, French and Spanish words for diagnoses and visits, put into the English ones the readers know."""

import re
from functools import lru_cache

from clinic_scheduler.importing.cells.body_words import limb_of, plain_words

# Whole words without accents -> English. Order matters: longer phrases first.
_ENGLISH: tuple[tuple[str, str], ...] = (
    (r"(?:keine|nicht|non|no) (?:chronische?|chronique|cronica)", "not chronic"),
    (r"episodische?\w*|episodique|episodica", "episodic"),
    (r"chronisch\w*|chronique|cronic[ao]s?", "chronic"),
    (r"migrane\w*|migraene\w*|migranas?", "migraine"),
    (r"(?:spastik|spastizitat|spastizitaet|spastisch\w*|spasticite|espasticidad|espastic[ao])", "spasticity"),
    (r"hemiparese|hemiparesie|hemiparesia", "hemiparesis"),
    (r"hemiplegie|hemiplejia", "hemiplegia"),
    (r"tetraparese|tetraparesie|tetraparesia|tetraspastik", "tetraparesis"),
    (r"paraparese|paraparesie|paraparesia|paraspastik", "paraparesis"),
    (r"zerebralparese|paralysie cerebrale|paralisis cerebral", "cerebral palsy"),
    (r"ob(?:ere)?\.? ?extremitat\w*|armspastik|arme?s?|oberarm|unterarm|brazos?|antebrazo|bras|membres? superieurs?"
     r"|miembros? superior(?:es)?|extremidad(?:es)? superior(?:es)?|obere\w* extremitat\w*", "upper limb"),
    (r"unt(?:ere)?\.? ?extremitat\w*|beinspastik|beine?s?|unterschenkel|piernas?|jambes?|membres? inferieurs?"
     r"|miembros? inferior(?:es)?|extremidad(?:es)? inferior(?:es)?|untere\w* extremitat\w*", "lower limb"),
    (r"hande?|mano|main", "hand"),
    (r"fuss|fusse|spitzfuss|pie|pied", "foot"),
    (r"zervikale dystonie|dystonie cervicale|distonia cervical|tortikolis|tortikollis|torticolis|schiefhals",
     "cervical dystonia torticollis"),
    (r"dystonie|distonia", "dystonia"),
    (r"blepharospasmus|blepharospasme|blefaroespasmo", "blepharospasm"),
    (r"hemifazialer spasmus|hemifazialspasmus|spasme hemifacial|hemispasmo facial|espasmo hemifacial",
     "hemifacial spasm"),
    (r"hyperhidrose|hiperhidrosis", "hyperhidrosis"),
    (r"sialorrhoe|hypersalivation|sialorrhee|sialorrea", "sialorrhea"),
)  # fmt: skip
_PATTERNS = tuple(
    (re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])"), english) for words, english in _ENGLISH
)


@lru_cache(maxsize=4_096)
def in_english(text: str) -> str:
    """A diagnosis with the words it has in other languages put into English; English ones stay as they are."""
    plain = plain_words(text)
    translated = plain
    for pattern, english in _PATTERNS:
        translated = pattern.sub(english, translated)
    # The words as written are what problems quote, so they stay where nothing was put into English.
    return text if translated == plain else translated


@lru_cache(maxsize=4_096)
def with_limb(diagnosis: str, limb: str) -> str:
    """The diagnosis with the limb that a column of its own names; as it is where that names none or both."""
    named = limb_of(limb) or limb_of(in_english(limb))
    return f"{diagnosis} {named}" if named and diagnosis.strip() else diagnosis
