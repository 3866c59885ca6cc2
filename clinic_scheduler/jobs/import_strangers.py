"""Visits of a nightly list whose patient nobody here knows: one work list item, kept true night by night.

Such a list names the whole clinic and comes again each night, most of it as it was. Which people the desk was asked
about is kept in the folder beside the lists, as digests of their numbers: whoever closed the item is not asked about
the same ones again. Once all are known here, or have no visit ahead, the item ends by itself.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.importing import uploads
from clinic_scheduler.jobs.context import Tools
from clinic_scheduler.services.work_items import end_item, keep_item

# Its name begins as that of no export does, so that nobody takes it for one.
_ASKED = ".asked-about.json"


def tell_of_strangers(
    tools: Tools, clinic_id: int, folder: Path, name: str, strangers: Mapping[str, int], now: datetime
) -> None:
    """`strangers`: how many visits ahead each number has in the file of that name."""
    series = re.sub(r"\d+", "", name).casefold()
    key = f"{WorkItemKind.IMPORT_PROBLEMS}:{clinic_id}:strangers:{_digest(series)}"
    asked = _asked_about(folder)
    before, people = set(asked.get(series, ())), {_digest(f"{clinic_id}:{mrn}") for mrn in strangers}
    with tools.work() as session:
        if people:
            note = f"{name[:40]}: {_said(strangers)}"
            keep_item(
                session,
                clinic_id,
                WorkItemKind.IMPORT_PROBLEMS,
                key,
                now,
                anew=not people <= before,
                note=note,
            )
        else:
            end_item(session, key, "corrected", now)
    if people != before:
        told = {**asked, series: sorted(people)}
        uploads.put(folder / _ASKED, json.dumps({name: each for name, each in told.items() if each}).encode())


def _said(strangers: Mapping[str, int]) -> str:
    visits, people = sum(strangers.values()), len(strangers)
    of_whom = f"{people} people nobody here knows" if people > 1 else "somebody nobody here knows"
    return f"{visits} {'visits' if visits > 1 else 'visit'} ahead of {of_whom}"


def _asked_about(folder: Path) -> dict[str, list[str]]:
    """Series of files -> digests. What cannot be read is as nothing: the desk is asked once more."""
    try:
        told = json.loads((folder / _ASKED).read_bytes())
        return {str(series): [str(each) for each in people] for series, people in told.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
