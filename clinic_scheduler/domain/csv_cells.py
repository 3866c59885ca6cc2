"""Making text safe in a CSV cell (no formulas), and reading it back."""

_APOSTROPHE = "'"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def formula_safe(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would take for a formula (OWASP CSV injection).

    Before what already has one as well, so that `as_it_was` can tell them apart.
    """
    return _APOSTROPHE + cell if _like_a_formula(cell) else cell


def as_it_was(cell: str) -> str:
    """The cell before `formula_safe`, to the letter."""
    return cell[1:] if cell.startswith(_APOSTROPHE) and _like_a_formula(cell) else cell


def _like_a_formula(cell: str) -> bool:
    return cell.lstrip(_APOSTROPHE).startswith(_FORMULA_STARTS)
