"""Why sending is held until somebody answers for what may have gone out already, and what can be answered."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class SendingHoldReason(StrEnum):
    """What was found about the database that messages would be sent from."""

    RESTORED = "restored"
    OLDER = "older"
    UNMARKED = "unmarked"
    NEW_PLACE = "new_place"
    OTHER_ADDRESS = "other_address"


REASON_WORDS = MappingProxyType(
    {
        SendingHoldReason.RESTORED: "This database was restored from a backup.",
        SendingHoldReason.OLDER: "This database is older than what this installation knows it has sent.",
        SendingHoldReason.UNMARKED: "This database does not carry the mark of this installation.",
        SendingHoldReason.NEW_PLACE: (
            "This data folder knows nothing of what was sent from this database, and nobody has sent from it lately."
        ),
        SendingHoldReason.OTHER_ADDRESS: "This database was last sent from under another BASE_URL.",
    }
)


class GapAnswer(StrEnum):
    """What becomes of the messages of one kind that may have gone out in the gap."""

    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class LastSent:
    """A message that a data folder knows was sent, by its opaque name, and when."""

    uid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Here:
    """The installation that would send: its marks, its own first, its address, what it last sent."""

    marks: Sequence[str]
    base_url: str
    last_sent: LastSent | None = None

    def is_at(self, base_url: str) -> bool:
        """The same address; on this very machine whatever the port, as nobody else is reached by it."""
        return base_url == self.base_url or {_host(base_url), _host(self.base_url)} <= _THIS_MACHINE


def _host(base_url: str) -> str | None:
    return urlsplit(base_url).hostname


def marks_of(keys: Sequence[str]) -> tuple[str, ...]:
    """What an installation with these secrets leaves in its database; it tells nothing of them."""
    return tuple(hmac.digest(key.encode(), b"installation", hashlib.sha256).hex()[:32] for key in keys)
