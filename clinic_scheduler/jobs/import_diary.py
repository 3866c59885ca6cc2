"""Adding what a list of visits or of contacts from the import folder says; files are handled by import_folder.py."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import IO, Any

from clinic_scheduler.importing.diary.columns import FileKind
from clinic_scheduler.importing.diary.reading import contact_batches, visit_batches, with_counts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.diary import OutsideApplied, apply_visits
from clinic_scheduler.services.imports.phone_and_email import apply_contacts

PATIENTS_A_COMMIT = 25
Addition = Callable[[Change], OutsideApplied]


def add_diary(
    changing: Callable[[], AbstractContextManager[Change]],
    told: dict[str, Any],
    spool: IO[bytes],
    written_at: datetime,
    before_each: Callable[[], None],
) -> tuple[dict[str, Any], OutsideApplied]:
    """The file's report with what became of its rows, and that itself. Some patients are one unit of work.

    `written_at` is when the file was; `before_each` is called before each unit of work and may raise.
    """
    applied = OutsideApplied()
    for add in _additions(FileKind(told["kind"]), spool, written_at):
        before_each()
        with changing() as change:
            some = add(change)
        applied.add(some)
    return with_counts(told, applied.counts, applied.refused), applied


def _additions(kind: FileKind, spool: IO[bytes], written_at: datetime) -> Iterator[Addition]:
    if kind == FileKind.VISITS:
        for visits in visit_batches(spool, PATIENTS_A_COMMIT):
            yield partial(apply_visits, rows=visits)
    else:
        for contacts in contact_batches(spool, PATIENTS_A_COMMIT):
            yield partial(apply_contacts, rows=contacts, written_at=written_at)
