"""Whether the service does its work, from rows alone: what /healthz answers. Counts and ages, no patients."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.sending_holds import SendingHoldReason
from clinic_scheduler.domain.messaging.states import MessageState, ReminderState, StaffMailState
from clinic_scheduler.models import DeliveryAttempt, JobRun, Message, Reminder, StaffNotice
from clinic_scheduler.queries.messaging.sending_hold import sending_hold

# A lease is taken up within a minute of running out; longer means that nobody does.
STUCK_AFTER = timedelta(minutes=5)
# Twice the longest wait between two tries, so that a message that keeps failing is seen at any moment.
TRIED_LATELY = timedelta(hours=2)
DISPATCH = "dispatch"
CHECK_FOLDERS = "check_folders"
# Spelled out as in the index of open messages: SQLite takes that index for no other words.
_OPEN = Message.state.in_((literal_column("'pending'"), literal_column("'sending'")))


@dataclass(frozen=True, slots=True)
class JobHealth:
    """One job over all workers. `outcome` is that of its latest finish."""

    job: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Ages are in seconds; None where there is nothing to be that old.

    `writable`: whether the database takes changes. `backlog` counts what should have gone out by now; `stuck`
    abandoned messages and mail to staff. `held`: why nothing is sent until somebody answers for what may have gone
    out.
    """

    database_ok: bool
    writable: bool = True
    jobs: tuple[JobHealth, ...] = ()
    heartbeat_age: float | None = None
    oldest_unsent_age: float | None = None
    backlog: int = 0
    stuck: int = 0
    held: SendingHoldReason | None = None


def health(session: Session, now: datetime) -> HealthReport:
    """Never raises for a database that cannot be asked: that is what it reports."""
    try:
        jobs = _jobs(session)
        beats = [at for job in jobs for at in (job.started_at, job.finished_at) if at]
        return HealthReport(
            database_ok=True,
            writable=_writable(session),
            jobs=jobs,
            heartbeat_age=_age(max(beats, default=None), now),
            oldest_unsent_age=_age(_oldest_unsent(session, now), now),
            backlog=_backlog(session, now),
            stuck=_stuck(session, now),
            held=held.reason if (held := sending_hold(session)) else None,
        )
    except SQLAlchemyError:
        session.rollback()
        return HealthReport(database_ok=False)


def _writable(session: Session) -> bool:
    """A stand-by, or a server told to, only reads. Of SQLite its file says it, not its rows."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return session.scalar(select(func.current_setting("transaction_read_only"))) == "off"


def last_dispatch(session: Session) -> datetime | None:
    """When a worker last looked for messages to send; None where none ever did."""
    begun, ended = session.execute(select(*dispatch_times())).one()
    return max((at for at in (begun, ended) if at), default=None)


def dispatch_times() -> tuple[ScalarSelect[datetime | None], ScalarSelect[datetime | None]]:
    """When the newest search for messages to send began, and when one ended last, for any statement to ask."""
    begun, ended = (
        select(func.max(column)).where(JobRun.job == DISPATCH).scalar_subquery()
        for column in (JobRun.started_at, JobRun.finished_at)
    )
    return begun, ended


def last_finish(session: Session, job: str, *, good: bool = False) -> datetime | None:
    """When any worker last ended the job, or ended it well."""
    ended = select(func.max(JobRun.finished_at)).where(JobRun.job == job)
    return session.scalar(ended.where(JobRun.outcome.not_like("failed%")) if good else ended)


def _jobs(session: Session) -> tuple[JobHealth, ...]:
    found: dict[str, JobHealth] = {}
    rows = session.scalars(select(JobRun).order_by(JobRun.job, JobRun.finished_at.nulls_first(), JobRun.id))
    for row in rows:
        before = found.get(row.job)
        started = max(row.started_at, before.started_at) if before else row.started_at
        found[row.job] = JobHealth(row.job, started, row.finished_at, row.outcome)
    return tuple(found.values())


def _oldest_unsent(session: Session, now: datetime) -> datetime | None:
    """Since when a telling has been owed, queued or not, or has been tried in vain.

    What was put off to a better hour is owed from then on; each failed try keeps an earlier one in mind.
    """
    pending = session.scalar(
        select(func.min(Reminder.due_at)).where(
            Reminder.state == ReminderState.PENDING, Reminder.due_at <= now
        )
    )
    failing_since = (
        select(func.min(DeliveryAttempt.at))
        .where(
            DeliveryAttempt.message_id == Message.id,
            DeliveryAttempt.outcome.in_(("retry", "ambiguous")),
            DeliveryAttempt.at > now - TRIED_LATELY,
        )
        .scalar_subquery()
    )
    since = func.coalesce(failing_since, Message.next_attempt_at)
    queued = session.scalar(select(func.min(since)).where(_OPEN, since <= now))
    return min((at for at in (pending, queued) if at), default=None)


def _backlog(session: Session, now: datetime) -> int:
    planned = select(func.count()).where(Reminder.state == ReminderState.PENDING, Reminder.due_at <= now)
    queued = select(func.count()).where(_OPEN, Message.next_attempt_at <= now)
    return (session.scalar(planned) or 0) + (session.scalar(queued) or 0)


def _stuck(session: Session, now: datetime) -> int:
    late = now - STUCK_AFTER
    messages = select(func.count()).where(
        _OPEN, Message.state == MessageState.SENDING, Message.lease_until < late
    )
    notices = select(func.count()).where(
        StaffNotice.state == StaffMailState.SENDING, StaffNotice.lease_until < late
    )
    return (session.scalar(messages) or 0) + (session.scalar(notices) or 0)


def _age(instant: datetime | None, now: datetime) -> float | None:
    return max((now - instant).total_seconds(), 0.0) if instant else None
