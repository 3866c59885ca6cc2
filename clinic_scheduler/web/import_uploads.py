"""An uploaded log while its columns are being chosen: kept apart, for one person's sign-in, an hour at most.

Where nothing needs choosing no upload is kept at all. Names say when they were made; `import_files` sweeps them.
"""

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask import session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.web.context import actor, now, settings

_KEY = "import_upload"
_NAME = re.compile(r"\d{1,12}-[\w-]{22}")


@dataclass(slots=True)
class Upload:
    """`mapping` is what is said of the file so far, as a mapping file has it."""

    name: str
    user_id: int
    clinic_id: int
    filename: str
    mapping: dict[str, Any] = field(default_factory=dict)
    remember: bool = True

    def content(self) -> bytes:
        try:
            return _path(self.name, ".upload").read_bytes()
        except OSError:
            raise NotFound("no import is under way") from None


def keep(content: bytes, filename: str, mapping: dict[str, Any]) -> None:
    """In place of whatever this sign-in had uploaded before."""
    drop()
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{int(now().timestamp())}-{secrets.token_urlsafe(16)}"
    with _private(_path(name, ".upload")) as out:
        out.write(content)
    save(Upload(name, actor().user_id or 0, actor().clinic_id, filename, mapping))
    session[_KEY] = name


def save(upload: Upload) -> None:
    """Whole or not at all."""
    path = _path(upload.name, ".asked")
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    with _private(fresh) as out:
        out.write(json.dumps(asdict(upload)).encode())
    os.replace(fresh, path)


def current() -> Upload:
    """What this sign-in has uploaded. Raises NotFound where that is nothing, or nothing any more."""
    name = str(session.get(_KEY, ""))
    try:
        if not _NAME.fullmatch(name):
            raise ValueError(name)
        upload = Upload(**json.loads(_path(name, ".asked").read_bytes()))
    except (OSError, ValueError):
        raise NotFound("no import is under way") from None
    if (upload.user_id, upload.clinic_id) != (actor().user_id, actor().clinic_id):
        raise NotFound("no import is under way")
    return upload


def is_kept() -> bool:
    try:
        current()
    except NotFound:
        return False
    return True


def drop() -> None:
    """Leave nothing of it."""
    name = session.pop(_KEY, None)
    if name and _NAME.fullmatch(name):
        for ending in (".upload", ".asked"):
            _path(name, ending).unlink(missing_ok=True)


def _folder() -> Path:
    return settings().data_dir / "uploads"


def _path(name: str, ending: str) -> Path:
    return _folder() / f"{name}{ending}"


def _private(path: Path) -> Any:
    """A new file that its owner alone may read, from its first byte."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
