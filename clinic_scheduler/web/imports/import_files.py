"""Rows of an uploaded log on their way into the database: kept apart, for one person's sign-in, an hour at most.

What was read of it is a file of rows (importing/spool.py) and a file that says how far the import is. How the rows
get there is in import_reading.py; the upload itself, kept for a change of mind about its columns, in import_uploads.py.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask import session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.importing import uploads
from clinic_scheduler.importing.files.limits import MAX_PROBLEMS
from clinic_scheduler.importing.spool import Patient, batches, next_patients, without_identical
from clinic_scheduler.services.imports.applying import Applied
from clinic_scheduler.web.context import actor, now, settings

ROWS, STATE, READING = ".rows", ".json", ".reading"
UPLOAD, ASKED, LOOK, MOVED = ".upload", ".asked", ".look", ".moved"
_KEY = "import"


@dataclass(slots=True)
class Import:
    """`told` is the report so far; `offset` is where in the file of rows the next patients begin.

    `unlisted` counts rows the database refused that `added` lists no more.
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
    unlisted: int = 0
    identical_once: bool = False
    added: Applied = field(default_factory=Applied)

    def add(self, applied: Applied) -> None:
        """The state is written at every step, so its lists stay short however many rows are refused."""
        self.added.add(applied)
        self.unlisted += len(self.added.refused[MAX_PROBLEMS:])
        del self.added.refused[MAX_PROBLEMS:], self.added.providers[MAX_PROBLEMS:]


def new_upload() -> str:
    """A name for this sign-in's upload, in place of whatever it had uploaded before."""
    drop()
    folder = uploads.folder_in(settings().data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uploads.sweep(folder, now())  # the worker does it every five minutes, where it sees this folder
    session[_KEY] = uploads.fresh_name(now())
    return name_of_upload()


def name_of_upload() -> str:
    """What this sign-in has uploaded. Raises NotFound where that is nothing, or nothing any more."""
    name = str(session.get(_KEY, ""))
    while (fresh := _moved_to(name)) is not None:
        name = fresh
    if not uploads.still_kept(name, now()):
        raise NotFound("no import is under way")
    return name


def rename(old: str, fresh: str) -> None:
    """From here this sign-in's upload has another name; what belonged to the old one is gone.

    A browser that asks twice asks under the old name again: a word is left there that leads to the new one.
    """
    whose = {"user_id": actor().user_id or 0, "clinic_id": actor().clinic_id}
    uploads.put(path(old, MOVED), json.dumps(whose | {"to": fresh}).encode())
    session[_KEY] = fresh
    _take_away(old)


def _moved_to(name: str) -> str | None:
    if not uploads.still_kept(name, now()) or not path(name, MOVED).exists():
        return None
    return str(own_values(name, MOVED)["to"])


def begin(name: str, told: dict[str, Any]) -> Import:
    """The rows of that name are read; from here they can be imported."""
    fresh = Import(name, actor().user_id or 0, actor().clinic_id, told, told["patients"])
    keep(fresh)
    path(name, READING).unlink(missing_ok=True)
    return fresh


def adding_has_begun(name: str) -> bool:
    """Whether rows of that name are in the database already: what its columns are is settled then."""
    if not path(name, STATE).exists():
        return False
    values = own_values(name, STATE)
    return bool(values["done"] or values["finished"])


def keep(state: Import) -> None:
    uploads.put(path(state.name, STATE), json.dumps(asdict(state)).encode())


def current() -> Import:
    """The import of this sign-in. Raises NotFound where there is none, or none any more."""
    values = own_values(name_of_upload(), STATE)
    refused = [(line, reason) for line, reason in values["added"].pop("refused")]
    return Import(**values | {"added": Applied(**values["added"], refused=refused)})


def own_values(name: str, ending: str) -> dict[str, Any]:
    """What a file of this upload says. Raises NotFound where it is another person's or clinic's, or not there."""
    try:
        values: dict[str, Any] = json.loads(path(name, ending).read_bytes())
    except (OSError, ValueError):
        raise NotFound("no import is under way") from None
    if (values["user_id"], values["clinic_id"]) != (actor().user_id or 0, actor().clinic_id):
        raise NotFound("no import is under way")
    return values


def next_batch(state: Import, most: int) -> tuple[list[Patient], int]:
    """The next patients, so many at most, and where those after them begin."""
    with path(state.name, ROWS).open("rb") as rows:
        rows.seek(state.offset)
        return _chosen(state, next_patients(rows, most)), rows.tell()


def kept_patients(state: Import, most: int) -> Iterator[list[Patient]]:
    """All that will be imported, from the first patient on, so many at a time."""
    with path(state.name, ROWS).open("rb") as rows:
        for batch in batches(rows, most):
            yield _chosen(state, batch)


def _chosen(state: Import, patients: list[Patient]) -> list[Patient]:
    return [without_identical(own) for own in patients] if state.identical_once else patients


def drop_rows(state: Import) -> None:
    """All are in the database now; the report alone stays, to be fetched."""
    for ending in (ROWS, UPLOAD, ASKED, LOOK):
        path(state.name, ending).unlink(missing_ok=True)


def drop() -> None:
    """Leave nothing of this sign-in's upload; a reading that is under way ends at its next look."""
    with suppress(NotFound):
        _take_away(name_of_upload())
    session.pop(_KEY, None)


def _take_away(name: str) -> None:
    for ending in (READING, ROWS, STATE, UPLOAD, ASKED, LOOK):
        path(name, ending).unlink(missing_ok=True)


def path(name: str, ending: str) -> Path:
    return uploads.folder_in(settings().data_dir) / f"{name}{ending}"
