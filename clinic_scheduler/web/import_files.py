"""Rows of an uploaded log on their way into the database: kept apart, for one person's sign-in, an hour at most.

The upload itself is not kept, only what was read of it: a file of rows, a batch a line, and a file that says how
far the import is. Names say when they were made and nothing else.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.importing import ImportedRow
from clinic_scheduler.services.imports import Applied
from clinic_scheduler.web.context import actor, now, settings

KEPT = timedelta(hours=1)
_SWEPT_EVERY = timedelta(minutes=1)
_KEY, _SWEPT = "import", "clinic_uploads_swept"
_NAME = re.compile(r"(\d{1,12})-[\w-]{22}(\.rows|\.json)")
_DATES = ("birth_date", "given_on", "lot_expires_on")


@dataclass(slots=True)
class Import:
    """`told` is the report so far; `offset` is where in the file of rows the next batch begins.

    `identical_once`: rows that say exactly what another says are left out, by whoever imports.
    """

    name: str
    user_id: int
    clinic_id: int
    told: dict[str, Any]
    patients: int
    done: int = 0
    offset: int = 0
    finished: bool = False
    identical_once: bool = False
    added: Applied = field(default_factory=Applied)


def register(app: Flask) -> None:
    app.before_request(_sweep)


def begin(told: dict[str, Any], batches: Iterable[Sequence[Sequence[Any]]], patients: int) -> Import:
    """Keep what was read, in place of whatever this sign-in had uploaded before."""
    drop()
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{int(now().timestamp())}-{secrets.token_urlsafe(16)}"
    with _private(_path(name, ".rows")) as out:
        for batch in batches:
            rows = [[asdict(row) for row in own] for own in batch]
            out.write(json.dumps(rows, default=date.isoformat).encode() + b"\n")
    fresh = Import(name, actor().user_id or 0, actor().clinic_id, told, patients)
    keep(fresh)
    session[_KEY] = name
    return fresh


def keep(state: Import) -> None:
    """Whole or not at all: a reader sees the old state or the new one."""
    path = _path(state.name, ".json")
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    with _private(fresh) as out:
        out.write(json.dumps(asdict(state)).encode())
    os.replace(fresh, path)


def current() -> Import:
    """What this sign-in has uploaded. Raises NotFound where that is nothing, or nothing any more."""
    name = session.get(_KEY, "")
    try:
        values = json.loads(_path(name, ".json").read_bytes())
    except (OSError, ValueError):
        raise NotFound("no import is under way") from None
    refused = [(line, reason) for line, reason in values["added"].pop("refused")]
    state = Import(**values | {"added": Applied(**values["added"], refused=refused)})
    if (state.user_id, state.clinic_id) != (actor().user_id, actor().clinic_id):
        raise NotFound("no import is under way")
    return state


def next_batch(state: Import) -> tuple[Sequence[Sequence[ImportedRow]], int] | None:
    """The next patients and where the batch after them begins; None where no more are left."""
    with _path(state.name, ".rows").open("rb") as rows:
        rows.seek(state.offset)
        line = rows.readline()
        return (_read(state, line), rows.tell()) if line else None


def kept_rows(state: Import) -> Iterator[ImportedRow]:
    """All that will be imported, from the first patient on."""
    at = replace(state, offset=0)
    while found := next_batch(at):
        batch, at.offset = found
        yield from (row for own in batch for row in own)


def _read(state: Import, line: bytes) -> Sequence[Sequence[ImportedRow]]:
    batch = [[_row(values) for values in own] for own in json.loads(line)]
    if not state.identical_once:
        return batch
    return [[row for row in own if row.same_as is None] for own in batch]


def drop_rows(state: Import) -> None:
    """All are in the database now; the report alone stays, to be fetched."""
    _path(state.name, ".rows").unlink(missing_ok=True)


def drop() -> None:
    """Leave nothing of this sign-in's upload."""
    name = session.pop(_KEY, None)
    if name and _NAME.fullmatch(f"{name}.rows"):
        for ending in (".rows", ".json"):
            _path(name, ending).unlink(missing_ok=True)


def _row(values: dict[str, Any]) -> ImportedRow:
    dates = {name: date.fromisoformat(values[name]) for name in _DATES if values[name]}
    return ImportedRow(**values | dates)


def _folder() -> Path:
    return settings().data_dir / "uploads"


def _path(name: str, ending: str) -> Path:
    return _folder() / f"{name}{ending}"


def _private(path: Path) -> Any:
    """A new file that its owner alone may read, from its first byte."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sweep() -> None:
    """What is older than an hour goes, whoever asks for whatever page; looked for once a minute."""
    at: datetime = now()
    swept = current_app.extensions.get(_SWEPT)
    if swept is not None and timedelta(0) <= at - swept < _SWEPT_EVERY:
        return
    current_app.extensions[_SWEPT] = at
    for path in _folder().glob("*-*"):
        begun = path.name.partition("-")[0]
        if begun.isdigit() and int(begun) < (at - KEPT).timestamp():
            path.unlink(missing_ok=True)
