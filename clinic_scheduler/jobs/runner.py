"""Running jobs: one of them with its heartbeat, all of them once, or all by the clock until told to stop."""

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from clinic_scheduler.clock import SystemClock
from clinic_scheduler.jobs.context import Counts, Tools, fault, tools_of
from clinic_scheduler.jobs.job_table import SCHEDULE, Job
from clinic_scheduler.services import heartbeats

ROUNDS = 1_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run of a job went; a failed run has counted nothing."""

    job: str
    ok: bool
    counts: Counts
    failure: str = ""

    def __str__(self) -> str:
        counted = " ".join(f"{name}={number}" for name, number in sorted(self.counts.items()) if number)
        return (counted or "nothing to do") if self.ok else f"failed: {self.failure}"


def worker_id() -> str:
    """host:pid:random, unlike any other worker's, alive or dead."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def run_job(app: Flask, job: Job, worker: str, tools: Tools) -> Outcome:
    """Run a job in an app context of its own, between two heartbeats. Never raises, so that the ticker lives on."""
    with app.app_context():
        try:
            with tools.work() as session:
                heartbeats.started(session, job.id, worker, tools.clock.now())
            outcome = Outcome(job.id, True, job.function(tools))
        except Exception as error:
            outcome = Outcome(job.id, False, {}, fault(error))
            logger.error("job %s failed (%s); it runs again at its next tick", job.id, outcome.failure)
        try:
            with tools.work() as session:
                heartbeats.finished(session, job.id, worker, tools.clock.now(), str(outcome))
        except Exception as error:
            logger.error("job %s: its heartbeat could not be written (%s)", job.id, fault(error))
    return outcome


def run_once(app: Flask, tools: Tools, worker: str) -> list[Outcome]:
    """Every job of the schedule in turn, each until it finds nothing more to do now."""
    return [_run_dry(app, job, worker, tools) for job in SCHEDULE]


def _run_dry(app: Flask, job: Job, worker: str, tools: Tools) -> Outcome:
    total: Counter[str] = Counter()
    for _ in range(ROUNDS):
        outcome = run_job(app, job, worker, tools)
        total.update(outcome.counts)
        if not job.repeat_until_idle or not any(outcome.counts.values()) or tools.stopping():
            break
    return Outcome(job.id, outcome.ok, total, outcome.failure)


def run_worker(app: Flask, stop: threading.Event, worker: str | None = None) -> None:
    """Tick until `stop` is set; then the message in hand is finished and the call returns.

    The ticker keeps nothing: jobs are those of the schedule, and all that must last is in rows.
    """
    name = worker or worker_id()
    tools = tools_of(app, stopping=stop.is_set)
    # At INFO it writes two lines a tick, which would be 50,000 a day.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # Alone at first: other jobs might drop the heartbeats that tell how long no worker was there.
    run_job(app, SCHEDULE[0], name, tools)
    scheduler = BackgroundScheduler(timezone=UTC)
    for job in SCHEDULE:
        scheduler.add_job(
            run_job,
            "interval",
            seconds=job.every.total_seconds(),
            args=(app, job, name, tools),
            id=job.id,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            # The ticker goes by the machine's clock, whatever the application is told the time is.
            next_run_time=SystemClock().now(),
        )
    scheduler.start()
    try:
        stop.wait()
    finally:
        stop.set()
        scheduler.shutdown(wait=True)
