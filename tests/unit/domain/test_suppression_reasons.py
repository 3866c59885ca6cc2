"""Every reason that a service keeps for not telling somebody has a sentence for staff."""

import ast
from collections.abc import Iterator
from pathlib import Path

from clinic_scheduler.domain.messaging.stored_reason import StoredReason
from clinic_scheduler.domain.messaging.suppression_reasons import REASONS, sentence

PACKAGE = Path(__file__).parents[3] / "clinic_scheduler"
# What is given a reason, and where among its arguments that stands.
GIVEN = {
    "Stop": 0,
    "replan": 3,
    "settle": 3,
    "bring_in_line": 3,
    "replan_all": 3,
    "replan_known": 3,
    "_suppress": 1,
    "close": 3,
    "_mark": 3,
}
# Of these, every text they return is a reason.
ANSWERS = {"silence", "silenced", "switched_off", "_overtaken", "_unreachable"}
# What _follow_up and its like are given ends in a plan made anew, so that it is kept as a reason too.
FOLLOWED_UP = {"_follow_up": 4, "_settle": 4}


def texts(node: ast.AST) -> Iterator[str]:
    """A text, or both of a choice between two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def kept_reasons(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = {**GIVEN, **FOLLOWED_UP}.get(name)
            if place is not None and len(node.args) > place:
                yield from texts(node.args[place])
        elif isinstance(node, ast.FunctionDef) and node.name in ANSWERS:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from texts(inner.value)


def test_every_reason_that_is_kept_has_a_sentence() -> None:
    found = {
        reason
        for file in (*(PACKAGE / "services").rglob("*.py"), *(PACKAGE / "domain" / "messaging").glob("*.py"))
        for reason in kept_reasons(ast.parse(file.read_text("utf-8")))
        if " " not in reason
    }
    assert {"expired", "no_address", "deceased", "treated", "already_told"} <= found
    assert sorted(found - set(REASONS)) == []


def test_a_sentence_is_made_of_whatever_was_kept() -> None:
    assert all(said.endswith(".") for said in REASONS.values())
    assert sentence("moved") == "The visit was moved."
    doubted = StoredReason.read("perhaps sent; then expired")
    assert (doubted.said, doubted.in_doubt, str(doubted)) == ("expired", True, "perhaps sent; then expired")
    assert doubted.sentence.startswith("It may have been sent. After that: Its time")
    assert StoredReason.read("moved") == StoredReason("moved")
    assert StoredReason("moved").sentence == "The visit was moved."
    assert sentence("The mail server didn't answer in time.") == "The mail server didn't answer in time."
    assert sentence("some_new_code") == "Some new code."
