"""What /healthz and the worker say of disks that are full, folders that are read-only and tables of another version."""

import io
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.runner import run_job
from clinic_scheduler.queries.health import CHECK_FOLDERS
from tests import databases, factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor

ROOM = 96 * 1024 * 1024


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """A small file system of its own, to be filled or made read-only."""
    folder.mkdir(parents=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        databases.lacking("A file system of its own is missing: mounting takes root and its capabilities.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    with pytest.raises(OSError, match="space"):
        (folder / "ballast").write_bytes(b"\0" * 2 * ROOM)


def fill_nearly(folder: Path) -> None:
    (folder / "ballast").write_bytes(b"\0" * (ROOM // 2))


def make_read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)


def problems(app: Flask) -> list[str]:
    answer = app.test_client().get("/healthz")
    assert answer.json is not None
    assert (answer.status_code == 200) == (answer.json["problems"] == [])
    found: list[str] = answer.json["problems"]
    return found


def with_data_in(app: Flask, folder: Path) -> None:
    wiring = app.extensions["clinic"]
    settings = replace(wiring.settings, data_dir=folder, export_dir=folder / "calendars")
    app.extensions["clinic"] = replace(wiring, settings=settings)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (fill, "is on a full disk"),
        (fill_nearly, "is on a disk that is nearly full"),
        (make_read_only, "is read-only"),
    ],
)
def test_a_disk_that_takes_nothing_is_told_by_web_and_worker(
    app: Flask,
    cast: factories.Cast,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Path], None],
    words: str,
) -> None:
    with mounted(tmp_path / "disk") as folder:
        with_data_in(app, folder)
        assert problems(app) == []
        harm(folder)
        assert problems(app) == [f"DATA_DIR {words}"]
        (job,) = (job for job in SCHEDULE if job.id == CHECK_FOLDERS)
        outcome = run_job(app, job, "w", tools_of(app))
        assert not outcome.ok
        assert f"DATA_DIR {words}" in caplog.text
        told = problems(app)
    assert "a folder of the worker’s is full or read-only; its log says which" in told
    assert str(tmp_path) not in " ".join(told)


def test_a_page_that_cannot_keep_a_file_is_a_503(
    app: Flask, cast: factories.Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Visitor(app.test_client())
    assert admin.sign_in("admin").status_code == 302
    with mounted(tmp_path / "disk") as folder:
        with_data_in(app, folder)
        fill(folder)
        admin.get("/imports")
        data = {"csrf_token": admin.token, "log": (io.BytesIO(b"MRN;Units\n" * 10_000), "log.csv")}
        answer = admin.client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 503
    assert "has to be chosen again" in answer.text


def test_tables_of_another_version_are_told(app: Flask, cast: factories.Cast) -> None:
    def revised(revision: str) -> None:
        with app.app_context(), unit_of_work() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})

    newest = app.extensions["clinic"].schema.known[0]
    try:
        revised("0001")
        assert [line for line in problems(app) if "day84 db upgrade" in line]
        revised("9999")
        assert [line for line in problems(app) if "newer version: 9999" in line]
    finally:
        revised(newest)
    assert problems(app) == []


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_a_database_that_takes_no_changes_is_told(
    app: Flask, cast: factories.Cast, postgresql_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    read_only = f"{postgresql_url}%20-cdefault_transaction_read_only%3Don"
    with databases.opened(read_only, tmp_path / "other", clock=clock) as standby:
        assert problems(standby) == ["the database takes no changes"]


def test_a_job_that_fails_is_told_until_it_goes_well_again(
    app: Flask, cast: factories.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = SCHEDULE[0]

    def fails(_tools: object) -> dict[str, int]:
        raise RuntimeError("Mrs Okonkwo")

    run_job(app, replace(job, function=fails), "w", tools_of(app))
    assert problems(app) == [f"the worker’s job {job.id} failed"]
    run_job(app, job, "w", tools_of(app))
    assert problems(app) == []
