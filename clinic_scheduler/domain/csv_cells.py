"""Cells on their way into a spreadsheet."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def formula_safe(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would take for a formula (OWASP CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
