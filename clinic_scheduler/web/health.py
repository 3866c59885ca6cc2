"""/healthz: whether the service does its work, in numbers without patients. It answers soon, whatever hangs."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, copy_current_request_context, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from clinic_scheduler.disk import troubles
from clinic_scheduler.queries.health import CHECK_FOLDERS, HealthReport, JobHealth, health
from clinic_scheduler.web.context import now, reading, settings
from clinic_scheduler.web.policies import public

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("health", __name__)
# The worker looks for due reminders every minute; past these ages somebody should look at the worker.
SILENT_AFTER_SECONDS = 300
UNSENT_AFTER_SECONDS = 900
ANSWERED_WITHIN_SECONDS = 2.0
ADDRESS = "/healthz"


def register(app: Flask) -> None:
    app.wsgi_app = _Unsigned(app.wsgi_app)  # type: ignore[method-assign, assignment]


class _Unsigned:
    """Nobody is signed in at /healthz: whoever a cookie names would be looked up first, in a database that may hang."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") == ADDRESS:
            environ.pop("HTTP_COOKIE", None)
        return self._application(environ, start)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out: by rows, by the tables' version, by files written."""

    report: HealthReport
    schema: str | None = None
    places: Sequence[str] = ()


class OneCheck:
    """Runs a check in a thread of its own, one at a time: who asks meanwhile gets the one that is under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: Future[Finding] | None = None

    def found(self, check: Callable[[], Finding], seconds: float) -> Finding | None:
        """None where it takes longer; it goes on, and whoever asks next may have it."""
        with self._lock:
            future = self._under_way
            if future is None or future.done():
                self._under_way = future = Future()
                Thread(target=self._run, args=(check, future), daemon=True).start()
        try:
            return future.result(seconds)
        except TimeoutError:
            return None

    @staticmethod
    def _run(check: Callable[[], Finding], future: "Future[Finding]") -> None:
        try:
            future.set_result(check())
        except Exception as error:
            future.set_exception(error)


@blueprint.get(ADDRESS)
@public
def healthz() -> ResponseReturnValue:
    """200 while all is well, else 503 with what is not."""
    at = now()
    check: Callable[[], Finding] = copy_current_request_context(lambda: _look(at))
    running = current_app.extensions.setdefault("health_check", OneCheck())
    found = running.found(check, ANSWERED_WITHIN_SECONDS) or Finding(HealthReport(database_ok=False))
    report, problems = found.report, _problems(found)
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


def _look(at: datetime) -> Finding:
    places = list(troubles(_places()))
    try:
        schema = current_app.extensions["clinic"].schema.trouble(reading().connection())
    except SQLAlchemyError:
        reading().rollback()
        return Finding(HealthReport(database_ok=False), places=places)
    return Finding(health(reading(), at), schema, places)


def _places() -> dict[str, Path]:
    """Where a web process writes: uploads, and SQLite's file."""
    places = {"DATA_DIR": settings().data_dir}
    engine = current_app.extensions["sqlalchemy"].engine
    if engine.dialect.name == "sqlite" and engine.url.database:
        places["the database"] = Path(engine.url.database)
    return places


def _job(job: JobHealth) -> dict[str, Any]:
    """`age_seconds` is None for a job that has begun and never ended."""
    age = None if job.finished_at is None else max((now() - job.finished_at).total_seconds(), 0.0)
    return {
        "age_seconds": age,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "outcome": job.outcome,
    }


def _problems(finding: Finding) -> list[str]:
    """In words. A worker that never ran is no problem until a reminder waits for it."""
    report, found = finding.report, list(finding.places)
    if not report.database_ok:
        found.append("the database cannot be asked")
    if not report.writable:
        found.append("the database takes no changes")
    if finding.schema:
        found.append(finding.schema)
    found += _failures(report)
    if (report.heartbeat_age or 0) > SILENT_AFTER_SECONDS:
        found.append("the worker is silent")
    if (report.oldest_unsent_age or 0) > UNSENT_AFTER_SECONDS:
        found.append("reminders wait too long")
    if report.held:
        found.append("sending is held until an administrator answers")
    if report.stuck:
        found.append("messages are stuck while being sent")
    return found


def _failures(report: HealthReport) -> list[str]:
    """What each job's latest run ended with, where that was no good."""
    failed = {job.job for job in report.jobs if (job.outcome or "").startswith("failed")}
    found = (
        ["a folder of the worker’s is full or read-only; its log says which"]
        if CHECK_FOLDERS in failed
        else []
    )
    return found + [f"the worker’s job {job} failed" for job in sorted(failed - {CHECK_FOLDERS})]
