"""The alarm tick: says that the worker lives, to whoever listens outside, and tells staff when it was gone."""

import logging
from datetime import UTC, datetime, timedelta

from clinic_scheduler.domain.local_time import known_zone
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.domain.work_kinds import WorkerGap, WorkItemKind
from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.queries.health import last_finish
from clinic_scheduler.queries.lookups import clinic_ids, clinic_of
from clinic_scheduler.queries.messaging.sending_hold import sending_hold
from clinic_scheduler.services.messaging.staff_mail import NoticeText, write_notice
from clinic_scheduler.services.work_items import open_item

ALARM = "alarm"
logger = logging.getLogger(__name__)
GONE_AFTER = timedelta(minutes=30)
# A round of sending is good while its last one ended well this lately.
FRESH = timedelta(minutes=5)


def alarm(tools: Tools) -> Counts:
    """Each minute. A gap is seen by this job's own last heartbeat, which nothing but this job writes.

    Where this very worker was at work all the while, the clock was set forward and nobody was gone.
    """
    now, since = tools.clock.now(), tools.pulse.beat()
    was_here = since is not None and since <= GONE_AFTER.total_seconds()
    with tools.work() as session:
        seen = last_finish(session, ALARM)
        sending = last_finish(session, "dispatch", good=True)
        held = sending_hold(session)
    told = 0
    if seen is not None and now - seen > GONE_AFTER and was_here:
        logger.warning("The clock was set forward by %d minutes.", (now - seen).total_seconds() // 60)
    elif seen is not None and now - seen > GONE_AFTER:
        told = _tell(tools, seen, now)
    if held is None and sending is not None and now - sending <= FRESH:
        tools.ping(now)
    return {"gaps_told": told}


def _tell(tools: Tools, since: datetime, now: datetime) -> int:
    """Each clinic once for each gap, on the work list and by mail; how many were told by mail."""
    told = 0
    with tools.work() as session:
        for clinic_id in clinic_ids(session):
            clinic = clinic_of(session, clinic_id)
            key = str(WorkerGap(clinic_id, since))
            open_item(session, clinic_id, WorkItemKind.WORKER_WAS_GONE, key, now)
            body = tools.templates.get_template("staff_mail/worker_was_gone.txt").render(
                clinic=clinic.name,
                since=_wall(since, clinic.zone),
                until=_wall(now, clinic.zone),
                base_url=tools.links.base_url,
                shown_name=SHOWN_NAME,
            )
            text = NoticeText(f"{clinic.name}: reminders were not going out", body)
            told += write_notice(session, clinic, "worker_was_gone", key, text, now)
    return told


def _wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(known_zone(zone) or UTC):%d-%b-%Y %H:%M}"
