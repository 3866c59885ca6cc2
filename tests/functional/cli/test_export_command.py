"""flask export-calendars: the worker's hourly export, now; what could not be written is said."""

from sqlalchemy import select, update

from clinic_scheduler.models import Clinic, JobRun
from tests.functional.cli.logs import contents, run
from tests.functional.cli.seen import Seen


def test_files_are_written_once_and_the_run_is_on_record(seen: Seen) -> None:
    assert run(seen.app, "export-calendars").stdout.endswith("calendars: written=3\n")
    assert run(seen.app, "export-calendars").stdout.endswith("calendars: same=3\n")
    assert "same=3" in [row[0] for row in contents(seen.app, select(JobRun.outcome))]


def test_a_calendar_that_could_not_be_written_fails_the_command(seen: Seen) -> None:
    seen.change(lambda s: s.execute(update(Clinic).values(zone="Nowhere/Land")))
    result = run(seen.app, "export-calendars")
    assert result.exit_code == 1
    assert "failed=" in result.stdout
    assert "Former files are still there" in result.stderr
