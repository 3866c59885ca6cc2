"""The tick that reads providers' calendars from elsewhere: claimed, fetched with no session open, then kept."""

import logging
from collections import Counter

from clinic_scheduler.importing.busy_hours import UnreadableCalendar, read_busy
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.senders.base import CalendarNotFetched
from clinic_scheduler.services.calendars import busy_times

logger = logging.getLogger(__name__)


def read_busy_calendars(tools: Tools) -> Counts:
    """Every calendar whose turn it is. One that cannot be read keeps what it had; the others go on."""
    with tools.work() as session:
        waiting = busy_times.due_to_read(session, tools.clock.now())
    counts: Counter[str] = Counter()
    for calendar_id in waiting:
        if tools.stopping():
            break
        try:
            counts[_read(tools, calendar_id)] += 1
        except Exception as error:
            logger.error("busy calendar %s could not be dealt with (%s)", calendar_id, fault(error))
            counts["failed"] += 1
    return counts


def _read(tools: Tools, calendar_id: int) -> str:
    """What came of it: changed, same, failed, or taken by another worker."""
    now = tools.clock.now()
    with tools.work() as session:
        wanted = busy_times.claim(session, calendar_id, now)
    if wanted is None:
        return "taken"
    try:
        answer = tools.fetch_calendar(wanted.url, wanted.etag)
        spans = None if answer.content is None else read_busy(answer.content, wanted.zone, now)
    except (CalendarNotFetched, UnreadableCalendar) as error:
        with tools.work() as session:
            busy_times.keep_failure(session, calendar_id, str(error))
        return "failed"
    with tools.work() as session:
        changed = busy_times.keep_reading(session, calendar_id, spans, answer.etag, now)
    return "changed" if changed else "same"
