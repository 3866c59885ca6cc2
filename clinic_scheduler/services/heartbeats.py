"""The worker's heartbeat: one row for each job and worker, saying when it last ran and how it went."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import JobRun

KEPT = timedelta(days=7)
_OUTCOME = 120


def started(session: Session, job: str, worker: str, now: datetime) -> None:
    """The job begins. What is known of its last finish stays, so a job that hangs shows both."""
    row = _row(session, job, worker)
    if row is None:
        session.add(JobRun(job=job, worker=worker, started_at=now))
    else:
        row.started_at = now


def finished(session: Session, job: str, worker: str, now: datetime, outcome: str) -> None:
    """The job ended; `outcome` is counts or the kind of failure, never anyone's data."""
    row = _row(session, job, worker)
    if row is None:
        row = JobRun(job=job, worker=worker, started_at=now)
        session.add(row)
    row.finished_at, row.outcome = now, outcome[:_OUTCOME]


def forget_old(session: Session, now: datetime) -> None:
    """Every start of a worker leaves rows; those of workers long gone go."""
    session.execute(delete(JobRun).where(JobRun.started_at < now - KEPT))


def _row(session: Session, job: str, worker: str) -> JobRun | None:
    return session.scalar(select(JobRun).where(JobRun.job == job, JobRun.worker == worker))
