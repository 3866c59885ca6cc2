"""How many texts one number may get: one a day and three a week, in the mornings after quiet hours; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.local_time import local_date, to_utc
from clinic_scheduler.domain.messaging.reminder_plan import QUIET_UNTIL, allowed_from

WEEK = timedelta(days=7)
MOST_A_WEEK = 3


def next_text_from(now: datetime, zone: ZoneInfo, texts: Sequence[datetime]) -> datetime:
    """The first instant, from `now` on, at which one more text keeps to the limits and out of quiet hours.

    `texts` are the instants of those the number has had, or may have had. `zone` is the receiver's.
    """
    at = allowed_from(now, zone)
    while (later := _after_the_limits(at, zone, texts)) > at:
        at = allowed_from(later, zone)
    return at


def _after_the_limits(at: datetime, zone: ZoneInfo, texts: Sequence[datetime]) -> datetime:
    today = local_date(at, zone)
    if any(local_date(text, zone) == today for text in texts):
        return to_utc(today + timedelta(1), QUIET_UNTIL, zone)
    recent = sorted(text for text in texts if at - WEEK < text <= at)
    # As many as allowed are in the last seven days: the oldest of them has to be seven days old.
    return recent[-MOST_A_WEEK] + WEEK if len(recent) >= MOST_A_WEEK else at
