"""What senders took, noted in DATA_DIR at once: a worker killed before the database has it leaves no doubt behind.

A note proves that its message went out; none proves nothing. Notes name no patient: a lease's token, and the receipt.
"""

import json
import logging
import os
import secrets
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from clinic_scheduler.domain.messaging.dispatch_rules import Claimed
from clinic_scheduler.services.messaging.outbox_outcomes import Proof, Sent

FOLDER = "taken"
# Long after any lease has run out.
KEPT = timedelta(days=1)
logger = logging.getLogger(__name__)


class TakenNotes:
    """The notes of one pass of a worker, in a file of their own, which stays while some outcome is not on record."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FOLDER / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._file: int | None = None
        self._opening = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            os.close(self._file)

    def add(self, claimed: Claimed, sent: Sent) -> None:
        """Never raises: the outcome is on its way into the database."""
        receipt = [sent.provider_reference, sent.detail, sent.sender]
        line = json.dumps({"token": claimed.token, "doubtful": claimed.doubtful, "receipt": receipt})
        try:
            # In one write, so that the lines of several threads stay whole.
            os.write(self._opened(), f"{line}\n".encode())
        except OSError as error:
            logger.error("what was taken could not be noted in DATA_DIR (%s)", error.strerror)

    def done(self) -> None:
        """All is on record."""
        self._path.unlink(missing_ok=True)

    def _opened(self) -> int:
        with self._opening:
            if self._file is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return self._file


def proofs(data_dir: Path, now: datetime) -> dict[str, Proof]:
    """By token, what workers that did not come to their end were told; what is too old to matter is removed."""
    found: dict[str, Proof] = {}
    for file in (data_dir / FOLDER).glob("*"):
        try:
            found |= dict(_proof(line) for line in file.read_text().splitlines())
            if datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo) < now - KEPT:
                file.unlink()
        except (OSError, ValueError, KeyError):
            # Cut short as the disk filled up, or gone meanwhile: what cannot be read proves nothing.
            logger.warning("a note of what was taken cannot be read")
    return found


def _proof(line: str) -> tuple[str, Proof]:
    note = json.loads(line)
    reference, detail, sender = note["receipt"]
    return note["token"], Proof(Sent(reference, detail, "", "", sender), note["doubtful"])
