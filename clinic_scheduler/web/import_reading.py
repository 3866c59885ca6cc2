"""Reading an uploaded log while its page waits: a thread listens to the limited process, a file says how far it is.

Any web process can answer from that file, whichever of them reads. Whoever drops the upload deletes the file,
and that ends the reading.
"""

import json
import logging
import tempfile
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfileobj
from time import monotonic
from typing import IO, Any

from clinic_scheduler.importing import ImportFileError, MappingError, uploads
from clinic_scheduler.importing.limited import SILENCE, LogFile, read_limited
from clinic_scheduler.web.context import actor, now, today
from clinic_scheduler.web.import_files import READING, ROWS, new_upload, own_values, path

AT_ONCE = 0.4  # seconds that a page waits for a file that is read in no time
_TOLD_EVERY = 0.25
_GONE = timedelta(seconds=4 * SILENCE)
_STOPPED = (
    "Reading was interrupted, as the service was started anew. Nothing was imported; check the file again."
)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reading:
    """How far reading is; at its end either `told`, the report, or `refused`: the field at fault and why."""

    user_id: int
    clinic_id: int
    file: str
    done: int = 0
    total: int | None = None
    told: dict[str, Any] | None = None
    refused: tuple[str, str] | None = None

    @property
    def finished(self) -> bool:
        return self.told is not None or self.refused is not None

    @property
    def says(self) -> str:
        if self.finished:
            return "All rows are read. Comparing them with what is recorded…"
        if self.total:
            return f"{self.done:,} of {self.total:,} rows checked"
        return f"{self.done:,} rows found" if self.done else "Opening the file"


class _Dropped(Exception):
    """Nobody wants this upload any more."""


def begin(content: IO[bytes], filename: str, mapping: str | None) -> None:
    """Start reading for this sign-in. The upload is copied to a file without a name, gone with its reading."""
    name = new_upload()
    state = Reading(actor().user_id or 0, actor().clinic_id, filename)
    where = path(name, READING)
    uploads.put(where, json.dumps(asdict(state)).encode())
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - the thread closes it
    copyfileobj(content, kept)
    kept.seek(0)
    reading = LogFile(kept, filename, today(), mapping)
    threading.Thread(target=_read, args=(reading, state, where, path(name, ROWS)), daemon=True).start()


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


def _read(given: LogFile, state: Reading, where: Path, rows: Path) -> None:
    """The thread's work: outside any request, so it is given all it needs."""
    told_at = 0.0

    def progress(done: int, total: int | None) -> None:
        nonlocal told_at
        if monotonic() - told_at > _TOLD_EVERY:
            told_at, state.done, state.total = monotonic(), done, total
            _tell(where, state)

    try:
        with given.content, uploads.private(rows) as spool:
            state.told = read_limited(given, spool, progress).told
        _tell(where, state)
    except _Dropped:
        rows.unlink(missing_ok=True)
    except Exception as error:
        rows.unlink(missing_ok=True)
        state.told, state.refused = None, _reason(error)
        if where.exists():
            uploads.put(where, json.dumps(asdict(state)).encode())


def _tell(where: Path, state: Reading) -> None:
    if not where.exists():
        raise _Dropped
    uploads.put(where, json.dumps(asdict(state)).encode())


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, ImportFileError):
        safe = "" if "othing was imported" in str(error) else " Nothing was imported."
        return "mapping" if isinstance(error, MappingError) else "log", f"{error}{safe}"
    # Its text is not logged, as it may quote a row.
    log.error("an upload could not be read (%s)", type(error).__name__)
    return "log", "The file could not be read here. Nothing was imported; tell your administrator."
