"""The watched folder: whole files alone, each once, filed with its report; what needs a look is on the work list."""

import json
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.importing.columns.remembered import header_fingerprint
from clinic_scheduler.jobs import import_folder as job
from clinic_scheduler.jobs.context import Tools, tools_of
from clinic_scheduler.jobs.import_claims import LEFT_BEHIND, SETTLED
from clinic_scheduler.models import AuditEvent, Course, Patient, Treatment, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.mappings import remember
from tests import factories
from tests.conftest import FrozenClock

HEADER = "MRN,Last Name,First Name,DOB,Diagnosis,Product,DOS,Units,Lot,Provider\n"
ROW = "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,6/19/2026,155,C1,Dr Amara Reid\n"
LATER = "N-1,Lindqvist,Maja,1980-05-04,Chronic migraine,Botox,9/21/2026,155,C2,Dr Amara Reid\n"
BAD = "N-2,Santos,Bea,1971-02-03,Chronic migraine,Botox,9/22/2026,=1+1,C2,Dr Amara Reid\n"


@pytest.fixture
def cast(app: Flask, clock: FrozenClock) -> factories.Cast:
    with app.app_context(), unit_of_work() as session:
        return factories.cast(session, clock.now())


@pytest.fixture
def tools(app: Flask, cast: factories.Cast, tmp_path: Path) -> Tools:
    folder = tmp_path / "exports"
    folder.mkdir()
    return replace(tools_of(app), import_dir=folder)


def put(tools: Tools, content: str, name: str = "night.csv", *, ago: timedelta = SETTLED) -> Path:
    assert tools.import_dir is not None
    path = tools.import_dir / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    written = (tools.clock.now() - ago).timestamp()
    os.utime(path, (written, written))
    return path


def run(app: Flask, tools: Tools) -> dict[str, int]:
    with app.app_context():
        return dict(job.import_folder(tools))


def looked(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().scalars(statement))


def files(tools: Tools, place: str) -> list[str]:
    assert tools.import_dir is not None
    return sorted(path.name for path in (tools.import_dir / place).glob("*"))


def report(tools: Tools, place: str) -> dict[str, Any]:
    assert tools.import_dir is not None
    (path,) = (tools.import_dir / place).glob("*.report.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def treatments(app: Flask) -> int:
    count = select(func.count()).select_from(Treatment).join(Patient).where(Patient.mrn == "N-1")
    return looked(app, count)[0]


def test_a_whole_file_is_added_and_filed_with_its_report(app: Flask, tools: Tools) -> None:
    put(tools, HEADER + ROW + LATER)
    assert run(app, tools) == {"done": 1}
    assert treatments(app) == 2
    assert files(tools, "done") == ["20261123T170000Z-night.csv", "20261123T170000Z-night.csv.report.json"]
    assert report(tools, "done")["added"]["treatments"] == 2
    assert not report(tools, "done")["dry_run"]
    assert looked(app, select(WorkItem)) == []
    told = looked(app, select(AuditEvent).where(AuditEvent.action == "imported", AuditEvent.subject == "log"))
    assert [event.actor for event in told] == ["import folder"]
    (course,) = looked(app, select(Course).join(Patient).where(Patient.mrn == "N-1"))
    assert course.reminders_planned_at is None
    assert run(app, tools) == {}


def test_a_file_that_still_grows_and_one_that_is_not_whole_are_left(app: Flask, tools: Tools) -> None:
    growing = put(tools, HEADER + ROW, ago=SETTLED - timedelta(seconds=1))
    put(tools, HEADER, "night.csv.part")
    put(tools, HEADER, ".night.csv")
    put(tools, HEADER, "~$night.xlsx")
    assert run(app, tools) == {}
    assert growing.exists()
    assert treatments(app) == 0


def test_the_same_file_again_adds_nothing(app: Flask, tools: Tools) -> None:
    for _ in range(2):
        put(tools, HEADER + ROW)
        assert run(app, tools) == {"done": 1}
    assert treatments(app) == 1
    assert len(files(tools, "done")) == 4


def test_rows_that_were_left_out_are_on_the_work_list_once(app: Flask, tools: Tools) -> None:
    for _ in range(2):
        put(tools, HEADER + ROW + BAD)
        run(app, tools)
    (item,) = looked(app, select(WorkItem))
    assert (item.kind, item.note) == ("import_problems", "night.csv: 1 of 2 rows were left out")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("what,is,this\n1,2,3\n", "No header row was recognised"),
        ("\x89PNG\r\n\x1a\n" + "x" * 50, "is an image"),
    ],
)
def test_what_cannot_be_read_is_filed_as_failed_and_says_why(
    app: Flask, tools: Tools, content: str, said: str
) -> None:
    assert tools.import_dir is not None
    path = put(tools, "")
    path.write_bytes(content.encode("latin-1"))
    os.utime(path, (0, 0))
    assert run(app, tools) == {"failed": 1}
    assert said in report(tools, "failed")["error"]
    assert "othing was imported" in report(tools, "failed")["error"]
    (item,) = looked(app, select(WorkItem))
    assert item.note == "night.csv: could not be read"
    assert files(tools, "working") == []


def test_a_worker_that_is_asked_to_end_leaves_the_file_for_the_next(app: Flask, tools: Tools) -> None:
    put(tools, HEADER + ROW)
    answers = iter([False, True])
    assert run(app, replace(tools, stopping=lambda: next(answers))) == {"waits": 1}
    assert treatments(app) == 0
    assert run(app, tools) == {"done": 1}
    assert treatments(app) == 1


def ends_here(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_of_a_worker_that_is_gone_is_put_back(
    app: Flask, tools: Tools, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tools, HEADER + ROW)
    with monkeypatch.context() as killed:
        killed.setattr(job, "read_limited", ends_here)
        with pytest.raises(KeyboardInterrupt):
            run(app, tools)
    assert len(files(tools, "working")) == 1
    assert run(app, tools) == {}  # somebody may still be at it
    clock.move(LEFT_BEHIND)
    assert run(app, tools) == {"put_back": 1, "done": 1}
    assert treatments(app) == 1
    assert files(tools, "done")[0].endswith("Z-night.csv")


def test_a_fault_is_filed_without_its_text_and_the_next_file_goes_on(
    app: Flask, tools: Tools, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(tools, HEADER + ROW, "a.csv", ago=SETTLED * 2)
    put(tools, HEADER + LATER, "b.csv")
    calls = iter([True])

    def first_fails(*given: Any, **more: Any) -> Any:
        if next(calls, False):
            raise RuntimeError("Lindqvist, Maja")
        return real(*given, **more)

    real = job.read_limited
    monkeypatch.setattr(job, "read_limited", first_fails)
    assert run(app, tools) == {"failed": 1, "done": 1}
    assert treatments(app) == 1
    assert "RuntimeError" in caplog.text
    assert "Lindqvist" not in caplog.text + json.dumps(report(tools, "failed"))


def test_of_several_clinics_each_has_a_folder_of_its_own(
    app: Flask, tools: Tools, clock: FrozenClock, cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        other = factories.cast(session, clock.now(), clinic="Elsewhere Clinic", prefix="E")
    put(tools, HEADER + ROW, f"{other.clinic_id}/night.csv")
    nobodys = put(tools, HEADER + LATER)
    assert run(app, tools) == {"done": 1}
    assert looked(app, select(Patient.clinic_id).where(Patient.mrn == "N-1")) == [other.clinic_id]
    assert nobodys.exists()


def test_what_was_said_of_a_header_by_hand_is_remembered_for_the_night(
    app: Flask, tools: Tools, clock: FrozenClock, cast: factories.Cast
) -> None:
    odd = HEADER.replace("MRN", "Zq").replace("Units", "Yy")
    put(tools, odd + ROW)
    assert run(app, tools) == {"failed": 1}
    columns = {"mrn": "Zq", "units": "Yy"}
    with app.app_context(), unit_of_work() as session:
        key = header_fingerprint(tuple(odd.strip().split(",")))
        remember(Change(session, cast.actor, clock.now()), key, odd, {"columns": columns})
    put(tools, odd + ROW)
    assert run(app, tools) == {"done": 1}
    assert treatments(app) == 1


def test_without_a_folder_nothing_is_looked_for(app: Flask, tools: Tools, tmp_path: Path) -> None:
    assert run(app, replace(tools, import_dir=None)) == {}
    assert run(app, replace(tools, import_dir=tmp_path / "nowhere")) == {}


def test_a_name_in_another_encoding_is_imported_and_filed_readably(app: Flask, tools: Tools) -> None:
    put(tools, HEADER + ROW, os.fsdecode(b"M\xe4rz.csv"))
    assert run(app, tools) == {"done": 1}
    assert treatments(app) == 1
    assert report(tools, "done")["file"] == "M\N{REPLACEMENT CHARACTER}rz.csv"
    assert files(tools, "working") == []


def test_what_another_user_wrote_is_imported_too(
    app: Flask, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may rename a file in a folder may not set its times or its mode: these are its owner's."""
    foreign, utime, chmod = put(tools, HEADER + ROW).stat().st_ino, os.utime, Path.chmod

    def refuse(path: Any) -> None:
        if Path(path).stat().st_ino == foreign:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", lambda path, times: (refuse(path), utime(path, times)))
    monkeypatch.setattr(Path, "chmod", lambda path, mode: (refuse(path), chmod(path, mode)))
    assert run(app, tools) == {"done": 1}, report(tools, "failed")
    assert treatments(app) == 1
    assert files(tools, "working") == []
    (kept,) = [name for name in files(tools, "done") if name.endswith("night.csv")]
    assert tools.import_dir is not None
    assert stat.S_IMODE((tools.import_dir / "done" / kept).stat().st_mode) == 0o600


def test_a_file_that_cannot_be_taken_does_not_keep_the_others(app: Flask, tools: Tools) -> None:
    put(tools, HEADER + LATER, f"{'n' * 245}.csv", ago=2 * SETTLED)  # no room for what is put before its name
    put(tools, HEADER + ROW)
    assert run(app, tools) == {"done": 1}
    assert treatments(app) == 1
