"""The digest tick: each morning one mail to a clinic's staff with what is unresolved, in numbers and links."""

import logging
from collections import Counter
from datetime import datetime, time

from clinic_scheduler.domain.local_time import local_date, to_utc, zone_named
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.queries.health import last_finish
from clinic_scheduler.queries.lookups import clinic_ids, clinic_of
from clinic_scheduler.queries.messaging.digest import unresolved
from clinic_scheduler.services.messaging.staff_mail import NoticeText, is_written, write_notice

DIGEST = "digest"
FROM = time(7)
logger = logging.getLogger(__name__)


def digest(tools: Tools) -> Counts:
    """At seven on each clinic's own wall, or when the worker is back after that; nothing where nothing waits.

    One good look a morning: what turns up in the course of the day is the next morning's.
    """
    with tools.work() as session:
        clinics = clinic_ids(session)
        looked_at = last_finish(session, DIGEST, good=True)
    counts: Counter[str] = Counter()
    for clinic_id in clinics:
        if tools.stopping():
            break
        try:
            counts["written"] += _write(tools, clinic_id, looked_at)
        except Exception as error:
            logger.error("the digest of clinic %s was not written (%s)", clinic_id, fault(error))
            counts["failed"] += 1
    return counts


def _write(tools: Tools, clinic_id: int, looked_at: datetime | None) -> bool:
    now = tools.clock.now()
    with tools.work() as session:
        clinic = clinic_of(session, clinic_id)
        zone = zone_named(clinic.zone)
        today = local_date(now, zone)
        morning = to_utc(today, FROM, zone)
        key = f"{DIGEST}:{clinic_id}:{today.isoformat()}"
        if now < morning or (looked_at is not None and looked_at >= morning) or is_written(session, key):
            return False
        found = unresolved(session, clinic_id, today, now)
        if not found:
            return False
        body = tools.templates.get_template("staff_mail/digest.txt").render(
            clinic=clinic.name, found=found, base_url=tools.links.base_url, shown_name=SHOWN_NAME
        )
        text = NoticeText(f"{clinic.name}: what waits this morning", body)
        return write_notice(session, clinic, DIGEST, key, text, now)
