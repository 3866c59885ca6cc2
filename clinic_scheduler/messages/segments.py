"""How many texts a text is, and which of its characters make it more; spelling is in gsm7.py."""

from dataclasses import dataclass

from .gsm7 import BASIC

# 3GPP TS 23.038, 6.2.1.1: each takes two places in the 7-bit alphabet.
EXTENSION = frozenset("^{}\\[~]|€\f")
_LINE_ENDS = frozenset("\n\r")
# Places in a text that stands alone, and in each of several, which carry a header.
_ALONE = {"GSM-7": 160, "UCS-2": 70}
_JOINED = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """`places` used, in `parts` texts; `forcing` are the characters that call for UCS-2, each once."""

    encoding: str
    places: int
    parts: int
    forcing: tuple[str, ...]

    @property
    def room(self) -> int:
        """Places in as many texts as there are."""
        return _ALONE[self.encoding] if self.parts <= 1 else _JOINED[self.encoding] * self.parts


def segments(text: str) -> Segments:
    """A text as it is billed and joined: no character is cut in two at the end of a part."""
    forcing = tuple(dict.fromkeys(char for char in text if _gsm_places(char) == 0))
    encoding = "UCS-2" if forcing else "GSM-7"
    widths = [len(char.encode("utf-16-be")) // 2 if forcing else _gsm_places(char) for char in text]
    places = sum(widths)
    parts = 1 if places <= _ALONE[encoding] else _joined(widths, _JOINED[encoding])
    return Segments(encoding, places, parts, forcing)


def _gsm_places(char: str) -> int:
    """0 where the 7-bit alphabet has no such character."""
    if char in EXTENSION:
        return 2
    return 1 if char in BASIC or char in _LINE_ENDS else 0


def _joined(widths: list[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
