"""Whether the service does its work, from rows alone: what /healthz answers. Counts and ages, no patients."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic_scheduler.models import JobRun, Message, Reminder

# A lease is taken up within a minute of running out; longer means that nobody does.
STUCK_AFTER = timedelta(minutes=5)
DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class JobHealth:
    """One job over all workers. `outcome` is that of its latest finish."""

    job: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Ages are in seconds; None where there is nothing to be that old. `stuck` counts abandoned messages."""

    database_ok: bool
    jobs: tuple[JobHealth, ...] = ()
    heartbeat_age: float | None = None
    oldest_unsent_age: float | None = None
    stuck: int = 0


def health(session: Session, now: datetime) -> HealthReport:
    """Never raises for a database that cannot be asked: that is what it reports."""
    try:
        jobs = _jobs(session)
        beats = [at for job in jobs for at in (job.started_at, job.finished_at) if at]
        return HealthReport(
            database_ok=True,
            jobs=jobs,
            heartbeat_age=_age(max(beats, default=None), now),
            oldest_unsent_age=_age(_oldest_unsent(session, now), now),
            stuck=_stuck(session, now),
        )
    except SQLAlchemyError:
        session.rollback()
        return HealthReport(database_ok=False)


def last_dispatch(session: Session) -> datetime | None:
    """When a worker last looked for messages to send; None where none ever did."""
    begun, ended = session.execute(
        select(func.max(JobRun.started_at), func.max(JobRun.finished_at)).where(JobRun.job == DISPATCH)
    ).one()
    return max((at for at in (begun, ended) if at), default=None)


def _jobs(session: Session) -> tuple[JobHealth, ...]:
    found: dict[str, JobHealth] = {}
    rows = session.scalars(select(JobRun).order_by(JobRun.job, JobRun.finished_at.nulls_first(), JobRun.id))
    for row in rows:
        before = found.get(row.job)
        started = max(row.started_at, before.started_at) if before else row.started_at
        found[row.job] = JobHealth(row.job, started, row.finished_at, row.outcome)
    return tuple(found.values())


def _oldest_unsent(session: Session, now: datetime) -> datetime | None:
    """The hour of the reminder that has been owed for longest, queued or not."""
    pending = session.scalar(
        select(func.min(Reminder.due_at)).where(Reminder.state == "pending", Reminder.due_at <= now)
    )
    queued = session.scalar(
        select(func.min(Reminder.due_at))
        .join(Message, Message.reminder_id == Reminder.id)
        .where(Message.state.in_(("pending", "sending")), Reminder.due_at <= now)
    )
    return min((at for at in (pending, queued) if at), default=None)


def _stuck(session: Session, now: datetime) -> int:
    abandoned = select(func.count()).where(
        Message.state == "sending", Message.lease_until < now - STUCK_AFTER
    )
    return session.scalar(abandoned) or 0


def _age(instant: datetime | None, now: datetime) -> float | None:
    return max((now - instant).total_seconds(), 0.0) if instant else None
