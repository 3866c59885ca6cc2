"""Charts as SVG: well-formed, without script or style, labels clear of the cap line, texts escaped."""

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.web import charts, week_chart
from clinic_scheduler.web.charts import Dose, DoseChart, dose_chart
from clinic_scheduler.web.svg import WIDTH
from clinic_scheduler.web.week_chart import Week

SVG = "{http://www.w3.org/2000/svg}"
START = date(2025, 1, 6)


def course(*units: float, cap: float | None = 400, title: str = "Doses", days: int = 84) -> DoseChart:
    doses = [Dose(START + timedelta(days * n), value) for n, value in enumerate(units)]
    return DoseChart("course-1", title, doses, cap, next_due=START + timedelta(days * len(units)))


def drawn(markup: str) -> ElementTree.Element:
    assert not re.search(r"<script|style=|<style|javascript:", markup)
    return ElementTree.fromstring(markup)


def classes(root: ElementTree.Element) -> set[str]:
    return {name for element in root.iter() for name in element.get("class", "").split()}


doses = st.lists(st.tuples(st.integers(0, 700), st.floats(0, 1500, allow_nan=False)), min_size=1, max_size=10)
caps = st.none() | st.floats(20, 1000)


@given(doses, caps)
def test_dose_labels_never_touch_the_cap_line_and_bars_never_each_other(given_doses, cap) -> None:
    bars = charts.dose_bars(
        DoseChart(
            "k",
            "t",
            [Dose(START + timedelta(day), units) for day, units in sorted(given_doses)],
            cap,
            next_due=START + timedelta(800),
        )
    )
    most = max([cap or 0, *(bar.dose.units for bar in bars), 1])
    for bar in bars:
        if cap is not None:
            cap_y = charts.BASE - (charts.BASE - charts.TOP) * cap / most
            assert charts.clear_of(bar.label_y, cap_y)
        if bar.inside:
            assert bar.top < bar.label_y - 11 < bar.label_y <= charts.BASE
    places = [bar.x for bar in bars]
    assert all(other - one >= 36 - 1e-6 for one, other in pairwise(places))
    assert places[-1] <= WIDTH - 96 + 1e-6


@given(doses, caps)
def test_any_dose_chart_is_well_formed_xml_within_its_box(given_doses, cap) -> None:
    chart = DoseChart(
        "k", "t", [Dose(START + timedelta(day), units) for day, units in sorted(given_doses)], cap
    )
    root = drawn(dose_chart(chart))
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= WIDTH
        assert 0 <= float(text.get("y")) <= charts.DOSE_HEIGHT


def test_a_usual_dose_is_labelled_inside_its_bar_and_the_cap_line_named() -> None:
    chart = course(155, 175, 195)
    assert all(bar.inside for bar in charts.dose_bars(chart))
    root = drawn(dose_chart(chart))
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert said[:3] == ["155", "175", "195"]
    assert {"Cap 400 U", "84 d", "06-Jan-25", "Due 15-Sep-25"} <= set(said)
    assert {"chart-cap", "chart-due-next", "chart-bar"} <= classes(root)
    assert all(name.startswith("chart") for name in classes(root))


def test_a_chart_says_in_words_what_it_shows() -> None:
    root = drawn(dose_chart(course(155, 175)))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert description.text == (
        "Given: 155 U on 06-Jan-2025, 175 U on 31-Mar-2025. The cap is 400 U. The next is due on 23-Jun-2025."
    )


def test_texts_are_escaped() -> None:
    markup = dose_chart(course(155, title='<b onload="x">&'))
    assert "<b" not in markup
    assert drawn(markup).find(f"{SVG}title").text == '<b onload="x">&'
    assert drawn(week_chart.week_chart("w", "a < b", [Week(START, 1, 1)])).find(f"{SVG}title").text == "a < b"


def test_what_starts_no_cycle_is_outlined_with_a_readable_label() -> None:
    chart = DoseChart("k", "t", [Dose(START, 155, counts=False)], 400)
    assert {"chart-outline", "chart-value"} <= classes(drawn(dose_chart(chart)))


def test_what_was_given_elsewhere_is_a_diamond_whatever_its_units() -> None:
    """500 U of another product make no bar and no scale; its interval to a bar is no interval of the course."""
    elsewhere = [
        Dose(START + timedelta(30), 500, counts=False, elsewhere=True),
        Dose(START + timedelta(60), None, counts=False, elsewhere=True, is_approximate=True),
    ]
    usual = course(155, 175)
    chart = DoseChart("k", "t", sorted([*usual.doses, *elsewhere], key=lambda dose: dose.given_on), usual.cap)
    root = drawn(dose_chart(chart))
    shapes = [each for each in root.iter(f"{SVG}polygon") if each.get("class") == "chart-elsewhere"]
    assert len(shapes) == 2
    assert len(list(root.iter(f"{SVG}rect"))) == 2
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert {"155", "500", "?", "175", "84 d", "by 07-Mar-25"} <= set(said)
    assert sum(text.endswith(" d") for text in said) == 1
    assert root.find(f"{SVG}desc").text.startswith(
        "Given: 155 U on 06-Jan-2025, 500 U elsewhere on 05-Feb-2025, "
        "an unknown dose elsewhere by 07-Mar-2025, 175 U on 31-Mar-2025."
    )


def test_dates_that_would_touch_stand_in_two_rows() -> None:
    root = drawn(dose_chart(course(155, 155, 155, 155, 155, 155, 155, 155, 155, days=14)))
    dates = [text for text in root.iter(f"{SVG}text") if "chart-date" in text.get("class")]
    assert len({text.get("y") for text in dates}) == 2


def test_nothing_given_draws_nothing() -> None:
    assert dose_chart(DoseChart("k", "t", [])) == ""
    assert week_chart.week_chart("w", "t", []) == ""


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=26))
def test_weeks_stack_hatched_on_solid_to_one_scale(counts) -> None:
    weeks = [Week(START + timedelta(7 * n), *each, room=30) for n, each in enumerate(counts)]
    root = drawn(week_chart.week_chart("w", "Weeks", weeks))
    solid = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "chart-bar"]
    hatched = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "chart-hatched"]
    assert len(solid) == sum(booked > 0 for booked, _ in counts)
    assert len(hatched) == sum(unbooked > 0 for _, unbooked in counts)
    assert all(rect.get("fill") == "url(#chart-w-hatch)" for rect in hatched)
    most = max([booked + unbooked for booked, unbooked in counts] + [30])
    for rect in solid + hatched:
        assert 0 < float(rect.get("height")) <= (week_chart.WEEK_BASE - week_chart.WEEK_TOP) + 0.1
    total = sum(float(rect.get("height")) for rect in solid + hatched)
    expected = (week_chart.WEEK_BASE - week_chart.WEEK_TOP) * sum(map(sum, counts)) / most
    assert abs(total - expected) < 0.1 * len(solid + hatched) + 0.1


def test_weeks_name_their_months_and_say_their_sums() -> None:
    weeks = [Week(date(2026, 11, 23) + timedelta(7 * n), 2, 1, 20) for n in range(4)]
    root = drawn(week_chart.week_chart("w", "Weeks", weeks))
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert {"23", "30", "7", "14", "Nov", "Dec"} <= set(said)
    assert root.find(f"{SVG}desc").text == "4 weeks from 23-Nov-2026: 8 booked, 4 due and not booked."
