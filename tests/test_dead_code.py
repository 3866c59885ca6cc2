"""Nothing lives for its tests alone: what a module of the product defines, the product names somewhere."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.test_architecture import HOUSE

ROOT = Path(__file__).parent.parent
AROUND = ("migrations/**/*.py", "benchmarks/*.py", "docs/*.py", "*.py")
PAGES = ("templates/**/*.html", "templates/**/*.txt", "clinic_scheduler/**/*.html")
WORD = re.compile(r"[A-Za-z_]\w*")
# Decorators that only wrap; any other one registers what it decorates, which is a use.
PLAIN = {"dataclass", "lru_cache", "cache", "contextmanager", "overload", "wraps", "runtime_checkable"}
# name -> the reason why the product itself does not name it. Few, and each with its reason.
NAMED_ELSEWHERE = {
    "send_next": "one message alone, so that processes of the outbox's tests begin warm",
}


def defined(tree: ast.Module) -> Iterator[str]:
    """Names of a module that are functions, classes or constants of its own, and not registered by a decorator."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if all(set(WORD.findall(ast.unparse(each))) & PLAIN for each in node.decorator_list):
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))


def used(tree: ast.Module) -> Iterator[str]:
    """Names that are read, imported from or asked of something; words in strings, as a decorator may hold."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def unused(modules: Iterable[ast.Module], users: Iterable[ast.Module], pages: Iterable[str]) -> set[str]:
    names = {name for tree in modules for name in defined(tree) if not name.startswith("__")}
    uses = Counter(name for tree in users for name in used(tree))
    uses.update(word for page in pages for word in WORD.findall(page))
    return {name for name in names if not uses[name]}


def trees(*places: str) -> list[ast.Module]:
    files = {file for place in places for file in ROOT.glob(place)}
    return [ast.parse(file.read_text("utf-8")) for file in sorted(files)]


def test_what_the_product_defines_it_uses() -> None:
    pages = [file.read_text("utf-8") for place in PAGES for file in ROOT.glob(place)]
    house = [source.tree for source in HOUSE]
    assert unused(house, [*house, *trees(*AROUND)], pages) == set(NAMED_ELSEWHERE)


def test_what_is_defined_and_never_used_is_found() -> None:
    module = ast.parse("A = 1\ndef used(): return A\ndef left(): pass\n@click.command()\ndef shown(): pass\n")
    user = ast.parse("from module import used, left\nused()")
    assert unused([module], [module, user], []) == {"left"}
    assert unused([module], [module, user], ["{{ left() }}"]) == set()
