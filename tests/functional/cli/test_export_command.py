"""flask export-calendars: the worker's hourly export, now, or into a folder named; what failed is said."""

from pathlib import Path

import pytest
from sqlalchemy import select

from clinic_scheduler.models import JobRun
from tests.functional.cli.logs import contents, run
from tests.functional.cli.seen import Seen


def export_dir(seen: Seen) -> Path:
    folder: Path = seen.app.extensions["clinic"].settings.export_dir
    return folder


def test_files_are_written_once_and_the_run_is_on_record(seen: Seen) -> None:
    assert run(seen.app, "export-calendars").stdout.endswith("calendars: written=3\n")
    assert run(seen.app, "export-calendars").stdout.endswith("calendars: same=3\n")
    assert "same=3" in [row[0] for row in contents(seen.app, select(JobRun.outcome))]


def test_a_calendar_that_could_not_be_written_fails_the_command(seen: Seen) -> None:
    (export_dir(seen) / "clinic-1.ics").mkdir(parents=True)  # where a file should go
    result = run(seen.app, "export-calendars")
    assert result.exit_code == 1
    assert "failed=" in result.stdout
    assert "Former files are still there" in result.stderr


def test_a_folder_named_is_made_and_goes_before_export_dir(seen: Seen, tmp_path: Path) -> None:
    folder = tmp_path / "asked" / "for once"
    assert run(seen.app, "export-calendars", folder).stdout == f"{folder}: written=3\n"
    assert len(list(folder.iterdir())) == 3
    assert not export_dir(seen).exists()
    # The page of the settings goes on notification of the worker's folder.
    assert contents(seen.app, select(JobRun.outcome)) == []
    assert run(seen.app, "export-calendars").stdout == f"{export_dir(seen)}: written=3\n"
    assert sorted(file.name for file in export_dir(seen).iterdir()) == sorted(
        file.name for file in folder.iterdir()
    )


def test_a_folder_is_taken_from_where_the_command_is_called(
    seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(seen.app, "export-calendars", "here").stdout == f"{tmp_path / 'here'}: written=3\n"


def test_a_folder_that_cannot_be_one_is_refused_before_anything_is_done(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        result = run(seen.app, "export-calendars", folder)
        assert result.exit_code == 1
        assert f"{folder} can't be used as a folder" in result.stderr
        assert result.stderr.endswith("Nothing was written. Mend it, or name another by DIR.\n")
    export_dir(seen).parent.mkdir(exist_ok=True)
    export_dir(seen).write_text("a file")
    result = run(seen.app, "export-calendars")
    assert result.exit_code == 1
    assert result.stderr.endswith("Nothing was written. Mend it, or name another by EXPORT_DIR.\n")
    assert contents(seen.app, select(JobRun.outcome)) == []


def test_a_folder_without_a_name_is_no_folder(seen: Seen) -> None:
    result = run(seen.app, "export-calendars", "")
    assert result.exit_code == 2
    assert "leave it out to write into EXPORT_DIR" in result.stderr
