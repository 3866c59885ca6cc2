"""What clinics write for "nothing", and a cell without it."""

_BLANKS = frozenset(
    ["n/a", "na", "none", "null", "nil", "nan", "-", "--", "---", ".", "?", "#n/a", "unknown", "unk", "tbd"]
)


def tidy(text: str) -> str:
    """One line, single spaces; what clinics write for "nothing" becomes empty."""
    text = " ".join(text.split())
    return "" if text.casefold() in _BLANKS else text
