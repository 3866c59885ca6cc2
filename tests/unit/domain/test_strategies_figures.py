"""The strategies reach every figure: whichever is one off, some answer differs. Every pair is drawn, too."""

import random
from collections import Counter
from typing import Any, NamedTuple

import pytest
from reference_figures import INDICATIONS, LABELS, PRODUCTS
from reference_reading import reference_forecast
from strategies import random_case
from strategy_pools import ALL_PAIRS, days_of

pytestmark = pytest.mark.thorough

Json = dict[str, Any]
CASES = 3000


class Figure(NamedTuple):
    table: str
    row: str | tuple[str, str]
    column: str

    def is_for(self, pair: tuple[str, str]) -> bool:
        return self.row == pair or self.row in pair


# Being licensed blocks nothing. What is typical is compared with the records, and decides units of a new course alone.
UNASKED = ("licensed", "typical")
TABLES: dict[str, Json] = {"product": PRODUCTS, "indication": INDICATIONS, "label": LABELS}
FIGURES = [
    Figure(table, row, column)
    for table, rows in TABLES.items()
    for row, record in rows.items()
    for column, figure in record.items()
    if figure is not None and column not in UNASKED
]


def one_off(column: str, figure: Any) -> Any:
    """A cap a little lower, an age or an interval a little longer."""
    if isinstance(figure, str):
        return f"P{max(days_of(figure)) + 1}D"
    return figure + 1 if column == "minimum_age" else figure - 1


def pairs_of(case: Json) -> list[tuple[str, str]]:
    return [(course["product"], course["indication"]) for course in case["courses"]]


def test_each_figure_is_sometimes_the_one_that_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = set(FIGURES)
    rng = random.Random(20261122)
    for _ in range(CASES):
        case = random_case(rng)
        answer = reference_forecast(case)
        pairs = pairs_of(case)
        for each in [each for each in missing if any(each.is_for(pair) for pair in pairs)]:
            record = TABLES[each.table][each.row]
            with monkeypatch.context() as patch:
                patch.setitem(record, each.column, one_off(each.column, record[each.column]))
                if reference_forecast(case) != answer:
                    missing.remove(each)
        if not missing:
            break
    assert missing == set()


def test_every_pair_is_drawn_often() -> None:
    rng = random.Random(20261122)
    drawn = Counter(pair for _ in range(3000) for pair in pairs_of(random_case(rng)))
    assert set(drawn) == set(ALL_PAIRS)
    assert min(drawn.values()) >= 20, drawn
