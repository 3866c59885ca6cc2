"""Whether a planned telling may go out at this moment, and when to try again; values only, no rows change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.calendar_values import UNREVISED, Revision, Visit
from clinic_scheduler.domain.consent import OPTED_OUT
from clinic_scheduler.domain.invitations import Method
from clinic_scheduler.domain.reminders import allowed_from
from clinic_scheduler.domain.rules import MOST_DAYS
from clinic_scheduler.domain.telling_kinds import PLANNED_KINDS, SMS
from clinic_scheduler.domain.text_caps import next_text_from
from clinic_scheduler.domain.values import Hold
from clinic_scheduler.domain.visit_day import covers_day

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
    text_name: str | None = None
    revision: Revision = UNREVISED


@dataclass(frozen=True, slots=True)
class Telling:
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
    silenced: str | None
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
    told = "already_told" if telling.told_elsewhere else "overtaken" if telling.overtaken else None
    reason = telling.silenced or told or _overtaken(telling, now) or _unreachable(telling, channels)
    if reason:
        return Stop(reason)
    morning = allowed_from(now, telling.zone)
    allowed = next_text_from(now, telling.zone, telling.texts) if telling.channel == SMS else morning
    if allowed == now:
        return None
    if allowed < telling.expires_at:
        return Wait(allowed)
    return Stop("too_many_texts" if morning < telling.expires_at else "expired")


def _overtaken(telling: Telling, now: datetime) -> str | None:
    """What has happened since it was planned that makes it wrong to say."""
    today = now.astimezone(telling.clinic.zone).date()
    # A hold silences what the calendar tells; a visit moved or cancelled for its sake is told all the same.
    if telling.kind in PLANNED_KINDS and any(covers_day(hold, today) for hold in telling.holds):
        return "on_hold"
    match telling.kind:
        case "time_to_book":
            return _no_need_to_book(telling, telling.earliest_date - timedelta(MOST_DAYS), today)
        case "overdue":
            return _no_need_to_book(telling, telling.overdue_date, today)
        case "after_visit":
            return "cycle_over" if telling.cycle_over else None
        case "missed_visit":
            return _no_need_to_book(telling, date.min, today) or _unless(telling, "noshow")
        case "visit_cancelled":
            # An entry in a calendar goes, whatever other visit there is.
            booked = telling.has_open_visit and telling.invitation is None
            return "booked" if booked else _unless(telling, "cancelled")
        case "calendar_link":
            return None
    # What tells of a visit expires as the visit it was planned for starts.
    return _unless(telling, "booked") or _unless_at(telling, telling.expires_at)


def _no_need_to_book(telling: Telling, due_from: date, today: date) -> str | None:
    if telling.has_open_visit:
        return "booked"
    if telling.cycle_over:
        return "treated"
    return "not_due" if today < due_from else None


def _unless(telling: Telling, status: str) -> str | None:
    """Why its visit is not in this state, or None where it is."""
    if telling.visit is None:
        return "no_visit"
    return None if telling.visit.status == status else telling.visit.status


def _unless_at(telling: Telling, starts_at: datetime) -> str | None:
    moved = telling.visit is not None and telling.visit.starts_at != starts_at
    return "moved" if moved else None


def _unreachable(telling: Telling, channels: Collection[str]) -> str | None:
    if not telling.address:
        return "no_address"
    if not telling.agreed:
        return OPTED_OUT
    return None if telling.channel in channels else "no_sender"


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the `attempt`-th try (from 1): doubling, up to an hour; `jitter` is 0 to 1.

    At least half of the step is kept, the rest is spread, so that many messages don't come back at once.
    """
    times: int = 1 << min(max(attempt, 1) - 1, 16)
    step = min(FIRST_BACK_OFF * times, LONGEST_BACK_OFF)
    return step * (0.5 + jitter / 2)
