"""Adding what a list of visits or of contacts from the import folder says; files are handled by import_folder.py."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import IO, Any

from sqlalchemy.orm import Session

from clinic_scheduler.importing.diary.columns import FileKind
from clinic_scheduler.importing.diary.reading import contact_batches, visit_batches, with_counts
from clinic_scheduler.jobs.context import Tools
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.imports.diary import OutsideApplied, apply_visits
from clinic_scheduler.services.imports.phone_and_email import apply_contacts

PATIENTS_A_COMMIT = 25
Addition = Callable[[Session], OutsideApplied]


def add_diary(
    tools: Tools,
    actor: Actor,
    told: dict[str, Any],
    spool: IO[bytes],
    written_at: datetime,
    now: datetime,
    before_each: Callable[[], None],
) -> tuple[dict[str, Any], OutsideApplied]:
    """The file's report with what became of its rows, and that itself. Some patients are one unit of work.

    `written_at` is when the file was; `before_each` is called before each unit of work and may raise.
    """
    applied = OutsideApplied()
    for add in _additions(FileKind(told["kind"]), actor, spool, written_at, now):
        before_each()
        with tools.work() as session:
            some = add(session)
        applied.add(some)
    return with_counts(told, applied.counts, applied.refused), applied


def _additions(
    kind: FileKind, actor: Actor, spool: IO[bytes], written_at: datetime, now: datetime
) -> Iterator[Addition]:
    if kind == FileKind.VISITS:
        for visits in visit_batches(spool, PATIENTS_A_COMMIT):
            yield partial(apply_visits, actor=actor, rows=visits, now=now)
    else:
        for contacts in contact_batches(spool, PATIENTS_A_COMMIT):
            yield partial(apply_contacts, actor=actor, rows=contacts, written_at=written_at, now=now)
