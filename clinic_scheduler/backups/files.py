"""Making a backup file of a database, and reading one back: whole, checked, for its owner alone."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from clinic_scheduler.backups.rows import About, Lines, Sums, dump, load, revision_of, sums_of
from clinic_scheduler.backups.sealed import SealBroken, opening, sealing
from clinic_scheduler.backups.snapshot import moment


class BackupRefused(Exception):
    """It cannot be done as things stand; the message says why. Nothing was changed."""


def write_backup(engine: Engine, file: Path, key: str, now: datetime, folder: Path) -> Sums:
    """Every row of one moment into a new file, read back before it gets its name. `folder` is for a private copy.

    Raises BackupRefused or DatabaseDamaged, and leaves no file behind then.
    """
    if file.exists():
        raise BackupRefused(f"{file} is there already. Nothing was changed; choose another name.")
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            with moment(engine, folder) as connection, sealing(out, key) as packed:
                revision = revision_of(connection)
                if revision is None:
                    raise BackupRefused("The database has no tables, so there is nothing to keep.")
                sums = dump(connection, packed, About(now, revision, connection.dialect.name))
            out.flush()
            os.fsync(out.fileno())
        if check_backup(fresh, key)[1] != sums:
            raise SealBroken("What was written does not read back as it was; is the disk in order?")
        os.rename(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
    return sums


def check_backup(file: Path, key: str) -> tuple[About, Sums]:
    """What the file is about and what it holds, every byte of it checked. Raises SealBroken."""
    with _lines(file, key) as lines:
        return lines.about, lines.check()


def load_backup(connection: Connection, file: Path, key: str) -> Sums:
    """The file's rows into empty tables of its revision, then compared row by row. Raises SealBroken."""
    with _lines(file, key) as lines:
        load(connection, lines)
    if sums_of(connection) != lines.sums:
        raise SealBroken("The restored rows are not those of the backup.")
    return lines.sums


@contextmanager
def _lines(file: Path, key: str) -> Iterator[Lines]:
    with file.open("rb") as sealed, opening(sealed, key) as source:
        yield Lines(source)
