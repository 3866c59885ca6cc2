"""Files of the import folder while a worker has them: found, taken from everybody else, given back.

A file that is taken waits in `working/` under a token, when it was written, and its own name.
"""

import logging
import os
import re
import secrets
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clinic_scheduler.jobs.context import fault

WORKING = "working"
# Nobody has written to a file for so long: its export is over.
SETTLED = timedelta(seconds=60)
# A worker that has had a file for so long is gone.
LEFT_BEHIND = timedelta(hours=2)
# Names under which programs write what is not whole yet.
_UNFINISHED = re.compile(r"^[.~]|~$|\.(?:tmp|part|partial|crdownload|filepart|swp)$", re.IGNORECASE)
_CLAIMED = re.compile(r"[\w-]{11}-(?P<written>\d+)-(?P<name>.+)", re.DOTALL)
logger = logging.getLogger(__name__)


def settled(folder: Path, now: datetime) -> list[Path]:
    """Files that have stopped growing, the oldest first."""
    found = []
    for path in folder.iterdir():
        if not path.is_file() or path.is_symlink() or _UNFINISHED.search(path.name):
            continue
        with suppress(FileNotFoundError):  # moved away since
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if now - written >= SETTLED:
                found.append((written, path))
    return [path for _, path in sorted(found)]


def claim(folder: Path, path: Path, now: datetime) -> Path | None:
    """Take the file from everybody else; None where somebody else has, or it cannot be moved: the others go on."""
    working = folder / WORKING
    try:
        working.mkdir(mode=0o700, exist_ok=True)
        written = max(int(path.stat().st_mtime), 0)
        target = working / f"{secrets.token_urlsafe(8)}-{written}-{path.name}"
        path.rename(target)
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.error("a file of the import folder cannot be taken (%s)", fault(error))
        return None
    with suppress(PermissionError):  # reading it then says so, and it is filed
        _taken_now(target, now)
    return target


def _taken_now(claimed: Path, now: datetime) -> None:
    """Only its owner may say how old a file is and who reads it: what another user wrote is copied."""
    times = (now.timestamp(), now.timestamp())
    try:
        os.utime(claimed, times)
    except PermissionError:
        copy = claimed.with_name(f"{secrets.token_urlsafe(8)}.tmp")
        shutil.copyfile(claimed, copy)
        copy.replace(claimed)
        os.utime(claimed, times)


def readable(name: str) -> str:
    """A name in another encoding than the system's, as far as it can be written down."""
    return os.fsencode(name).decode("utf-8", "replace")


def put_back(folder: Path, now: datetime) -> int:
    """Files of a worker that is gone."""
    left = [
        path
        for path in (folder / WORKING).glob("*")
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= LEFT_BEHIND
    ]
    for path in left:
        give_back(folder, path)
    return len(left)


def give_back(folder: Path, claimed: Path) -> None:
    """Under its own name, and as old as it was."""
    match = _CLAIMED.fullmatch(claimed.name)
    if match:
        os.utime(claimed, (int(match["written"]), int(match["written"])))
    claimed.rename(free_path(folder, match["name"] if match else claimed.name))


def written_at(claimed: Path, now: datetime) -> datetime:
    match = _CLAIMED.fullmatch(claimed.name)
    return datetime.fromtimestamp(int(match["written"]), UTC) if match else now


def free_path(folder: Path, name: str) -> Path:
    """A path in the folder that nothing has yet."""
    target = folder / name
    while target.exists() or target.with_name(f"{target.name}.report.json").exists():
        target = folder / f"{secrets.token_hex(3)}-{name}"
    return target
