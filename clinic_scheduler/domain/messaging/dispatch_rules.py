"""Whether a planned notification may go out at this moment, and when to try again; values only, no rows change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.calendars.values import UNREVISED, Revision, Visit
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.messaging.invitations import Method
from clinic_scheduler.domain.messaging.kinds import KINDS, SMS, Holds
from clinic_scheduler.domain.messaging.reminder_plan import allowed_from
from clinic_scheduler.domain.messaging.reminder_rules import MOST_DAYS
from clinic_scheduler.domain.messaging.sms_limits import next_text_from
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.day_checks import covers_day
from clinic_scheduler.domain.visits.kinds_and_states import VisitState

# How long a worker that died keeps what it held. One that lives renews in time, also twice in vain.
LEASE = timedelta(seconds=60)
RENEWED_EVERY = timedelta(seconds=15)
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
    text_name: str | None = None
    revision: Revision = UNREVISED


@dataclass(frozen=True, slots=True)
class Notification:
    """One reminder with all that decides about it, copied out of the rows. `silenced` says why, if it is.

    `zone` is where the patient lives, `agreed` whether they want such messages on this channel, `told_elsewhere`
    that this step went out on another channel; `texts` are when the number was texted lately, if it is a text.
    A calendar link is about no course: the day it was asked for stands for its dates.
    """

    kind: str
    channel: str
    expires_at: datetime
    clinic: ClinicFacts
    given_name: str = field(repr=False)
    address: str | None = field(repr=False)
    earliest_date: date
    overdue_date: date
    holds: Sequence[Hold]
    silenced: SuppressionReason | None
    visit: Visit | None
    has_open_visit: bool
    patient_id: int
    appointment_id: int | None
    step: str
    language: str
    zone: ZoneInfo
    purpose: str
    calendar_feed_uid: str | None
    agreed: bool = True
    told_elsewhere: bool = False
    texts: Sequence[datetime] = ()
    # A treatment, or taking one out, has ended the cycle it was planned for.
    cycle_over: bool = False
    # Another reminder of the same visit, a later step, is due by now or soon: after an outage one is enough.
    overtaken: bool = False
    # What it does to the entry in the patient's calendar, if it is an invitation; and whether they have such entries.
    invitation: Method | None = None
    by_invitation: bool = False


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
class Leaving:
    """A message whose words are about to leave for `address`."""

    claimed: Claimed
    address: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """Never to be told, and why."""

    reason: SuppressionReason


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now."""

    until: datetime


Verdict = Stop | Wait | None
"""None: it may go out now."""


def judge(notification: Notification, now: datetime, channels: Collection[str]) -> Verdict:
    """The one rule asked when queueing, before connecting and at the hand-over. `channels` have a sender."""
    if notification.expires_at <= now:
        return Stop(SuppressionReason.EXPIRED)
    told = SuppressionReason.OVERTAKEN if notification.overtaken else None
    if notification.told_elsewhere:
        told = SuppressionReason.ALREADY_TOLD
    reason = (
        notification.silenced or told or _overtaken(notification, now) or _unreachable(notification, channels)
    )
    if reason:
        return Stop(reason)
    morning = allowed_from(now, notification.zone)
    allowed = (
        next_text_from(now, notification.zone, notification.texts) if notification.channel == SMS else morning
    )
    if allowed == now:
        return None
    if allowed < notification.expires_at:
        return Wait(allowed)
    return Stop(
        SuppressionReason.TOO_MANY_TEXTS if morning < notification.expires_at else SuppressionReason.EXPIRED
    )


def _overtaken(notification: Notification, now: datetime) -> SuppressionReason | None:
    """What has happened since it was planned that makes it wrong to say."""
    today = now.astimezone(notification.clinic.zone).date()
    # A hold silences what the calendar tells; a visit moved or cancelled for its sake is told all the same.
    kind = KINDS[notification.kind]
    if kind.is_planned and any(covers_day(hold, today) for hold in notification.holds):
        return SuppressionReason.ON_HOLD
    match kind.holds:
        case Holds.TO_BOOK:
            return _no_need_to_book(notification, notification.earliest_date - timedelta(MOST_DAYS), today)
        case Holds.OVERDUE:
            return _no_need_to_book(notification, notification.overdue_date, today)
        case Holds.SAME_CYCLE:
            return SuppressionReason.CYCLE_OVER if notification.cycle_over else None
        case Holds.MISSED:
            return _no_need_to_book(notification, date.min, today) or _unless(notification, VisitState.NOSHOW)
        case Holds.CANCELLED:
            # An entry in a calendar goes, whatever other visit there is.
            booked = notification.has_open_visit and notification.invitation is None
            return SuppressionReason.BOOKED if booked else _unless(notification, VisitState.CANCELLED)
        case Holds.BOOKED:
            # What tells of a visit expires as the visit it was planned for starts.
            elsewhen = _unless_at(notification, notification.expires_at)
            return _unless(notification, VisitState.BOOKED) or elsewhen
        case Holds.ALWAYS:
            return None


def _no_need_to_book(notification: Notification, due_from: date, today: date) -> SuppressionReason | None:
    if notification.has_open_visit:
        return SuppressionReason.BOOKED
    if notification.cycle_over:
        return SuppressionReason.TREATED
    return SuppressionReason.NOT_DUE if today < due_from else None


def _unless(notification: Notification, status: str) -> SuppressionReason | None:
    """Why its visit is not in this state, or None where it is."""
    if notification.visit is None:
        return SuppressionReason.NO_VISIT
    return None if notification.visit.status == status else SuppressionReason(notification.visit.status)


def _unless_at(notification: Notification, starts_at: datetime) -> SuppressionReason | None:
    moved = notification.visit is not None and notification.visit.starts_at != starts_at
    return SuppressionReason.MOVED if moved else None


def _unreachable(notification: Notification, channels: Collection[str]) -> SuppressionReason | None:
    if not notification.address:
        return SuppressionReason.NO_ADDRESS
    if not notification.agreed:
        return SuppressionReason.OPTED_OUT
    return None if notification.channel in channels else SuppressionReason.NO_SENDER


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the `attempt`-th try (from 1): doubling, up to an hour; `jitter` is 0 to 1.

    At least half of the step is kept, the rest is spread, so that many messages don't come back at once.
    """
    times: int = 1 << min(max(attempt, 1) - 1, 16)
    step = min(FIRST_BACK_OFF * times, LONGEST_BACK_OFF)
    return step * (0.5 + jitter / 2)
