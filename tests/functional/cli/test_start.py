"""Starting: web and worker processes refuse tables of another version, and say the command that mends it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

ROOT = Path(__file__).parents[3]
NEWER = "9999"


def ran(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = (
        os.environ | {"DATA_DIR": str(folder / "data"), "SECRET_KEY": "k", "BACKUP_KEY": "b" * 32} | settings
    )
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def revised(database_url: str, revision: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()


def serve(folder: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    """As a web server loads the application."""
    return ran(folder, "-c", "import wsgi", DATABASE_URL=database_url)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("revision", "mends"),
    [
        ("0001", "day84 db upgrade"),
        (NEWER, "Start the newer version; or, with that one, run: day84 db downgrade"),
    ],
)
def test_tables_of_another_version_start_nothing_and_can_be_mended(
    sqlite_url: str, tmp_path: Path, revision: str, mends: str
) -> None:
    revised(sqlite_url, revision)
    for done in (
        serve(tmp_path, sqlite_url),
        ran(tmp_path, "day84.py", "worker", DATABASE_URL=sqlite_url),
        ran(tmp_path, "day84.py", "worker", "--once", DATABASE_URL=sqlite_url),
    ):
        assert done.returncode == 1
        assert mends in done.stderr
        assert "Nothing was started or lost." in done.stderr


@pytest.mark.thorough
def test_commands_that_mend_are_not_kept_from_it(empty_sqlite_url: str, tmp_path: Path) -> None:
    """No tables at all: web and worker refuse, the upgrade runs, and a backup of an older version can be made."""
    assert "no tables yet" in serve(tmp_path, empty_sqlite_url).stderr
    upgraded = ran(tmp_path, "day84.py", "db", "upgrade", "0012", DATABASE_URL=empty_sqlite_url)
    assert upgraded.returncode == 0, upgraded.stderr
    kept = ran(tmp_path, "day84.py", "backup", str(tmp_path / "a.backup"), DATABASE_URL=empty_sqlite_url)
    assert kept.returncode == 0, kept.stderr
    assert serve(tmp_path, empty_sqlite_url).returncode == 1
    other = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    restored = ran(tmp_path, "day84.py", "restore", str(tmp_path / "a.backup"), DATABASE_URL=other)
    assert restored.returncode == 0, restored.stderr
    assert serve(tmp_path, other).returncode == 0
    assert ran(tmp_path, "day84.py", "worker", "--once", DATABASE_URL=other).returncode == 0


@pytest.mark.thorough
def test_a_database_that_cannot_be_reached_yet_does_not_keep_pages_from_saying_so(tmp_path: Path) -> None:
    done = serve(tmp_path, "postgresql://clinic@127.0.0.1:1/clinic")
    assert done.returncode == 0, done.stderr
    assert "the database cannot be asked yet" in done.stderr
    assert "127.0.0.1" not in done.stderr


def test_an_address_that_cannot_be_read_is_said_without_it(tmp_path: Path) -> None:
    done = ran(tmp_path, "day84.py", "due", DATABASE_URL="postgresql://u:pass-word@h/db?no_such_setting=1")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: DATABASE_URL must be like postgresql://")
    assert "pass-word" not in done.stderr
