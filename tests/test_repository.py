"""What is true of the checkout as a whole: its files, locks, assets, README, Makefile, closed network."""

import re
import socket
import subprocess
from pathlib import Path

import pytest

from clinic_scheduler.domain.shown_name import SHOWN_NAME
from config import SETTINGS

ROOT = Path(__file__).parent.parent
# Written in pieces, so that this file does not find itself.
ELSEWHERE = {
    "a path of one machine": re.compile(r"(?<![\w.])/" + r"(?:work|root)/"),
    "a registry's host": re.compile(
        r"pypi\." + r"org|python" + r"hosted\.org|registry\." + r"npmjs|crates\." + r"io"
    ),
}
ASSET_TYPES = {".css", ".js", ".svg", ".png", ".ico", ".webmanifest"}
# What other people's assets look like: built files, kept licence banners, well-known names.
FOREIGN_NAME = re.compile(r"\.min\.|\.bundle\.|bootstrap|jquery|htmx|alpine|fontawesome", re.IGNORECASE)
FOREIGN_TEXT = re.compile(r"/\*!|@license|sourceMappingURL", re.IGNORECASE)
# A page that fetches from another host tells that host who its patients are.
OUTSIDE_ASSET = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
    re.IGNORECASE,
)
# What the product was called before. The changelog alone may say so; nothing that must last ever had the name in it.
FORMER_NAME = re.compile("cad" + "ence", re.IGNORECASE)
MAY_SAY_FORMER_NAME = {"CHANGELOG.md"}
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+\.png)\)")
LOCKS = ["requirements.txt", "requirements-twilio.txt", "requirements-dev.txt"]


def git_files() -> list[Path]:
    """Files that are tracked, or would be if added now."""
    # A clone that belongs to another user is read all the same: nothing here runs its hooks.
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    """The file's text; empty for a picture or another binary file."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def places_elsewhere(text: str) -> set[str]:
    return {what for what, pattern in ELSEWHERE.items() if pattern.search(text)}


def unlocked(lock: str) -> list[str]:
    """Requirements of a lock that lack an exact version or a hash."""
    logical_lines = re.sub(r"\\\n", " ", lock).splitlines()
    requirements = [line for line in logical_lines if line.strip() and not line.lstrip().startswith("#")]
    return [
        line for line in requirements if not re.match(r"[\w.\-\[\]]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]


def settings_table(readme: str) -> list[tuple[str, str, str]]:
    """(name, default, meaning) of each row `| `NAME` | default | meaning |`, without its back-ticks."""
    rows = re.findall(r"^\| `([A-Z][A-Z_]+)` \|(.*?)\|(.*?)\|$", readme, re.MULTILINE)
    return [(name, plain(default), plain(meaning)) for name, default, meaning in rows]


def plain(cell: str) -> str:
    return cell.replace("`", "").strip()


def test_no_file_speaks_of_a_place_elsewhere():
    found = {str(file.relative_to(ROOT)): places_elsewhere(text_of(file)) for file in git_files()}
    assert {name: places for name, places in found.items() if places} == {}


def test_a_place_elsewhere_is_found():
    assert places_elsewhere("cd /" + "work/main") == {"a path of one machine"}
    assert places_elsewhere("https://py" + "pi.org/simple") == {"a registry's host"}
    assert places_elsewhere("see frame" + "work/ and network/root") == set()


def test_every_static_asset_is_our_own():
    assets = [file for file in git_files() if "static" in file.relative_to(ROOT).parts]
    for asset in assets:
        assert asset.suffix in ASSET_TYPES, f"{asset} is of no kind that belongs here"
        assert not FOREIGN_NAME.search(asset.name), f"{asset} comes from an installed package, not from here"
        assert not FOREIGN_TEXT.search(text_of(asset)), f"{asset} looks like somebody else's"


def test_no_page_fetches_from_another_host():
    pages = [file for file in git_files() if file.suffix in {".html", ".css", ".svg", ".js"}]
    assert [page for page in pages if OUTSIDE_ASSET.search(text_of(page))] == []


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ('<script defer src="https://cdn.example.org/x.js"></script>', True),
        ("<link rel=stylesheet href=//cdn.example.org/x.css>", True),
        ("body { background: url(http://example.org/x.png) }", True),
        ('<script src="/static/app.js"></script> <a href="https://example.org/">', False),
        ('<svg xmlns="http://www.w3.org/2000/svg">', False),
    ],
)
def test_an_asset_from_outside_is_found(text, outside):
    assert bool(OUTSIDE_ASSET.search(text)) == outside


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_every_package_with_hashes(name):
    lock = (ROOT / name).read_text("utf-8")
    assert "==" in lock
    assert unlocked(lock) == []


def test_an_unlocked_requirement_is_found():
    hashed = "flask==3.1.3 \\\n    --hash=sha256:" + "0" * 64
    assert unlocked(f"{hashed}\n    # via -r requirements.in\n") == []
    assert unlocked(f"{hashed}\nclick==8.5.1\nattrs>=26\n") == ["click==8.5.1", "attrs>=26"]


def test_readme_lists_every_setting_as_it_is():
    listed = settings_table((ROOT / "README.md").read_text("utf-8"))
    assert listed == [(each.name, plain(each.default), plain(each.meaning)) for each in SETTINGS]


def test_a_settings_table_is_read_row_by_row():
    readme = (
        "| Setting | Default | Meaning |\n|---|---|---|\n| `DATA_DIR` | `instance` | folder for files |\n"
    )
    assert settings_table(readme) == [("DATA_DIR", "instance", "folder for files")]


def test_the_former_name_is_nowhere_but_in_the_changelog():
    names = {file.relative_to(ROOT).as_posix(): file for file in git_files()}
    saying = {name for name, file in names.items() if FORMER_NAME.search(f"{name} {text_of(file)}")}
    assert saying == MAY_SAY_FORMER_NAME


def test_a_former_name_is_found():
    assert FORMER_NAME.search("alias cad" + "ence=flask")
    assert not FORMER_NAME.search("due at day 84")


def test_pages_mails_and_commands_take_the_name_from_its_constant():
    writing = [file.relative_to(ROOT).as_posix() for file in git_files() if SHOWN_NAME in text_of(file)]
    code = [name for name in writing if name.startswith(("clinic_scheduler/", "templates/"))]
    assert code == ["clinic_scheduler/domain/shown_name.py"]


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    assert set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)) == targets


def test_tests_cannot_reach_another_machine(network_attempts):
    with pytest.raises(RuntimeError, match=r"198\.51\.100\.7"):
        socket.create_connection(("198.51.100.7", 25), timeout=1)
    with pytest.raises(RuntimeError, match=r"mail\.example\.org"):
        socket.getaddrinfo("mail.example.org", 25)
    with (
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
        pytest.raises(RuntimeError, match=r"192\.0\.2\.1"),
    ):
        datagrams.sendto(b"?", ("192.0.2.1", 53))
    assert len(network_attempts) == 3
    network_attempts.clear()


def test_tests_can_reach_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_every_picture_that_is_kept_is_shown_and_every_one_shown_is_there() -> None:
    pages = [file for file in git_files() if file.suffix == ".md"]
    shown = {(page.parent / path).resolve() for page in pages for path in PICTURE.findall(text_of(page))}
    assert shown == set((ROOT / "docs" / "screenshots").glob("*.png"))
