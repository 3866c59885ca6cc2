"""Documentation is true of the code: files it names are there, rules and rooms it lists are those the code has."""

import re
from pathlib import Path

import pytest

from tests.rooms import ROOMS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "clinic_scheduler"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMED = re.compile(r"`([\w/.-]+/[\w.-]+\.(?:py|js|css|html|txt)|[\w-]+/)`")
RULE = re.compile(r"\bDD-\d+[a-c]?\b")
LISTED = re.compile(r"^\| (DD-\d+[a-c]?) \|.*\| `([\w/.]+)` \|$", re.MULTILINE)
# Made where the service runs.
NOT_OF_THE_CODE = {"done/", "failed/", "working/", "mappings/", "calendars/", "instance/"}


def is_there(name: str) -> bool:
    """From the root, the package, or the folder of tests."""
    return any((folder / name).exists() for folder in (ROOT, PACKAGE, ROOT / "tests"))


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(document: Path) -> None:
    named = set(NAMED.findall(document.read_text("utf-8"))) - NOT_OF_THE_CODE
    assert [name for name in sorted(named) if not is_there(name)] == []


def test_a_file_that_is_gone_is_noticed() -> None:
    assert NAMED.findall("See `domain/forecast/due_dates.py` and `domain/gone.py`.") == [
        "domain/forecast/due_dates.py",
        "domain/gone.py",
    ]
    assert is_there("domain/forecast/due_dates.py")
    assert not is_there("domain/gone.py")


def test_each_rule_the_code_goes_by_is_explained() -> None:
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    used = {rule for text in sources for rule in RULE.findall(text)}
    listed = LISTED.findall((ROOT / "docs" / "rules.md").read_text("utf-8"))
    assert used - {rule for rule, _ in listed} == set()
    assert len(listed) == len(dict(listed))


def test_each_rule_is_named_where_it_is_said_to_live() -> None:
    listed = LISTED.findall((ROOT / "docs" / "rules.md").read_text("utf-8"))
    elsewhere = [
        rule for rule, where in listed if rule not in RULE.findall((PACKAGE / where).read_text("utf-8"))
    ]
    assert elsewhere == []


def test_the_table_of_rooms_is_the_one_that_is_held() -> None:
    table = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            outside = set() if cells[3] == "none" else set(cells[3].split(", "))
            table[cells[0].strip("`")] = (set(re.findall(r"`([\w.]+)`", cells[2])), outside)
    held = {name: (set(room.inside.split()), set(room.outside.split())) for name, room in ROOMS.items()}
    assert table == held
