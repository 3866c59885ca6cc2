"""Opening a log with limits, whatever somebody put into it: a look at it, or its rows into a file and a report.

The file is opened by a process of its own (`log_process`). Three nets hang below the counts of `limits`:

- Silence: the process says how far it is every few hundred rows and every piece of a workbook. One that computes
  for SILENCE seconds without a word works on something that does not end, and is ended. The largest honest log is
  silent for about a second of computing at most. Where the system tells, it is computing that counts and not the
  clock, so that a busy machine refuses no honest log; by the clock a process may be silent PATIENCE times as long.
- Computing: COMPUTING seconds altogether, for what goes on and on in small steps. 100,000 rows take 8 of them
  as text and 14 as a workbook.
- Memory: the process has a gibibyte of addresses; 100,000 rows take 0.4. What it says is written to disk as it
  comes, MAX_SPOOL bytes at most, so whoever reads a log holds no more of it than a line.

It is given no environment (secrets live there), and its standard error goes nowhere, as it may quote a row.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import IO, Any

from clinic_scheduler.importing.columns.looks import Look, told_look
from clinic_scheduler.importing.errors import (
    ImportFileError,
    MappingError,
    UnreadableFile,
    UnrecognisedColumns,
)
from clinic_scheduler.importing.files.bare_environment import bare_environment
from clinic_scheduler.importing.files.limits import MAX_FILE_BYTES, MAX_ROWS, MEBIBYTE

SILENCE = 7.0
PATIENCE = 15
COMPUTING = 60
MEMORY = 1024 * MEBIBYTE
MAX_SPOOL = 400 * MEBIBYTE
_LONGEST_LINE = 64 * MEBIBYTE
_PROGRAM = Path(__file__).with_name("log_process.py")
_ERRORS = {
    kind.__name__: kind for kind in (ImportFileError, MappingError, UnreadableFile, UnrecognisedColumns)
}
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Limits:
    """What the process may take; tests make them small."""

    silence: float = SILENCE
    computing: int = COMPUTING
    memory: int = MEMORY
    spool: int = MAX_SPOOL


@dataclass(frozen=True)
class LogFile:
    """A file to read as the log stood on `as_of`; `mapping` is the text of its mapping file.

    With `any_kind` it may be a list of visits or contacts as well (diary.py); the report then names its `kind`.
    """

    content: IO[bytes]
    filename: str
    as_of: date
    mapping: str | None = None
    any_kind: bool = False


@dataclass(frozen=True)
class SpooledReading:
    """`told` is the report on the file (report.py), before anything is added; `place` is where most rows were given."""

    told: dict[str, Any]
    place: str | None


def read_limited(
    log: LogFile,
    spool: IO[bytes],
    progress: Progress = lambda done, total: None,
    limits: Limits | None = None,
) -> SpooledReading:
    """Write the log's rows to `spool`, a patient a line (spool.py). Raises ImportFileError."""
    limits = limits or Limits()
    with _opened(log, {}, limits) as process:
        told = _taken(process.lines(), spool, progress, limits.spool, log.filename)
    if told is None:
        raise UnreadableFile(_given_up(log.filename, process))
    return told


def look_limited(
    log: LogFile,
    remembered: Mapping[str, Mapping[str, Any]],
    progress: Progress = lambda done, total: None,
    limits: Limits | None = None,
) -> Look:
    """What the log's columns may be, before any row is read (looks.py). Raises ImportFileError.

    `remembered`: mappings by the fingerprint of their header, for a log without a mapping file.
    """
    with _opened(log, {"remembered": dict(remembered)}, limits or Limits()) as process:
        look = _looked(process.lines(), progress)
    if look is None:
        raise UnreadableFile(_given_up(log.filename, process))
    return look


@contextmanager
def _opened(log: LogFile, more: Mapping[str, Any], limits: Limits) -> Iterator["_Process"]:
    """The process with the log on its standard input."""
    # Unnamed and its owner's alone: this copy is on disk as long as it is read and no longer.
    with tempfile.TemporaryFile() as given:
        request = {"filename": log.filename, "as_of": log.as_of.isoformat(), "mapping": log.mapping, **more}
        allowed = {"seconds": limits.computing, "memory": limits.memory}
        asked = request | allowed | {"any_kind": log.any_kind}
        given.write(json.dumps(asked).encode() + b"\n")
        given.write(log.content.read(MAX_FILE_BYTES + 1))  # of a larger one, enough to be found too large
        given.seek(0)
        with _Process(given, limits.silence) as process:
            yield process


class _Process:
    """The reading process with somebody who listens; left, it has ended."""

    def __init__(self, given: IO[bytes], silence: float) -> None:
        self._silence = silence
        self._words = 0
        self._left = threading.Event()
        self._fell_silent = False
        self._running = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_PROGRAM)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(),
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "_Process":
        self._listener.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._left.set()
        self._listener.join()
        self._running.kill()
        self._running.wait()
        if self._running.stdout:
            self._running.stdout.close()

    @property
    def took_too_long(self) -> bool:
        used_up = -getattr(signal, "SIGXCPU", 0) or None
        return self._fell_silent or self._running.returncode == used_up

    def lines(self) -> Iterator[tuple[bytes, bytes]]:
        """What it says, until it ends: a word and its JSON with the line's end."""
        said = self._running.stdout
        while said and (line := said.readline(_LONGEST_LINE)).endswith(b"\n"):
            self._words += 1
            word, _, values = line.partition(b" ")
            yield word, values
        self._running.wait()

    def _listen(self) -> None:
        heard, since, computed = -1, 0.0, None
        while not self._left.wait(0.1):
            computing = computing_of(self._running.pid)
            if heard != self._words:
                heard, since, computed = self._words, monotonic(), computing
                continue
            silent = monotonic() - since
            if computing is None or computed is None:
                too_long = silent > self._silence
            else:
                too_long = computing - computed > self._silence or silent > self._silence * PATIENCE
            if too_long:
                self._fell_silent = True
                self._running.kill()
                return


def computing_of(pid: int, proc: Path = Path("/proc")) -> float | None:
    """Seconds of computing a process has used so far; None where the system does not tell (proc(5), stat)."""
    try:
        # Its name stands in brackets and may hold anything; the fields after it are counted from the third.
        fields = (proc / str(pid) / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _taken(
    lines: Iterator[tuple[bytes, bytes]], spool: IO[bytes], progress: Progress, most: int, name: str
) -> SpooledReading | None:
    """The report, once all rows are on disk; None where the process ended without one."""
    for word, values in lines:
        if _is_on_the_way(word, values, progress):
            continue
        if word == b"patient":
            spool.write(values)
            if spool.tell() > most:
                raise UnreadableFile(
                    f"{name} holds far more text than a table of treatments. Nothing was imported; "
                    "look for a column of long texts, and import the file without it."
                )
        else:
            return SpooledReading(*json.loads(values))
    return None


def _looked(lines: Iterator[tuple[bytes, bytes]], progress: Progress) -> Look | None:
    for word, values in lines:
        if not _is_on_the_way(word, values, progress):
            return told_look(*json.loads(values))
    return None


def _is_on_the_way(word: bytes, values: bytes, progress: Progress) -> bool:
    """Whether this only says how far it is. Raises what it refuses the file with."""
    if word == b"refused":
        kind, message = json.loads(values)
        raise _ERRORS[kind](message)
    if word == b"at":
        progress(*json.loads(values))
    return word == b"at"


def _given_up(name: str, process: _Process) -> str:
    why = (
        "takes too long to read" if process.took_too_long else "needs far more memory to read than a log does"
    )
    return (
        f"{name} {why}. Nothing was imported; copy the rows of the log into a new file, {MAX_ROWS:,} rows at most, "
        "save it as .csv, and import that."
    )
