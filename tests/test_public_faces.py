"""Tests speak to the product through its public faces: what its modules keep to themselves may change any day."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import AROUND

ROOT = Path(__file__).parent.parent
PRODUCT = {"clinic_scheduler", "config", "day84", "wsgi"}
PRIVATE = re.compile(r"_[a-z]\w*", re.IGNORECASE)
# What a function keeps about itself: its defaults, what it wraps, what it closes over.
INNARDS = {"__defaults__", "__kwdefaults__", "__wrapped__", "__closure__", "__globals__", "__code__"}
# Named tuples' and rows' own public methods begin with a line, lest they clash with fields.
OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make", "_mapping"}
# file -> the reason why it reaches inside. Few, and each with its reason.
REACHES_INSIDE = {
    "tests/integration/outbox/rig.py": "puts a fault into a claim, which a storm must find",
    "tests/integration/safety/test_mutants.py": "puts faults into the guard, which the invariant must find",
    "tests/unit/calendars/test_trap_mutants.py": "puts each trap back into the renderer, which the looks must find",
}


def reaching_inside(tree: ast.Module) -> Iterator[str]:
    """A sentence for each private name of the product that is used: imported, read, or patched by its name."""
    ours = set(names_of_the_product(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and top(node.module) in PRODUCT:
            yield from (f"line {node.lineno}: {each.name}" for each in node.names if is_private(each.name))
        elif isinstance(node, ast.Attribute):
            if node.attr in INNARDS or (is_private(node.attr) and begins_with(node) in ours):
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call):
            yield from (f"line {node.lineno}: {name}" for name in patched(node) if is_private(name))


def names_of_the_product(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and top(node.module) in PRODUCT:
            yield from (each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.asname or top(each.name) for each in node.names if top(each.name) in PRODUCT)


def top(module: str | None) -> str:
    return (module or "").partition(".")[0]


def is_private(name: str) -> bool:
    return bool(PRIVATE.fullmatch(name)) and name not in OF_NAMED_TUPLES


def begins_with(node: ast.expr) -> str:
    """The name at the very left: `feed` of feed.made(1)._cached."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def patched(call: ast.Call) -> Iterator[str]:
    """What a test sets, deletes or asks for by a name in quotes: setattr(feed, "_cached", ...)."""
    asked = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if asked in {"setattr", "delattr", "getattr", "object", "patch"}:
        for value in call.args[:2]:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value.rpartition(".")[2]


def test_no_test_reaches_inside() -> None:
    found = [
        f"{path}, {breach}"
        for source in AROUND
        if (path := source.path).startswith("tests/") and path not in REACHES_INSIDE
        for breach in reaching_inside(source.tree)
    ]
    assert found == []


@pytest.mark.parametrize("path", REACHES_INSIDE)
def test_who_reaches_inside_still_does(path: str) -> None:
    assert list(reaching_inside(ast.parse((ROOT / path).read_text("utf-8"))))


@pytest.mark.parametrize(
    "text",
    [
        "from clinic_scheduler.jobs.plan import _later",
        "from clinic_scheduler.jobs import plan\nplan._later(1)",
        "from clinic_scheduler.jobs import plan as job\njob.made(1)._rows",
        "import clinic_scheduler.clock\nclinic_scheduler.clock._zone",
        "from clinic_scheduler.jobs import plan\nmonkeypatch.setattr(plan, '_later', None)",
        "monkeypatch.setattr('clinic_scheduler.jobs.plan._later', None)",
        "book.__defaults__",
        "book.__wrapped__(1)",
    ],
)
def test_a_way_inside_is_found(text: str) -> None:
    assert len(list(reaching_inside(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from clinic_scheduler.domain.forecast.values import Course\nheld = Course()._replace(stopped_on=None)",
        "from clinic_scheduler.jobs import plan\nplan.BATCH",
        "monkeypatch.setattr('clinic_scheduler.jobs.plan.BATCH', 2)",
        "from os import _exit",
        "self._rows",
    ],
)
def test_a_public_face_passes(text: str) -> None:
    assert list(reaching_inside(ast.parse(text))) == []
