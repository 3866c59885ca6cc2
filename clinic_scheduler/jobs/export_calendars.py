"""The export tick: each provider's calendar as a file for whatever reads folders, replaced whole or not at all."""

import logging
import os
import secrets
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from clinic_scheduler.calendars.feed import provider_feed
from clinic_scheduler.domain.calendar_values import Subscription
from clinic_scheduler.jobs.tools import Counts, Tools, fault
from clinic_scheduler.queries.calendars import provider_contact, provider_feed_rows, provider_ids

# No link was ever opened for a file; the notice in an empty calendar stands on this day, so bytes repeat.
_OPENED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
logger = logging.getLogger(__name__)


def export_calendars(tools: Tools) -> Counts:
    """Write what has changed. A calendar that cannot be made keeps its former file; the others go on."""
    with tools.work() as session:
        providers = provider_ids(session)
    tools.export_dir.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    for provider_id in providers:
        if tools.stopping():
            break
        try:
            content = _content(tools, provider_id)
            counts[
                "written" if export(tools.export_dir, f"provider-{provider_id}.ics", content) else "same"
            ] += 1
        except Exception as error:
            logger.error("the calendar of provider %s was not exported (%s)", provider_id, fault(error))
            counts["failed"] += 1
    return counts


def export(folder: Path, name: str, content: bytes) -> bool:
    """Put the file in its place in one step; False where it already holds just this.

    The new bytes are on disk before the name points to them, so a reader finds the old file or the new one.
    """
    target = folder / name
    if target.exists() and target.read_bytes() == content:
        return False
    fresh = folder / f".{name}.{secrets.token_hex(4)}"
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def _content(tools: Tools, provider_id: int) -> bytes:
    now = tools.clock.now()
    with tools.work() as session:
        clinic = provider_contact(session, provider_id, tools.uid_host)
        rows = provider_feed_rows(session, provider_id, now)
    subscription = Subscription(f"export-{provider_id}", _OPENED_AT)
    return provider_feed(rows, clinic=clinic, subscription=subscription, now=now)
