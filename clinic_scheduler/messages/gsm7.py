"""Spelling text in the GSM 7-bit alphabet, so that 160 characters stay one text; no message wording here."""

import unicodedata

TEXT_LENGTH = 160

# 3GPP TS 23.038, 6.2.1, the basic table without its line ends. The extension table is left out on
# purpose: its characters count twice, so without them the length in characters is the length in septets.
BASIC = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

# What Unicode's own decomposition doesn't bring into the basic table.
_SPELLINGS = {
    "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "|": "/", "~": "-", "^": "", "€": "EUR", "`": "'",
    "‘": "'", "’": "'", "‚": "'", "′": "'", "ʼ": "'", "ʻ": "'", "“": '"', "”": '"', "„": '"',
    "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "*", "·": "*", "×": "x",
    "⁄": "/",
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Œ": "OE", "œ": "oe", "Ð": "D",
    "ð": "d", "Þ": "Th", "þ": "th", "Ŧ": "T", "ŧ": "t", "ẞ": "SS", "©": "(c)", "®": "(R)",
}  # fmt: skip


def spell_in_gsm7(text: str) -> str:
    """`text` in basic GSM characters only: accents go where the table lacks them, unknown signs too."""
    plain = " ".join(text.split())
    if BASIC.issuperset(plain):
        return plain
    spelled = "".join(_spell(char) for char in unicodedata.normalize("NFC", text))
    return " ".join(spelled.split())


def _spell(char: str) -> str:
    if char.isspace():
        return " "
    if char in BASIC:
        return char
    return "".join(
        part if part in BASIC else _SPELLINGS.get(part, "") for part in unicodedata.normalize("NFKD", char)
    )
