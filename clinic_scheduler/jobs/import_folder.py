"""The import tick: what a record system puts into a folder is read, added once, and filed with its report.

A file is a log of injections, a list of booked visits or a list of contacts, which its header tells.

IMPORT_DIR belongs to the only clinic; of several, each has a folder in it named by its id. A file is taken once it
has stopped growing. It is moved to `working/` while it is read, which one worker alone can do, and then to `done/`
or, where it could not be read, to `failed/`, beside a report. What a worker left behind in `working/` is put back:
rows that were added already are known again, so nothing is added twice.
"""

import hashlib
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.importing import ImportFileError, MappingError
from clinic_scheduler.importing.columns.mapping import mapping_file_text
from clinic_scheduler.importing.diary.columns import FileKind
from clinic_scheduler.importing.files.limited import LogFile, SpooledReading, look_limited, read_limited
from clinic_scheduler.importing.report import with_added
from clinic_scheduler.importing.spool import batches
from clinic_scheduler.importing.uploads import private
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.jobs.import_claims import (
    claim,
    free_path,
    give_back,
    put_back,
    readable,
    settled,
    written_at,
)
from clinic_scheduler.jobs.import_diary import PATIENTS_A_COMMIT, add_diary
from clinic_scheduler.jobs.import_strangers import tell_of_strangers
from clinic_scheduler.queries.imports.mappings import mappings_of
from clinic_scheduler.queries.lookups import clinic_ids
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.applying import Applied, apply
from clinic_scheduler.services.imports.batches import add_batch
from clinic_scheduler.services.work_items import open_item

DONE, FAILED = "done", "failed"
MAPPINGS = "mappings"
SYSTEM = "import folder"
_NOTE_LENGTH = 120
logger = logging.getLogger(__name__)


class _Stopping(Exception):
    """The worker is asked to end: the file waits for the next one."""


@dataclass(frozen=True, slots=True)
class _Result:
    """`report` is for the file beside the log; `trouble` says in a few words what a person has to look at."""

    folder: str
    report: dict[str, Any]
    trouble: str


def import_folder(tools: Tools) -> Counts:
    """Every clinic's files, one after another. A fault with one file is filed with it; the others go on."""
    if tools.import_dir is None or not tools.import_dir.is_dir():
        return {}
    now = tools.clock.now()
    counts: Counter[str] = Counter()
    for clinic_id, folder in _folders(tools, tools.import_dir):
        counts["put_back"] += put_back(folder, now)
        for waiting in settled(folder, now):
            if tools.stopping():
                return counts
            claimed = claim(folder, waiting, now)
            if claimed is not None:
                counts[_import(tools, clinic_id, folder, claimed, readable(waiting.name))] += 1
    return {name: number for name, number in counts.items() if number}


def _folders(tools: Tools, root: Path) -> Iterator[tuple[int, Path]]:
    with tools.work() as session:
        known = clinic_ids(session)
    if len(known) == 1:
        yield known[0], root
    for clinic_id in known:
        if len(known) > 1 and (root / str(clinic_id)).is_dir():
            yield clinic_id, root / str(clinic_id)


def _import(tools: Tools, clinic_id: int, folder: Path, claimed: Path, name: str) -> str:
    """Read, add, file; returns what became of it, for the counts."""
    now = tools.clock.now()
    try:
        with claimed.open("rb") as content:
            key = hashlib.file_digest(content, "sha256").hexdigest()[:24]
        result = _added(tools, clinic_id, folder, claimed, name, now)
    except _Stopping:
        give_back(folder, claimed)
        return "waits"
    except ImportFileError as error:
        result = _Result(FAILED, {"file": name, "error": error.said}, "could not be read")
    except Exception as error:
        # Its text is not kept, as it may quote a row.
        logger.error("a file of the import folder could not be imported (%s)", fault(error))
        said = "It could not be imported here. What was added stays; put it back to try again."
        result = _Result(FAILED, {"file": name, "error": said}, "could not be imported")
    if result.trouble:
        with tools.work() as session:
            open_item(
                session,
                clinic_id,
                WorkItemKind.IMPORT_PROBLEMS,
                f"{WorkItemKind.IMPORT_PROBLEMS}:{clinic_id}:{key}",
                now,
                note=f"{name[:60]}: {result.trouble}"[:_NOTE_LENGTH],
            )
    _file(folder, claimed, name, result, now)
    return result.folder


def _added(tools: Tools, clinic_id: int, folder: Path, claimed: Path, name: str, now: datetime) -> _Result:
    changing = partial(_changing, tools, Actor(SYSTEM, clinic_id), now)
    with tools.work() as session:
        today = local_date(now, clinic_zone(session, clinic_id))
    with tempfile.TemporaryFile() as spool:
        with claimed.open("rb") as content:
            mapping = _mapping_for(folder, name) or _remembered(tools, clinic_id, content, name, today)
            reading = read_limited(LogFile(content, name, today, mapping, any_kind=True), spool)
        kind, strangers = FileKind(reading.told.get("kind", FileKind.LOG)), Counter[str]()
        if kind == FileKind.LOG:
            applied = _apply(tools, changing, spool)
            report = with_added(reading.told, applied) | {"dry_run": False}
            counts = {key: getattr(applied, key) for key in ("patients", "courses", "treatments", "known")}
        else:
            since = written_at(claimed, now)
            go_on = partial(_go_on, tools)
            report, outside = add_diary(changing, reading.told, spool, since, go_on)
            counts, strangers = dict(outside.counts), outside.strangers
    with changing() as change:
        record(change, "imported", kind, None, **counts)
    if kind == FileKind.VISITS:
        tell_of_strangers(tools, clinic_id, folder, name, strangers, now)
    return _Result(DONE, report, _trouble(report, reading, sum(strangers.values())))


def _mapping_for(folder: Path, name: str) -> str | None:
    """The text of the mapping with whose name the file's begins, the longest such name; None where there is none."""
    fitting = [
        path
        for path in (folder / MAPPINGS).glob("*.json")
        if name.casefold().startswith(path.stem.casefold())
    ]
    return mapping_file_text(max(fitting, key=lambda path: len(path.stem))) if fitting else None


def _remembered(tools: Tools, clinic_id: int, content: IO[bytes], name: str, today: date) -> str | None:
    """What was said of the columns under this header when such a log was last imported by hand."""
    with tools.work() as session:
        known = {row.header_key: dict(row.mapping) for row in mappings_of(session, clinic_id)}
    if not known:
        return None
    try:
        look = look_limited(LogFile(content, name, today), known)
    except ImportFileError:
        return None  # reading says what is wrong with it
    finally:
        content.seek(0)
    if look.refused:
        raise MappingError(f"What is remembered of these headers does not fit them any more. {look.refused}")
    return json.dumps(look.mapping) if look.mapping else None


def _go_on(tools: Tools) -> None:
    if tools.stopping():
        raise _Stopping


@contextmanager
def _changing(tools: Tools, actor: Actor, now: datetime) -> Iterator[Change]:
    with tools.work() as session:
        yield Change(session, actor, now)


def _apply(tools: Tools, changing: Callable[[], AbstractContextManager[Change]], spool: IO[bytes]) -> Applied:
    """Some patients a unit of work; a worker that is asked to end stops between two, and all is found again."""
    applied = Applied()
    for batch in batches(spool, PATIENTS_A_COMMIT):
        _go_on(tools)
        applied.add(add_batch(changing, apply, batch))
    return applied


def _trouble(report: dict[str, Any], reading: SpooledReading, of_strangers: int) -> str:
    """What of a file that was imported has to be looked at; nothing where all is well.

    Rows of people whom nobody here knows come again each night and are told apart (import_strangers.py). Nobody is
    there to be asked whether identical rows are one injection written twice: they are kept, and said.
    """
    parts = []
    if left_out := report["bad_rows"] - of_strangers:
        parts.append(f"{left_out} of {report['rows']} rows were left out")
    if reading.told.get("identical_rows"):
        parts.append(f"{reading.told['identical_rows']} identical rows were kept")
    if not reading.told.get("date_order_certain", True):
        # A visit on the wrong day is one that somebody is called in for.
        parts.append("check some visits, as nothing proves if the day or month comes first")
    return ", ".join(parts)


def _file(folder: Path, claimed: Path, name: str, result: _Result, now: datetime) -> None:
    """Beside it its report, which only its owner may read: it quotes cells of the file."""
    place = folder / result.folder
    place.mkdir(mode=0o700, exist_ok=True)
    target = free_path(place, f"{now:%Y%m%dT%H%M%SZ}-{name}")
    with private(target.with_name(f"{target.name}.report.json")) as out:
        out.write(json.dumps(result.report, indent=1, ensure_ascii=False).encode() + b"\n")
    with suppress(PermissionError):  # what nobody here may read, nobody here may close
        claimed.chmod(0o600)
    claimed.rename(target)
