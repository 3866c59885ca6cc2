"""flask rule-changes: a line a change with the MRN and no name; recompute --write adopts new rules."""

from datetime import date

from sqlalchemy import update

from clinic_scheduler.models import Clinic, Course
from tests import factories
from tests.functional.cli.logs import run
from tests.functional.cli.seen import Seen

FORMER = date(2026, 11, 2)
LINE = (
    "A-100  chronic_migraine  onabotulinumtoxinA"
    "  earliest_date was 2026-11-02, is 2026-11-23: 12 weeks (84 days) after 31-Aug-2026\n"
)


def behind(seen: Seen) -> None:
    former = update(Course).values(earliest_date=FORMER, blocks="cap_exceeded", rules_edition=1)
    for statement in (former, update(Clinic).values(rules_edition=1)):
        seen.change(lambda s, each=statement: s.execute(each).close())


def test_nothing_changed_is_said(seen: Seen) -> None:
    assert run(seen.app, "rule-changes").stdout == "0 changes\n"


def test_recompute_alone_writes_nothing_and_with_write_it_adopts(seen: Seen) -> None:
    behind(seen)
    assert run(seen.app, "recompute").exit_code == 1
    assert run(seen.app, "rule-changes").stdout == "0 changes\n"
    written = run(seen.app, "recompute", "--write")
    assert written.exit_code == 0
    assert written.stdout.splitlines()[0].endswith("What changed: flask --app wsgi rule-changes")
    assert written.stdout.splitlines()[1] == "0 differences"
    told = run(seen.app, "rule-changes")
    blocks = "A-100  chronic_migraine  onabotulinumtoxinA  blocks was cap_exceeded, is none\n"
    assert told.stdout == f"{LINE}{blocks}2 changes\n"
    assert "Okonkwo" not in told.output


def test_one_clinic_by_its_name(seen: Seen) -> None:
    behind(seen)
    run(seen.app, "recompute", "--write")
    seen.change(lambda s: factories.cast(s, seen.now, clinic="Elsewhere", prefix="E"))
    assert run(seen.app, "rule-changes", "--clinic", "Elsewhere").stdout == "0 changes\n"
    assert LINE in run(seen.app, "rule-changes", "--clinic", "Harbor Neurology").stdout
    failed = run(seen.app, "rule-changes", "--clinic", "Nowhere")
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
