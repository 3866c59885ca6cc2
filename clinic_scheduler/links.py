"""Addresses that patients are given: what each token says, and that nobody else made it. No rows, no requests."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True, slots=True)
class VisitLink:
    """Leave to answer for one visit at one time; a visit that was moved since is another one."""

    appointment_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class OptOutLink:
    """Leave to stop one purpose on one channel for one patient."""

    patient_id: int
    purpose: str
    channel: str


@dataclass(frozen=True)
class Links:
    """`keys` are the installation's, the newest first; tokens signed with a former one still hold."""

    base_url: str
    keys: Sequence[str] = field(repr=False)

    def visit(self, link: VisitLink) -> str:
        """The page where a patient confirms, or asks to move; void once the visit has begun."""
        until = int(link.starts_at.timestamp())
        return f"{self.base_url}/v/{self._signed('visit', [link.appointment_id, until])}"

    def read_visit(self, token: str, now: datetime) -> VisitLink | None:
        """None for a forged token, or one whose hour has come."""
        read = self._read("visit", token)
        if read is None or read[1] <= now.timestamp():
            return None
        return VisitLink(read[0], datetime.fromtimestamp(read[1], UTC))

    def opt_out(self, link: OptOutLink) -> str:
        """The page, and the one-click address (RFC 8058), that stop such messages; it never expires."""
        said = [link.patient_id, link.purpose, link.channel]
        return f"{self.base_url}/u/{self._signed('opt-out', said)}"

    def read_opt_out(self, token: str) -> OptOutLink | None:
        read = self._read("opt-out", token)
        return None if read is None else OptOutLink(*read)

    def calendar_token(self, uid: str) -> str:
        """The calendar link's token: 256 bits made from its id and the newest key, so that it can be told again."""
        return _calendar_token(self.keys[0], uid)

    def calendar_tokens(self, uid: str) -> list[str]:
        """The token as it was under each key; which one was given, its stored hash says."""
        return [_calendar_token(key, uid) for key in self.keys]

    def subscribe_page(self, token: str) -> str:
        return f"{self.base_url}/c/{token}"

    def calendar(self, token: str) -> str:
        return f"{self.base_url}/calendar/{token}.ics"

    def _signed(self, salt: str, said: list[Any]) -> str:
        return str(URLSafeSerializer(self.keys[0], salt=salt).dumps(said))

    def _read(self, salt: str, token: str) -> list[Any] | None:
        # itsdangerous signs with the last key and tries them all, from the last to the first.
        try:
            read: list[Any] = URLSafeSerializer(list(reversed(self.keys)), salt=salt).loads(token)
        except BadSignature:
            return None
        return read


def _calendar_token(key: str, uid: str) -> str:
    digest = hmac.digest(key.encode(), b"calendar-link:" + uid.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
