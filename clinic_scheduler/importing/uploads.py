"""The folder in which an uploaded log and its rows wait: what its files are called, and when they are taken away.

Names say when the upload was made and nothing else: 1764500000-<random>.rows. Web processes write there; the
worker sweeps it.
"""

import os
import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

KEPT = timedelta(hours=1)
_NAME = re.compile(r"(\d{1,12})-[\w-]{22}")
_FILE = re.compile(rf"{_NAME.pattern}\.[\w.]+")


def folder_in(data_dir: Path) -> Path:
    return data_dir / "uploads"


def fresh_name(at: datetime) -> str:
    return f"{int(at.timestamp())}-{secrets.token_urlsafe(16)}"


def name_beside(name: str) -> str:
    """Another name of the same moment, so that what gets it is kept no longer."""
    return f"{name.partition('-')[0]}-{secrets.token_urlsafe(16)}"


def still_kept(name: str, at: datetime) -> bool:
    """Whether an upload of that name may be used at that time; what is no name of an upload never is."""
    match = _NAME.fullmatch(name)
    return match is not None and int(match[1]) >= (at - KEPT).timestamp()


def private(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read, from its first byte."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def put(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader sees the old file or the new one."""
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    with private(fresh) as out:
        out.write(content)
    os.replace(fresh, path)


def sweep(folder: Path, at: datetime) -> int:
    """Take away what is older than an hour, and say how many files that were. Files of others stay."""
    oldest = (at - KEPT).timestamp()
    old = [
        path
        for path in folder.glob("*-*")
        if (match := _FILE.fullmatch(path.name)) and int(match[1]) < oldest
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
