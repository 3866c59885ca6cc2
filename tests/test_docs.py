"""Documentation is true of the code: files it names are there, rules and rooms it lists are those the code has."""

import re
import tomllib
from datetime import date
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


# --- the changelog ----------------------------------------------------------------------------------------

HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
RELEASE = re.compile(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def flaws_of_changelog(text: str) -> list[str]:
    """What is not of its form: the unreleased first, then each release with its day, the newest before the others."""
    first, *releases = HEADING.findall(text) or [""]
    found = [] if first == "[Unreleased]" else [f"it begins with {first!r}"]
    found += [f"{heading!r} has no day" for heading in releases if not RELEASE.fullmatch(heading)]
    days = [date.fromisoformat(match[2]) for match in map(RELEASE.fullmatch, releases) if match]
    found += (
        [] if days == sorted(set(days), reverse=True) else ["releases are not in order, the newest first"]
    )
    kinds = re.findall(r"^### (.*)$", text, re.MULTILINE)
    return found + [f"{kind!r} is no kind of change" for kind in kinds if kind not in KINDS]


def test_the_changelog_has_its_form_and_the_version_is_its_newest_release() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert flaws_of_changelog(text) == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert RELEASE.findall(text)[0][0] == project["version"]


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("## [0.1.0] - 2026-11-28\n", "it begins with '[0.1.0] - 2026-11-28'"),
        ("## [Unreleased]\n## 0.1.0\n", "'0.1.0' has no day"),
        (
            "## [Unreleased]\n## [0.1.0] - 2026-11-28\n## [0.2.0] - 2026-11-30\n",
            "releases are not in order, the newest first",
        ),
        ("## [Unreleased]\n### Novelties\n", "'Novelties' is no kind of change"),
    ],
)
def test_a_changelog_out_of_form_is_found(text: str, flaw: str) -> None:
    assert flaws_of_changelog(text) == [flaw]
