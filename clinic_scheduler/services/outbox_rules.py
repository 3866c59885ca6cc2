"""Whether a planned telling may go out at this moment, and when to try again; values only, no rows change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.calendar_values import Visit
from clinic_scheduler.domain.reminders import allowed_from
from clinic_scheduler.domain.status import DUE_SOON_DAYS, on_hold
from clinic_scheduler.domain.telling_kinds import TIME_TO_BOOK
from clinic_scheduler.domain.values import Hold

LEASE = timedelta(minutes=10)
FIRST_BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """Who writes, as patients may be told."""

    name: str
    phone: str
    email: str
    address: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Telling:
    """One reminder with all that decides about it, copied out of the rows. `silenced` says why, if it is."""

    kind: str
    channel: str
    expires_at: datetime
    clinic: ClinicFacts
    given_name: str = field(repr=False)
    address: str | None = field(repr=False)
    earliest_date: date | None
    overdue_date: date | None
    holds: Sequence[Hold]
    silenced: str | None
    visit: Visit | None
    has_open_visit: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this worker alone may try until its lease runs out. `doubtful`: an earlier try may have told it."""

    message_id: int
    reminder_id: int
    uid: str
    token: str
    attempt: int
    doubtful: bool
    mail_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Never to be told, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now."""

    until: datetime


Verdict = Stop | Wait | None
"""None: it may go out now."""


def judge(telling: Telling, now: datetime, channels: Collection[str]) -> Verdict:
    """The one rule asked when queueing, before connecting and at the hand-over. `channels` have a sender."""
    if telling.expires_at <= now:
        return Stop("expired")
    reason = telling.silenced or _overtaken(telling, now) or _unreachable(telling, channels)
    if reason:
        return Stop(reason)
    allowed = allowed_from(now, telling.clinic.zone)
    if allowed == now:
        return None
    return Wait(allowed) if allowed < telling.expires_at else Stop("expired")


def _overtaken(telling: Telling, now: datetime) -> str | None:
    """What has happened since it was planned that makes it wrong to say."""
    if telling.earliest_date is None:
        return None  # of no course: what makes a calendar link wrong to send takes its reminder back
    today = now.astimezone(telling.clinic.zone).date()
    if any(on_hold(hold, today) for hold in telling.holds):
        return "on_hold"
    if telling.kind == TIME_TO_BOOK:
        if telling.has_open_visit:
            return "booked"
        # Treated without a booking: the row's dates are then the next cycle's.
        early = today < telling.earliest_date - timedelta(DUE_SOON_DAYS)
        return "not_due" if early else None
    if telling.visit is None or telling.visit.status != "booked":
        return telling.visit.status if telling.visit else "no_visit"
    # A visit's reminder expires as the visit it was planned for starts.
    return "moved" if telling.visit.starts_at != telling.expires_at else None


def _unreachable(telling: Telling, channels: Collection[str]) -> str | None:
    if not telling.address:
        return "no_address"
    return None if telling.channel in channels else "no_sender"


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the `attempt`-th try (from 1): doubling, up to an hour; `jitter` is 0 to 1.

    At least half of the step is kept, the rest is spread, so that many messages don't come back at once.
    """
    times: int = 1 << min(max(attempt, 1) - 1, 16)
    step = min(FIRST_BACK_OFF * times, LONGEST_BACK_OFF)
    return step * (0.5 + jitter / 2)
