"""A provider's weeks as a chart: values in, SVG out. Its table stands beside it on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.web.svg import WIDTH, line, number, svg, text

WEEK_HEIGHT = 236
_WEEK_LEFT, WEEK_TOP, WEEK_BASE = 34, 22, 180


@dataclass(frozen=True, slots=True)
class Week:
    """One column of the capacity chart. `room` is how many visits the provider's hours hold."""

    monday: date
    booked: int
    unbooked: int
    room: int | None = None


def week_chart(key: str, title: str, weeks: Sequence[Week]) -> Markup:
    """Columns by week: booked solid, due and not booked hatched on top, a tick where the hours are full."""
    if not weeks:
        return Markup("")
    most = max([*(week.booked + week.unbooked for week in weeks), *(week.room or 0 for week in weeks), 4])
    width = (WIDTH - _WEEK_LEFT - 8) / len(weeks)
    parts = [_hatch(key), *_rules(most)]
    for n, week in enumerate(weeks):
        parts += _week_column(key, week, _WEEK_LEFT + n * width, width, most)
    parts += _week_names(weeks, width)
    return svg(key, title, _week_words(weeks), WEEK_HEIGHT, parts)


def _hatch(key: str) -> Markup:
    return Markup(
        '<defs><pattern id="chart-{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="chart-hatch-ground" width="6" height="6"/>'
        '<rect class="chart-hatch-line" width="2" height="6"/></pattern></defs>'
    ).format(key)


def _rules(most: int) -> list[Markup]:
    """Horizontal lines at whole numbers, about four of them."""
    step = max(1, -(-most // 4))
    parts = []
    for count in range(0, most + 1, step):
        y = _week_y(count, most)
        parts.append(line(_WEEK_LEFT, y, WIDTH - 8, y, "chart-axis" if count == 0 else "chart-rule"))
        parts.append(text(_WEEK_LEFT - 6, y + 4, str(count), "chart-date", anchor="end"))
    return parts


def _week_column(key: str, week: Week, x: float, width: float, most: int) -> list[Markup]:
    pad = width * 0.14
    booked_y = _week_y(week.booked, most)
    due_y = _week_y(week.booked + week.unbooked, most)
    parts = []
    if week.booked:
        parts.append(_block("chart-bar", x + pad, width - 2 * pad, booked_y, WEEK_BASE))
    if week.unbooked:
        fill = Markup(' fill="url(#chart-{}-hatch)"').format(key)
        parts.append(_block("chart-hatched", x + pad, width - 2 * pad, due_y, booked_y, fill))
    if week.room is not None:
        y = _week_y(week.room, most)
        parts.append(line(x + pad / 2, y, x + width - pad / 2, y, "chart-room"))
    return parts


def _block(kind: str, x: float, width: float, top: float, base: float, fill: str = "") -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}/>').format(
        kind, number(x), number(top), number(width), number(base - top), fill
    )


def _week_names(weeks: Sequence[Week], width: float) -> list[Markup]:
    """The day of each Monday, or of every other where they would touch; the month where it begins."""
    every = 1 if width >= 24 else 2
    parts = []
    month = 0
    for n, week in enumerate(weeks):
        x = _WEEK_LEFT + (n + 0.5) * width
        if n % every == 0:
            parts.append(text(x, WEEK_BASE + 18, f"{week.monday.day}", "chart-date"))
        if week.monday.month != month:
            month = week.monday.month
            parts.append(text(x, WEEK_BASE + 34, spoken(week.monday)[3:6], "chart-date chart-strong"))
    return parts


def _week_y(visits: float, most: int) -> float:
    return WEEK_BASE - (WEEK_BASE - WEEK_TOP) * visits / most


def _week_words(weeks: Sequence[Week]) -> str:
    booked, unbooked = sum(week.booked for week in weeks), sum(week.unbooked for week in weeks)
    span = f"{len(weeks)} weeks from {spoken(weeks[0].monday)}"
    return f"{span}: {booked} booked, {unbooked} due and not booked."
