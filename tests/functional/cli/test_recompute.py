"""flask recompute: silent where all is right, status 1 where not, and --write sets it right."""

from datetime import date

from sqlalchemy import delete, update

from clinic_scheduler.models import Course, DueCountChange
from clinic_scheduler.queries.due.rows import tab_counts
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


def test_numbers_of_the_due_list_that_are_not_those_of_its_courses_are_mended(seen: Seen) -> None:
    seen.change(lambda s: s.execute(delete(DueCountChange)).close())
    reported = run(seen.app, "recompute")
    assert reported.exit_code == 1
    assert (
        f"due list: due from 2026-11-23 on of provider {seen.cast.provider_id} is kept as 1 course too few"
        in (reported.stdout)
    )
    written = run(seen.app, "recompute", "--write")
    assert (written.exit_code, written.stdout.splitlines()[-1]) == (0, "Set right.")
    assert run(seen.app, "recompute").stdout == "0 differences\n"
    counts = seen.change(lambda s: tab_counts(s, seen.cast.clinic_id, date(2026, 11, 23), None))
    assert (counts["to_book"], counts["due"], counts["all"]) == (1, 1, 1)


def test_a_course_that_is_counted_otherwise_than_it_stands_is_told_and_mended(seen: Seen) -> None:
    seen.change(lambda s: s.execute(update(Course).values(counted=None)).close())
    told = f"course {seen.course_id}: is counted on the due list otherwise than it stands"
    assert told in run(seen.app, "recompute").stdout
    assert run(seen.app, "recompute", "--write").exit_code == 0
    assert run(seen.app, "recompute").stdout == "0 differences\n"
