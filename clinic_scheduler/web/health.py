"""/healthz: whether the service does its work, in numbers without patients."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.health import HealthReport, JobHealth, health
from clinic_scheduler.web.context import now, reading
from clinic_scheduler.web.policies import public

blueprint = Blueprint("health", __name__)
# The worker looks for due reminders every minute; past these ages somebody should look at the worker.
SILENT_AFTER_SECONDS = 300
UNSENT_AFTER_SECONDS = 900


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 while all is well, else 503 with what is not."""
    report = health(reading(), now())
    problems = _problems(report)
    body = jsonify(
        status="failing" if problems else "ok",
        problems=problems,
        database="ok" if report.database_ok else "failing",
        heartbeat_age_seconds=report.heartbeat_age,
        oldest_unsent_age_seconds=report.oldest_unsent_age,
        backlog=report.backlog,
        stuck=report.stuck,
        held=report.held,
        jobs={job.job: _job(job) for job in report.jobs},
    )
    return body, 503 if problems else 200


def _job(job: JobHealth) -> dict[str, Any]:
    """`age_seconds` is None for a job that has begun and never ended."""
    age = None if job.finished_at is None else max((now() - job.finished_at).total_seconds(), 0.0)
    return {
        "age_seconds": age,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "outcome": job.outcome,
    }


def _problems(report: HealthReport) -> list[str]:
    """In words. A worker that never ran is no problem until a reminder waits for it."""
    found = []
    if not report.database_ok:
        found.append("the database cannot be asked")
    if (report.heartbeat_age or 0) > SILENT_AFTER_SECONDS:
        found.append("the worker is silent")
    if (report.oldest_unsent_age or 0) > UNSENT_AFTER_SECONDS:
        found.append("reminders wait too long")
    if report.held:
        found.append("sending is held until an administrator answers")
    if report.stuck:
        found.append("messages are stuck while being sent")
    return found
