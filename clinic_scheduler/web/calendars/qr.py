"""QR codes as SVG elements of our own: one path of dark squares, without styles, which our headers forbid."""

import segno
from markupsafe import Markup

# Four light squares on each side, as readers need.
_BORDER = 4


def qr_svg(text: str, title: str) -> Markup:
    """Dark on light in both themes: many cameras do not read the reverse. `title` is what it is of."""
    rows = segno.make(text, error="m", micro=False).matrix
    path = "".join(
        f"M{x + _BORDER} {y + _BORDER}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{}" viewBox="0 0 {size} {size}" '
        'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        '<path fill="#000" d="{}"/></svg>'
    ).format(title, path, size=len(rows) + 2 * _BORDER)
