"""The count that `make chaos` ends with finds what is lost, doubled, falsely called sent, or left lying."""

import importlib
import pkgutil
from collections import Counter

import pytest

from tests.chaos import scenarios
from tests.chaos.figures import Figures, figures_of

SENT, PENDING, EXPIRED = "sent", "pending", "expired"


def figures(
    state: str, taken: int, *, maybe: bool = False, doubt: bool = False, expected: int = 1
) -> Figures:
    return figures_of(
        [(1, "<a>", state, maybe)], {1} if doubt else set(), Counter({"<a>": taken}), expected, 0
    )


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (figures(SENT, 1), ()),
        (figures(SENT, 2), ("doubled",)),
        (figures(SENT, 2, doubt=True), ()),
        (figures(SENT, 2, maybe=True), ()),
        (figures(SENT, 0), ("lost",)),
        (figures(SENT, 0, doubt=True), ("lost",)),
        (figures(EXPIRED, 0), ("lost",)),
        (figures("uncertain", 0), ()),
        (figures("suppressed", 0), ()),
        (figures("suppressed", 2), ("doubled",)),
        (figures(PENDING, 0), ("stuck",)),
        (figures(SENT, 1, expected=2), ("lost",)),
    ],
)
def test_what_was_told_is_held_against_what_is_on_record(found: Figures, wrong: tuple[str, ...]) -> None:
    assert tuple(name for name in ("lost", "doubled", "stuck") if getattr(found, name)) == wrong
    assert found.right is not bool(wrong)


def test_what_else_did_not_hold_is_a_breach_too() -> None:
    assert not figures(SENT, 1).noted("", wrong="memory grows").right


def test_every_scenario_says_what_it_is_about() -> None:
    for each in pkgutil.iter_modules(scenarios.__path__):
        scenario = importlib.import_module(f"{scenarios.__name__}.{each.name}")
        assert scenario.NAME
        assert set(scenario.DATABASES) <= {"sqlite", "postgresql"}
        assert callable(scenario.run)
