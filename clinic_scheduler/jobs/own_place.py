"""What this installation knows of its own sending, outside the database: the newest message sent, in DATA_DIR.

A database that does not have it is older than it should be, and nothing is sent from it before somebody answers.
"""

import json
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clinic_scheduler.domain.messaging.sending_holds import Here, LastSent

LAST_SENT = "last_sent.json"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OwnPlace:
    """`marks` and `base_url` as the database is marked with them; the file holds no patient's data."""

    folder: Path
    marks: tuple[str, ...]
    base_url: str

    def here(self) -> Here:
        kept = self._kept()
        return Here(_all_marks(self.marks, kept), self.base_url, _last_sent(kept))

    def sent(self, uid: str, at: datetime) -> None:
        """Keep the newest; never raises, since the message is on record in the database."""
        known = {"marks": _all_marks(self.marks, self._kept()), "message": uid, "at": at.isoformat()}
        fresh = self.folder / f".{LAST_SENT}.{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(json.dumps(known), encoding="ascii")
            os.replace(fresh, self.folder / LAST_SENT)
        except OSError as error:
            logger.error("what was sent last could not be kept in DATA_DIR (%s)", error.strerror)

    def _kept(self) -> Mapping[str, Any]:
        """What cannot be read is not known: then a database where nobody was at work lately is asked about."""
        try:
            kept = json.loads((self.folder / LAST_SENT).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _all_marks(own: Sequence[str], kept: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of secrets that were rotated out since as well."""
    return tuple(dict.fromkeys([*own, *kept.get("marks", ())]))


def _last_sent(kept: Mapping[str, Any]) -> LastSent | None:
    try:
        return LastSent(kept["message"], datetime.fromisoformat(kept["at"]))
    except (ValueError, KeyError, TypeError):
        return None
