"""The export tick: each provider's and clinic's calendar as a file for whatever reads folders, whole or not at all."""

import logging
import os
import re
import secrets
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from clinic_scheduler.calendars.feed import PRODUCT_ID, provider_feed
from clinic_scheduler.domain.calendars.values import Audience, Subscription
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.queries.calendars.rows import Subject, calendar_rows, clinic_contact, export_subjects

# No link was ever opened for a file; the notice in an empty calendar stands on this day, so bytes repeat.
_OPENED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_OURS = re.compile(r"(provider|clinic)-[1-9][0-9]*\.ics", re.ASCII)
_HEAD = 200  # bytes in which a calendar of ours has said whose product it is
logger = logging.getLogger(__name__)


def export_calendars(tools: Tools) -> Counts:
    """Write what has changed, and take away files of calendars that are exported no more.

    A calendar that cannot be made keeps its former file; the others go on.
    """
    with tools.work() as session:
        subjects = export_subjects(session)
    tools.export_dir.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    for subject in subjects:
        if tools.stopping():
            return counts
        name = _name(subject)
        try:
            written = export(tools.export_dir, f"{name}.ics", _content(tools, subject))
            counts["written" if written else "same"] += 1
        except Exception as error:
            logger.error("the calendar %s was not exported (%s)", name, fault(error))
            counts["failed"] += 1
    if removed := remove_others(tools.export_dir, {f"{_name(subject)}.ics" for subject in subjects}):
        counts["removed"] = removed
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


def remove_others(folder: Path, wanted: Collection[str]) -> int:
    """Take away what was exported before and is not `wanted` any more: of a provider who takes no bookings, say.

    Only what both is called and begins as our files do; whatever else is in the folder is somebody else's.
    """
    removed = 0
    for file in sorted(folder.iterdir()):
        if (
            _OURS.fullmatch(file.name)
            and file.name not in wanted
            and not file.is_symlink()
            and file.is_file()
        ):
            with file.open("rb") as opened:
                ours = PRODUCT_ID.encode() in opened.read(_HEAD)
            if ours:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def _name(subject: Subject) -> str:
    return f"provider-{subject.provider_id}" if subject.provider_id else f"clinic-{subject.clinic_id}"


def _content(tools: Tools, subject: Subject) -> bytes:
    now = tools.clock.now()
    with tools.work() as session:
        clinic = clinic_contact(session, subject.clinic_id, tools.uid_host)
        rows = calendar_rows(session, subject, now)
    # Links are called feed-<id>: what a file is called is never one of theirs.
    subscription = Subscription(f"export-{_name(subject).removeprefix('provider-')}", _OPENED_AT)
    audience = Audience("provider") if subject.provider_id else Audience("clinic_day")
    return provider_feed(rows, clinic=clinic, subscription=subscription, now=now, audience=audience)
