"""The export tick: each provider's and clinic's calendar as a file for whatever reads folders, whole or not at all."""

import logging
import os
import re
import secrets
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic_scheduler.calendars.feed import PRODUCT_ID, provider_feed, stopped_feed
from clinic_scheduler.domain.calendars.values import Audience, Subscription
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.queries.calendars.rows import (
    Subject,
    calendar_rows,
    clinic_contact,
    clinic_of_provider,
    export_subjects,
)

# No link was ever opened for a file; the notice in an empty calendar stands on this day, so bytes repeat.
_OPENED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_OURS = re.compile(r"(provider|clinic)-[1-9][0-9]*\.ics", re.ASCII)
# What the one event of an ended calendar is called by, and the day it stands on.
_NOTICE = b"UID:notice-export-"
_ON = re.compile(rb"DTSTART;VALUE=DATE:([0-9]{8})")
NOTICE_KEPT = timedelta(days=30)
_HEAD = 200  # bytes in which a calendar of ours has said whose product it is
logger = logging.getLogger(__name__)


def export_calendars(tools: Tools) -> Counts:
    """Write what has changed, and end the files of calendars that are exported no more.

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
    counts.update(end_others(tools, {f"{_name(subject)}.ics" for subject in subjects}))
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


def end_others(tools: Tools, wanted: Collection[str]) -> Counts:
    """What was exported before and is not `wanted` any more, of a provider who takes no bookings, say: its readers
    would keep the visits of a file that is gone, so a notice takes their place for a while, and then the file goes.

    Only what both is called and begins as our files do; whatever else is in the folder is somebody else's.
    """
    counts: Counter[str] = Counter()
    for file in sorted(tools.export_dir.iterdir()):
        if not _OURS.fullmatch(file.name) or file.name in wanted or file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        if PRODUCT_ID.encode() not in content[:_HEAD]:
            continue
        notice = None if _NOTICE in content else _notice(tools, file.stem)
        if notice is not None:
            counts["ended"] += export(tools.export_dir, file.name, notice)
        elif _NOTICE not in content or _is_old(content, tools.clock.now()):
            file.unlink(missing_ok=True)
            counts["removed"] += 1
    return counts


def _is_old(notice: bytes, now: datetime) -> bool:
    """Whether whoever reads the file has had time enough to see the day on which it ended."""
    on = _ON.search(notice)
    return on is None or f"{now - NOTICE_KEPT:%Y%m%d}" > on[1].decode()


def _notice(tools: Tools, name: str) -> bytes | None:
    """The one event that is left of a calendar; None for somebody's of whom nothing is known any more."""
    now, is_provider, key = tools.clock.now(), name.startswith("provider-"), int(name.partition("-")[2])
    with tools.work() as session:
        clinic_id = clinic_of_provider(session, key) if is_provider else None
        if clinic_id is None:
            return None
        clinic = clinic_contact(session, clinic_id, tools.uid_host)
    on = now.astimezone(ZoneInfo(clinic.zone)).date()
    subscription = Subscription(f"export-{key}", _OPENED_AT)
    return stopped_feed(
        on=on, clinic=clinic, subscription=subscription, updated_at=now, audience=Audience("provider")
    )


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
