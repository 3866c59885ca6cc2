"""Muscles, sites, sides and limbs as logs name them, in four languages. What a dose there means lives elsewhere."""

import re
import unicodedata
from enum import StrEnum


class Side(StrEnum):
    """The patient's side, never the viewer's."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


# The beginnings of words, without accents, since endings differ by language, case and number.
_MUSCLES = (
    r"frontal|corrugat|procer|glabell|temporal|occipit|trapez|splenius|semispinal|paraspinal|cervical|scalen"
    r"|sternocleid|scm\b|levator|longissimus|orbicular|zygomat|mentalis|masset|pterygo|digastric|platysma|nasal"
    r"|depressor|risor|bizeps|biceps|triceps|trizeps|brachi|deltoid|pectoral|latissimus|subscapul|teres"
    r"|rhomboid|pronator|supinator|flexor|extensor|fcr\b|fcu\b|fds\b|fdp\b|fpl\b|ecr\b|ecu\b|edc\b|lumbrical"
    r"|interosse|opponens|adductor|aductor|adduktor|iliopsoas|psoas|quadriceps|quadrizeps|rectus|vastus|gracilis"
    r"|hamstring|semimembran|semitendin|biceps femoris|gastrocnem|soleus|soleo|solaire|gastroc|tibialis|tibial"
    r"|peroneus|fibularis|hallucis|fhl\b|fdl\b|ehl\b|parotid|submandib|axill|achsel|aissel|axila|palmar"
    r"|forehead|stirn|schlafe|nacken|hinterkopf|front\b|tempe\b|nuque|frente|sien\b|nuca|crow|masticat"
)
_MUSCLE = re.compile(rf"(?<![a-z])(?:{_MUSCLES})")
_NUMBERED_PLACE = re.compile(
    r"(?:(?:inj(?:ection)?|units?|einheiten|unites|unidades)\s*)?"
    r"(?:site|point|stelle|punkt|punto|sitio|vial|flacon|flaschchen|syringe|units?|einheiten|unites|unidades)"
    r"\s*(?:no|nr|n)?\s*\d{1,2}(?:\s*(?:units?|u|e|ie|ui))?"
)
_SIDES: tuple[tuple[Side, str], ...] = (
    (
        Side.BOTH,
        r"both|bilat\w*|b/?l|l\s*[/+&]\s*r|r\s*[/+&]\s*l|li\s*/\s*re|re\s*/\s*li|beid\w*|bds|"
        r"deux cotes|ambos(?: lados)?|d\s*/\s*[gi]|[gi]\s*/\s*d",
    ),
    (Side.LEFT, r"left|lt|l|li|links?|linke\w*|gauche|g|izq\w*|i"),
    (Side.RIGHT, r"right|rt|r|re|rechts?|rechte\w*|droite?|dcha|dch[oa]|der\w*|d"),
)
_LIMBS = (
    ("upper limb", r"\w*ober\w* extremitat\w*|arm\w*|obere\w*|bras|membre\w* superieur\w*|brazos?"
     r"|miembro\w* superior\w*|extremidad\w* superior\w*|upper\w*|ue|ul|hand\w*|main|mano|wrist|elbow|ms"),
    ("lower limb", r"\w*unter\w* extremitat\w*|bein\w*|untere\w*|jambes?|membre\w* inferieur\w*|piernas?"
     r"|miembro\w* inferior\w*|extremidad\w* inferior\w*|lower\w*|le|ll|legs?|foot|fuss\w*|pied|pie|mi"),
)  # fmt: skip


def plain_words(text: str) -> str:
    """Lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.replace("_", " ").split())


def names_muscle(text: str) -> bool:
    return bool(_MUSCLE.search(plain_words(text)))


def names_numbered_place(text: str) -> bool:
    """ "Site 3", "Units 2", "Vial 1 units": one of several columns of the same thing."""
    return bool(_NUMBERED_PLACE.fullmatch(plain_words(re.sub(r"[^\w\s]|_", " ", text))))


def side_of(text: str) -> Side | None:
    """The side a whole cell names ("L", "links", "bilateral")."""
    plain = plain_words(text).strip(" .()")
    return next((side for side, words in _SIDES if re.fullmatch(words, plain)), None)


def side_in(text: str) -> Side | None:
    """The side named beside a muscle: "R corrugator", "Corrugator (links)". One letter counts at either end."""
    words = re.findall(r"\w+", plain_words(text))
    for word in (words[-1:] + words[:1]) if len(words) > 1 else []:
        if side := side_of(word):
            return side
    return next((side for word in words if len(word) > 2 and (side := side_of(word))), None)


def limb_of(text: str) -> str | None:
    """ "upper limb" or "lower limb" where a cell names one of them and not the other."""
    words = plain_words(text).strip(" .()")
    named = [limb for limb, pattern in _LIMBS if re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", words)]
    return named[0] if len(named) == 1 else None
