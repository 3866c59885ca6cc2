"""The digest tick: each morning one mail to a clinic's staff with what is unresolved, in numbers and links."""

import logging
from collections import Counter
from datetime import time
from zoneinfo import ZoneInfo

from clinic_scheduler.jobs.tools import Counts, Tools, fault
from clinic_scheduler.queries.digest import unresolved
from clinic_scheduler.queries.lookups import clinic_ids, clinic_of
from clinic_scheduler.services.staff_notices import NoticeText, is_written, write_notice

FROM = time(7)
logger = logging.getLogger(__name__)


def digest(tools: Tools) -> Counts:
    """At seven or later on each clinic's own wall, once for each of its days; nothing where nothing waits."""
    with tools.work() as session:
        clinics = clinic_ids(session)
    counts: Counter[str] = Counter()
    for clinic_id in clinics:
        if tools.stopping():
            break
        try:
            counts["written"] += _write(tools, clinic_id)
        except Exception as error:
            logger.error("the digest of clinic %s was not written (%s)", clinic_id, fault(error))
            counts["failed"] += 1
    return counts


def _write(tools: Tools, clinic_id: int) -> bool:
    now = tools.clock.now()
    with tools.work() as session:
        clinic = clinic_of(session, clinic_id)
        local = now.astimezone(ZoneInfo(clinic.zone))
        key = f"digest:{clinic_id}:{local.date().isoformat()}"
        if local.time() < FROM or is_written(session, key):
            return False
        found = unresolved(session, clinic_id, local.date(), now)
        if not found:
            return False
        facts = {"clinic": clinic.name, "found": found, "base_url": tools.links.base_url}
        body = tools.templates.get_template("staff_mail/digest.txt").render(facts)
        text = NoticeText(f"{clinic.name}: what waits this morning", body)
        return write_notice(session, clinic, "digest", key, text, now)
