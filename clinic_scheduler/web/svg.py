"""What charts are made of: SVG text, without requests or rows.

Class names start with `chart-`, their colours are in app.css; there is no script and no inline style.
"""

from collections.abc import Iterable

from markupsafe import Markup

WIDTH = 720


def svg(key: str, title: str, description: str, height: int, parts: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="chart-{}-title chart-{}-desc"><title id="chart-{}-title">{}</title>'
        '<desc id="chart-{}-desc">{}</desc>{}</svg>'
    ).format(WIDTH, height, key, key, key, title, key, description, Markup("").join(parts))


def text(x: float, y: float, words: str, kind: str, *, anchor: str = "middle") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, number(x), number(y), anchor, words
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, number(x1), number(y1), number(x2), number(y2)
    )


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
