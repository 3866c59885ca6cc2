"""flask worker: a single run at a given instant, and a running one that ends cleanly when asked to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.senders.memory import MemorySender
from tests.integration.outbox.world import open_world

ROOT = Path(__file__).parents[3]


def test_once_does_what_is_due_at_the_instant_given_and_counts_it(
    app: Flask, senders: dict[str, MemorySender]
) -> None:
    open_world(app, people=2)
    runner = app.test_cli_runner()
    early = runner.invoke(args=["worker", "--once", "--now", "2026-11-23T09:59:59-08:00"])
    assert (early.exit_code, senders["email"].sent) == (0, [])
    result = runner.invoke(args=["worker", "--once", "--now", "2026-11-23T10:00:00-08:00"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "alarm: nothing to do",
        "adopt: nothing to do",
        "turn_day: nothing to do",
        "import_folder: nothing to do",
        "plan: nothing to do",
        "reconcile: nothing to do",
        "digest: nothing to do",
        "dispatch: queued=2 sent=2",
        "check_folders: nothing to do",
        "expire: nothing to do",
        "sweep_uploads: nothing to do",
        "export_calendars: same=2",
        "read_busy_calendars: nothing to do",
    ]
    assert len(senders["email"].sent) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--once", "--now", "2026-11-23T10:00:00"], "does not say in which zone"),
        (["--once", "--now", "tomorrow"], "is not an instant"),
        (["--now", "2026-11-23T10:00:00Z"], "goes with --once"),
    ],
)
def test_an_instant_it_cannot_use_is_refused(app: Flask, arguments: list[str], said: str) -> None:
    result = app.test_cli_runner().invoke(args=["worker", *arguments])
    assert result.exit_code == 2
    assert said in result.output


def test_a_failed_job_is_told_by_the_exit_code(app: Flask) -> None:
    with app.app_context():
        with unit_of_work() as session:
            session.execute(text("ALTER TABLE delivery_attempts RENAME TO gone"))
            session.execute(text("ALTER TABLE courses RENAME TO elsewhere"))
        try:
            result = app.test_cli_runner().invoke(args=["worker", "--once"])
        finally:
            with unit_of_work() as session:
                session.execute(text("ALTER TABLE gone RENAME TO delivery_attempts"))
                session.execute(text("ALTER TABLE elsewhere RENAME TO courses"))
    assert result.exit_code == 1
    assert "plan: failed:" in result.output
    assert "safe to run again" in result.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_worker_says_that_it_started_and_ends_cleanly(
    sqlite_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    environment = os.environ | {
        "DATABASE_URL": sqlite_url,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "x" * 64,
    }
    command = [sys.executable, "-u", "-m", "flask", "--app", "wsgi", "worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        started = worker.stdout.readline()
        worker.send_signal(number)
        rest, errors = worker.communicate(timeout=30)
    assert started.startswith("Worker ")
    assert "dispatch every 3 s" in started
    assert (worker.returncode, rest) == (0, ""), errors
