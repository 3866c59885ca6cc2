"""day84, the product's own command: all of flask's commands from any folder, plain errors, statuses to rely on."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from flask.cli import FlaskGroup, ScriptInfo

import day84
from clinic_scheduler.cli import COMMANDS
from clinic_scheduler.cli.context import OWN_COMMAND, spelled
from clinic_scheduler.domain.shown_name import SHOWN_NAME

ROOT = Path(__file__).parents[3]
Ran = subprocess.CompletedProcess[str]


def called(folder: Path, *arguments: str, start: tuple[str, ...] = (), **settings: str) -> Ran:
    """A process of its own, started in a folder that is not the checkout's."""
    command = [*(start or (sys.executable, str(ROOT / "day84.py"))), *arguments]
    environ = os.environ | {"DATA_DIR": str(folder / "data")} | settings
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=600)


def test_help_names_the_product_and_every_command(tmp_path: Path) -> None:
    ran = called(tmp_path, "--help")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"Usage: {OWN_COMMAND} ")
    assert SHOWN_NAME in ran.stdout
    listed = {line.split()[0] for line in ran.stdout.partition("Commands:")[2].splitlines() if line.strip()}
    assert {"db", *(command.name for command in COMMANDS if not command.hidden)} <= listed
    assert "--app" not in ran.stdout


def test_it_offers_what_flask_offers(shared_sqlite) -> None:
    found = ScriptInfo(create_app=lambda: shared_sqlite.app)
    offered = [
        set(group.list_commands(click.Context(group, obj=found))) for group in (day84.commands, FlaskGroup())
    ]
    assert offered[0] == offered[1]


def test_a_command_works_with_the_settings_of_the_environment(tmp_path: Path, database_url: str) -> None:
    ran = called(tmp_path, "due", "--format", "json", DATABASE_URL=database_url)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == []


def test_a_setting_that_cannot_be_right_is_one_line_and_status_1(tmp_path: Path) -> None:
    for arguments in (("due",), ("--help",)):
        ran = called(tmp_path, *arguments, PROXY_HOPS="many")
        assert ran.returncode == 1
        assert ran.stderr.startswith("Error: PROXY_HOPS must be a whole number from 0 to 10, not 'many'.")
        assert len(ran.stderr.splitlines()) == 1


def test_a_command_that_fails_says_what_to_do_by_the_name_it_was_called_by(tmp_path: Path) -> None:
    ran = called(tmp_path, "due")
    assert ran.returncode == 1
    assert ran.stderr.endswith("Nothing was changed. Run: day84 db upgrade\n")


def test_a_command_there_is_not_is_status_2(tmp_path: Path) -> None:
    ran = called(tmp_path, "do")
    assert ran.returncode == 2
    assert "No such command 'do'" in ran.stderr


@pytest.mark.parametrize(("name", "said"), [("day84", "day84 due"), ("flask", "flask --app wsgi due")])
def test_another_command_is_spelled_as_this_one_was(name: str, said: str) -> None:
    with click.Context(day84.commands, info_name=name):
        assert spelled("due") == said


def test_code_without_pages_and_migrations_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day84, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="pip install --editable"):
        day84.application()


def test_an_installed_checkout_has_it_under_its_name() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts == {OWN_COMMAND: f"{day84.__name__}:{day84.main.__name__}"}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is missing")
def test_make_install_puts_it_beside_flask(tmp_path: Path) -> None:
    folder = tmp_path / "a clinic's own"
    commands = folder / ".venv" / "bin"
    commands.mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    # A Python and a command that only tell what they were started with.
    (commands / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (commands / "python").chmod(0o755)
    (folder / "day84.py").touch()
    subprocess.run(["make", "--silent", ".venv/bin/day84"], cwd=folder, check=True, timeout=60)
    ran = called(tmp_path, "due", "two words", start=(str(commands / "day84"),))
    assert ran.stdout.splitlines() == [str(folder / "day84.py"), "due", "two words"]
