"""A course's doses and intervals as a chart: values in, SVG out. Its table stands beside it on the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.web.svg import WIDTH, line, number, svg, text

# Room for 9-figure dates such as 31-Aug-26, set in 11 px.
_DATE_WIDTH = 58
_TEXT_HEIGHT = 11
_CAP_CLEARANCE = 4


@dataclass(frozen=True, slots=True)
class Dose:
    """One bar. `counts` is whether it started a cycle; one that did not is drawn in outline.

    One given `elsewhere` is a diamond of one size: units of another product do not compare, and may be unknown.
    """

    given_on: date
    units: float | None
    counts: bool = True
    elsewhere: bool = False
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class DoseChart:
    """What a course's chart shows; `due` are the days on which its cycles were due, `next_due` the one ahead."""

    key: str
    title: str
    doses: Sequence[Dose]
    cap: float | None = None
    due: Sequence[date] = ()
    next_due: date | None = None


DOSE_HEIGHT = 236
_BAR = 32
_LEFT, _RIGHT = 30, 96  # the right margin holds the cap line's label
TOP, BASE = 20, 156
_STEP = _BAR + 4
_DIAMOND = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a dose is drawn; `label_y` is its label's base line, `inside` whether that lies within the bar."""

    dose: Dose
    x: float
    top: float
    label_y: float
    inside: bool


def dose_chart(chart: DoseChart) -> Markup:
    """Bars by date, the cap's line, marks where each cycle was due, and the days between."""
    days = [dose.given_on for dose in chart.doses]
    days += [*chart.due, *([chart.next_due] if chart.next_due else [])]
    if not chart.doses:
        return Markup("")
    scale = _Scale(min(days), max(days))
    cap_y = None if chart.cap is None else _height(chart.cap, chart)
    bars = dose_bars(chart)
    parts = [_axis(), *(_bar(bar) for bar in bars)]
    if cap_y is not None and chart.cap is not None:
        parts.append(_cap_line(cap_y, chart.cap))
    parts += [_due_mark(scale.x(day)) for day in chart.due]
    labels = [(bar.x, _date_words(bar.dose), "chart-date") for bar in bars]
    if chart.next_due is not None:
        x = max(scale.x(chart.next_due), bars[-1].x + _STEP)
        parts.append(_due_mark(x, "chart-due-next"))
        labels.append((x, f"Due {_short(chart.next_due)}", "chart-date chart-strong"))
    parts += _date_labels(labels)
    parts += _intervals([bar for bar in bars if not bar.dose.elsewhere])
    return svg(chart.key, chart.title, _dose_words(chart), DOSE_HEIGHT, parts)


def dose_bars(chart: DoseChart) -> list[Bar]:
    """Bars on the scale of dates, moved apart where they would overlap."""
    days = [dose.given_on for dose in chart.doses] + list(chart.due)
    scale = _Scale(min(days), max([*days, *([chart.next_due] if chart.next_due else [])]))
    cap_y = None if chart.cap is None else _height(chart.cap, chart)
    limit = WIDTH - _RIGHT - (_STEP if chart.next_due else 0)
    places = spread([scale.x(dose.given_on) for dose in chart.doses], _STEP, limit)
    bars = []
    for dose, x in zip(chart.doses, places, strict=True):
        top = BASE - _DIAMOND if dose.elsewhere else _height(dose.units or 0, chart)
        label_y = label_at(top, cap_y)
        bars.append(Bar(dose, x, top, label_y, label_y - _TEXT_HEIGHT > top))
    return bars


def spread(places: Sequence[float], step: float, limit: float) -> list[float]:
    """The places, in order, at least `step` apart and not past `limit` as long as there is room."""
    apart: list[float] = []
    for place in places:
        apart.append(max(place, apart[-1] + step) if apart else place)
    following = limit + step
    for n in reversed(range(len(apart))):
        apart[n] = following = min(apart[n], following - step)
    return apart


def label_at(top: float, cap_y: float | None) -> float:
    """The base line of a bar's label: inside at its foot where it fits, always clear of the cap's line."""
    foot, above = BASE - 5.0, top - 5.0
    inside = [foot, *([cap_y - 8, cap_y + _TEXT_HEIGHT + 8] if cap_y is not None else [])]
    wanted = [y for y in inside if y - _TEXT_HEIGHT > top + 2 and y <= foot]
    over = above if cap_y is None or clear_of(above, cap_y) else cap_y - 8
    return next((y for y in wanted if cap_y is None or clear_of(y, cap_y)), over)


def clear_of(label_y: float, line_y: float) -> bool:
    """Whether a label on base line `label_y` keeps its distance from a horizontal line."""
    top, bottom = label_y - _TEXT_HEIGHT - _CAP_CLEARANCE, label_y + _CAP_CLEARANCE
    return line_y < top or line_y > bottom


class _Scale:
    def __init__(self, first: date, last: date) -> None:
        self.first, self.days = first, max((last - first).days, 1)

    def x(self, day: date) -> float:
        span = WIDTH - _RIGHT - _LEFT - _BAR
        return _LEFT + _BAR / 2 + span * (day - self.first).days / self.days


def _height(units: float, chart: DoseChart) -> float:
    """The y of so many units."""
    here = (dose.units or 0 for dose in chart.doses if not dose.elsewhere)
    most = max([chart.cap or 0, *here, 1])
    return BASE - (BASE - TOP) * units / most


def _axis() -> Markup:
    return line(_LEFT - 10, BASE, WIDTH - _RIGHT + 12, BASE, "chart-axis")


def _bar(bar: Bar) -> Markup:
    if bar.dose.elsewhere:
        return _diamond(bar)
    kind = "chart-bar" if bar.dose.counts else "chart-bar chart-outline"
    over = "chart-inside" if bar.inside and bar.dose.counts else "chart-value"
    shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        kind, number(bar.x - _BAR / 2), number(bar.top), _BAR, number(BASE - bar.top)
    )
    return shape + text(bar.x, bar.label_y, f"{bar.dose.units or 0:g}", over)


def _diamond(bar: Bar) -> Markup:
    middle, half = BASE - _DIAMOND / 2, _DIAMOND / 2
    corners = ((bar.x, bar.top), (bar.x + half, middle), (bar.x, BASE), (bar.x - half, middle))
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    shape = Markup('<polygon class="chart-elsewhere" points="{}"/>').format(points)
    known = "?" if bar.dose.units is None else f"{bar.dose.units:g}"
    return shape + text(bar.x, bar.label_y, known, "chart-value")


def _cap_line(y: float, cap: float) -> Markup:
    dashes = line(_LEFT - 10, y, WIDTH - _RIGHT + 12, y, "chart-cap")
    return dashes + text(WIDTH - _RIGHT + 16, y + 4, f"Cap {cap:g} U", "chart-cap-label", anchor="start")


def _due_mark(x: float, kind: str = "chart-due") -> Markup:
    points = f"{number(x)},{BASE + 3} {number(x - 5)},{BASE + 11} {number(x + 5)},{BASE + 11}"
    return Markup('<polygon class="{}" points="{}"/>').format(kind, points)


def _date_labels(labels: Iterable[tuple[float, str, str]]) -> list[Markup]:
    """In two rows, the second for those that would touch the one before."""
    ends = [-1e9, -1e9]
    parts = []
    for x, words, kind in labels:
        half = max(_DATE_WIDTH, 6.6 * len(words)) / 2
        row = 0 if x - half >= ends[0] else 1
        ends[row] = x + half
        parts.append(text(x, BASE + 26 + 14 * row, words, kind))
    return parts


def _intervals(bars: Sequence[Bar]) -> list[Markup]:
    return [
        text(
            (one.x + other.x) / 2,
            DOSE_HEIGHT - 14,
            f"{(other.dose.given_on - one.dose.given_on).days} d",
            "chart-interval",
        )
        for one, other in pairwise(bars)
    ]


def _dose_words(chart: DoseChart) -> str:
    doses = ", ".join(_in_words(dose) for dose in chart.doses)
    cap = "" if chart.cap is None else f" The cap is {chart.cap:g} U."
    ahead = "" if chart.next_due is None else f" The next is due on {spoken(chart.next_due)}."
    return f"Given: {doses}.{cap}{ahead}"


def _in_words(dose: Dose) -> str:
    units = "an unknown dose" if dose.units is None else f"{dose.units:g} U"
    when = f"{'by' if dose.is_approximate else 'on'} {spoken(dose.given_on)}"
    return f"{units} elsewhere {when}" if dose.elsewhere else f"{units} {when}"


def _date_words(dose: Dose) -> str:
    return f"by {_short(dose.given_on)}" if dose.is_approximate else _short(dose.given_on)


def _short(day: date) -> str:
    """31-Aug-26: the month in letters keeps it unambiguous."""
    return f"{spoken(day)[:7]}{spoken(day)[-2:]}"
