"""flask recompute: silent where all is right, status 1 where not, and --write sets it right."""

from datetime import date

from sqlalchemy import update

from clinic_scheduler.models import Course
from tests.functional.cli.logs import run
from tests.functional.cli.seen import Seen


def test_nothing_differs_after_ordinary_changes(seen: Seen) -> None:
    result = run(seen.app, "recompute")
    assert (result.exit_code, result.stdout) == (0, "0 differences\n")


def test_a_tampered_row_is_reported_without_names_and_written_right(seen: Seen) -> None:
    wrong = update(Course).values(due_date=date(2030, 1, 1))
    seen.change(lambda s: s.execute(wrong).close())
    told = f"course {seen.course_id}: due_date is 2030-01-01, should be 2026-11-23\n1 difference\n"
    for _ in range(2):
        reported = run(seen.app, "recompute")
        assert (reported.exit_code, reported.stdout) == (1, told)
    written = run(seen.app, "recompute", "--write")
    assert (written.exit_code, written.stdout) == (0, f"{told}Set right.\n")
    assert run(seen.app, "recompute").exit_code == 0
