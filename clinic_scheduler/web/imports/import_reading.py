"""Reading an uploaded log while its page waits: a thread listens to the limited process, a file says how far it is.

First a look at its columns; where nothing needs a person the rows are read at once. Any web process can answer from
that file, whichever of them reads. Whoever drops the upload deletes the file, and that ends the reading.
"""

import json
import logging
import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from clinic_scheduler.importing import ImportFileError, MappingError, uploads
from clinic_scheduler.importing.columns.looks import Look, look_told
from clinic_scheduler.importing.columns.unknown_values import Vocabulary
from clinic_scheduler.importing.files.limited import SILENCE, LogFile, Progress, look_limited, read_limited
from clinic_scheduler.queries.imports.mappings import mappings_of
from clinic_scheduler.web.context import actor, now, reading, today
from clinic_scheduler.web.imports import import_uploads
from clinic_scheduler.web.imports.import_files import LOOK, READING, ROWS, UPLOAD, own_values, path
from clinic_scheduler.web.imports.import_uploads import KnownNames, Upload

AT_ONCE = 0.4  # seconds that a page waits for a file that is read in no time
_TOLD_EVERY = 0.25
_NAMES = (Vocabulary.PROVIDERS, Vocabulary.PLACES)
_GONE = timedelta(seconds=4 * SILENCE)
_STOPPED = (
    "Reading was interrupted, as the service was started anew. Nothing was imported; check the file again."
)
log = logging.getLogger(__name__)


class Ask(StrEnum):
    """When a person is asked before the rows are read; columns that are in doubt are always asked about."""

    FIRST = "first"  # to look at the columns
    WHAT_MATTERS = "what_matters"  # words without which rows would be left out or have no course
    EVERY_WORD = "every_word"  # new providers and places too
    NOTHING_MORE = "nothing_more"


class Asked(StrEnum):
    """What a person is asked, and nothing where rows can be read."""

    NOTHING = ""
    COLUMNS = "columns"
    WORDS = "words"


@dataclass(slots=True)
class Reading:
    """How far reading is; at its end the report as `told`, what a person is `asked`, or `refused`: a field and why."""

    user_id: int
    clinic_id: int
    file: str
    done: int = 0
    total: int | None = None
    told: dict[str, Any] | None = None
    refused: tuple[str, str] | None = None
    asked: str = Asked.NOTHING

    @property
    def finished(self) -> bool:
        return self.told is not None or self.refused is not None or bool(self.asked)

    @property
    def says(self) -> str:
        if self.asked:
            return "Some of it needs you…"
        if self.finished:
            return "All rows are read. Comparing them with what is recorded…"
        if self.total:
            return f"{self.done:,} of {self.total:,} rows checked"
        return f"{self.done:,} rows found" if self.done else "Opening the file"


class _Dropped(Exception):
    """Nobody wants this upload any more."""


@dataclass(frozen=True)
class _Task:
    """All that the thread needs, since it works outside any request."""

    log: LogFile
    state: Reading
    state_file: Path
    look_file: Path
    rows_file: Path
    ask: Ask
    remembered: dict[str, dict[str, Any]]
    known: KnownNames


def begin(upload: Upload, ask: Ask) -> None:
    """Look at the upload and read it, unless a person is to be asked before."""
    state = Reading(upload.user_id, upload.clinic_id, upload.filename)
    where = path(upload.name, READING)
    uploads.put(where, json.dumps(asdict(state)).encode())
    content = path(upload.name, UPLOAD).open("rb")  # the thread closes it
    task = _Task(
        LogFile(content, upload.filename, today(), upload.mapping),
        state,
        where,
        path(upload.name, LOOK),
        path(upload.name, ROWS),
        ask,
        {row.header_key: dict(row.mapping) for row in mappings_of(reading(), actor().clinic_id)},
        import_uploads.known_names(),
    )
    threading.Thread(target=_work, args=(task,), daemon=True).start()


def current(name: str) -> Reading:
    """How far it is. Raises NotFound where this sign-in reads nothing of that name."""
    state = Reading(**own_values(name, READING))
    if not state.finished and _silent_for(path(name, READING), now()) > _GONE:
        state.refused = ("log", _STOPPED)
    return state


def waited(name: str) -> Reading:
    """The same, but a file that takes no time is waited for, so that its page comes at once."""
    until = monotonic() + AT_ONCE
    while not (state := current(name)).finished and monotonic() < until:
        threading.Event().wait(0.02)
    return state


def _silent_for(where: Path, at: datetime) -> timedelta:
    try:
        return at - datetime.fromtimestamp(where.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _work(task: _Task) -> None:
    state = task.state
    told_at = 0.0

    def progress(done: int, total: int | None) -> None:
        nonlocal told_at
        if monotonic() - told_at > _TOLD_EVERY:
            told_at, state.done, state.total = monotonic(), done, total
            _tell(task.state_file, state)

    try:
        with task.log.content:
            look = look_limited(task.log, task.remembered, progress)
            _keep_look(task, look)
            state.asked = _asked(task, look)
            if not state.asked:
                state.told = _rows_read(task, look, progress)
        _tell(task.state_file, state)
    except _Dropped:
        task.rows_file.unlink(missing_ok=True)
    except Exception as error:
        task.rows_file.unlink(missing_ok=True)
        state.told, state.refused = None, _reason(error)
        if task.state_file.exists():
            uploads.put(task.state_file, json.dumps(asdict(state)).encode())


def _rows_read(task: _Task, look: Look, progress: Progress) -> dict[str, Any]:
    """Write the rows, by the mapping that was looked with. Raises ImportFileError, _Dropped."""
    task.log.content.seek(0)
    mapping = json.dumps(look.mapping) if look.mapping else None
    with uploads.private(task.rows_file) as spool:
        return read_limited(replace(task.log, mapping=mapping), spool, progress).told


def _keep_look(task: _Task, look: Look) -> None:
    if not task.state_file.exists():
        raise _Dropped
    whose = {"user_id": task.state.user_id, "clinic_id": task.state.clinic_id}
    uploads.put(task.look_file, json.dumps(whose | {"look": look_told(look)}).encode())


def _asked(task: _Task, look: Look) -> Asked:
    if task.ask is Ask.FIRST or look.refused or not look.guess.sure:
        return Asked.COLUMNS
    words = import_uploads.unknown_words(look, task.known)
    if task.ask is Ask.WHAT_MATTERS:
        words = [word for word in words if word.vocabulary not in _NAMES]
    return Asked.WORDS if words and task.ask is not Ask.NOTHING_MORE else Asked.NOTHING


def _tell(where: Path, state: Reading) -> None:
    if not where.exists():
        raise _Dropped
    uploads.put(where, json.dumps(asdict(state)).encode())


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, ImportFileError):
        return "mapping" if isinstance(error, MappingError) else "log", error.said
    # Its text is not logged, as it may quote a row.
    log.error("an upload could not be read (%s)", type(error).__name__)
    return "log", "The file could not be read here. Nothing was imported; tell your administrator."
