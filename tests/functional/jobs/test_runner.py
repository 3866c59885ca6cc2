"""Jobs by themselves and by the clock: heartbeats, failures that stop nothing, and a worker that ends cleanly."""

import threading
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE
from clinic_scheduler.jobs.context import Tools
from clinic_scheduler.jobs.job_table import SCHEDULE, Job
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.jobs.runner import run_job, run_once, run_worker, worker_id
from clinic_scheduler.models import Course, JobRun, Reminder
from clinic_scheduler.queries.health import HealthReport, health
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.messaging import outbox
from tests.integration.outbox.world import NOW, World, local, queued

DUE = local(date(2026, 11, 23), 10)


def job(name: str) -> Job:
    return next(job for job in SCHEDULE if job.id == name)


def report(world: World) -> HealthReport:
    return world.change(lambda s: health(s, world.clock.now()))


def test_the_schedule_names_each_job_once_in_the_order_of_a_single_run() -> None:
    assert [job.id for job in SCHEDULE] == [
        "alarm",
        "adopt",
        "turn_day",
        "import_folder",
        "plan",
        "reconcile",
        "digest",
        "dispatch",
        "check_folders",
        "expire",
        "sweep_uploads",
        "export_calendars",
        "read_busy_calendars",
    ]
    assert job("dispatch").every < job("plan").every <= timedelta(minutes=1)


def test_a_run_leaves_a_heartbeat_with_its_counts(world: World) -> None:
    world.at(DUE)
    run_job(world.app, job("dispatch"), "here:1:a", world.tools)
    rows = world.read(
        select(JobRun.job, JobRun.worker, JobRun.started_at, JobRun.finished_at, JobRun.outcome)
    )
    assert rows == [("dispatch", "here:1:a", DUE, DUE, "queued=1 sent=1")]
    world.at(DUE + timedelta(seconds=3))
    run_job(world.app, job("dispatch"), "here:1:a", world.tools)
    assert world.read(select(JobRun.started_at, JobRun.outcome)) == [
        (DUE + timedelta(seconds=3), "nothing to do")
    ]


def test_a_job_that_fails_says_so_without_quoting_anyone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_tools: Tools) -> dict[str, int]:
        raise ValueError("peregrine0@example.org")

    outcome = run_job(world.app, Job("plan", timedelta(1), broken), "w", world.tools)
    assert not outcome.ok
    ((kept,),) = world.read(select(JobRun.outcome))
    assert kept.startswith("failed: ValueError at test_runner.py:")
    assert "job plan failed" in caplog.text
    assert "peregrine" not in caplog.text + kept


def test_planning_takes_up_what_an_import_left_unplanned(world: World) -> None:
    world.change(lambda s: s.execute(update(Course).values(reminders_planned_at=None)))
    world.change(lambda s: s.execute(Reminder.__table__.delete()))
    with world.app.app_context():
        assert plan(world.tools) == {"planned": 1}
        assert plan(world.tools) == {"planned": 0}
    assert [step for step, _, _ in world.reminders()] == ["time_to_book"]


def test_a_single_run_does_all_that_is_due_and_then_nothing_more(
    world: World, senders: dict[str, MemorySender]
) -> None:
    world.at(DUE)
    first = {outcome.job: dict(outcome.counts) for outcome in run_once(world.app, world.tools, "w")}
    assert first["dispatch"] == {"queued": 1, "sent": 1}
    again = {outcome.job: str(outcome) for outcome in run_once(world.app, world.tools, "w")}
    assert set(again.values()) <= {"nothing to do", "same=2"}
    assert len(senders["email"].sent) == 1


def test_a_worker_ticks_until_it_is_told_to_stop(world: World, senders: dict[str, MemorySender]) -> None:
    # The application's own clock stands at NOW, so what is due by then is sent.
    world.change(lambda s: s.execute(update(Reminder).values(due_at=NOW)))
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(world.app, stop, "w"))
    worker.start()
    deadline = time.monotonic() + 60
    while len(world.read(select(JobRun.id).where(JobRun.finished_at.isnot(None)))) < len(SCHEDULE):
        assert time.monotonic() < deadline, "the jobs did not all run"
        time.sleep(0.05)
    stop.set()
    worker.join(20)
    assert not worker.is_alive()
    assert len(senders["email"].sent) == 1


def test_no_two_workers_share_a_name() -> None:
    assert worker_id() != worker_id()
    assert len(worker_id()) <= 120


def test_health_tells_of_heartbeats_and_of_what_is_owed(world: World) -> None:
    empty = report(world)
    assert empty == HealthReport(database_ok=True)
    run_job(world.app, job("plan"), "old", world.tools)
    world.at(DUE + timedelta(seconds=40))
    run_job(world.app, job("plan"), "new", world.tools)
    world.at(DUE + timedelta(seconds=70))
    found = report(world)
    assert (found.heartbeat_age, found.oldest_unsent_age, found.stuck) == (30.0, 70.0, 0)
    (planned,) = found.jobs
    assert (planned.job, planned.finished_at, planned.outcome) == (
        "plan",
        DUE + timedelta(seconds=40),
        "nothing to do",
    )


def test_health_counts_messages_that_nobody_takes_up(world: World) -> None:
    queued(world.at(DUE))
    world.change(lambda s: outbox.claim(s, DUE))
    assert report(world.at(DUE + LEASE)).stuck == 0
    abandoned = report(world.at(DUE + timedelta(minutes=20)))
    assert (abandoned.stuck, abandoned.oldest_unsent_age) == (1, 1200.0)
    world.reconcile()
    assert report(world).stuck == 0


def test_health_reports_a_database_that_cannot_be_asked(world: World) -> None:
    def without_table(session):  # type: ignore[no-untyped-def]
        session.execute(JobRun.__table__.delete())
        session.connection().exec_driver_sql("ALTER TABLE job_runs RENAME TO gone")
        session.commit()
        try:
            return health(session, NOW)
        finally:
            session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO job_runs")
            session.commit()

    assert world.change(without_table) == HealthReport(database_ok=False)


def test_heartbeats_of_workers_long_gone_are_dropped(world: World) -> None:
    run_job(world.app, job("plan"), "gone", world.tools)
    world.at(NOW + timedelta(days=8))
    run_job(world.app, job("expire"), "here", world.tools)
    assert world.read(select(JobRun.worker)) == [("here",)]
